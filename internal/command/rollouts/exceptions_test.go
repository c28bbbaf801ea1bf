package rollouts_test

import (
	"strings"
	"testing"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/config"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
	"signpost/internal/platform/worldtest"
)

// signpost rollout exceptions does what the pages do, and the command line is one asker: it does not decide about what
// it asked for. signpost rollout allow sets the days of work of a wave.
func TestRolloutExceptions(t *testing.T) {
	data := t.TempDir()
	step := func(want int, args ...string) string {
		t.Helper()
		out, errs, code := run(t, append(append([]string{"rollout"}, args...), "--data", data)...)
		if code != want {
			t.Fatalf("%v: exit %d, %s%s", args, code, out, errs)
		}
		return out + errs
	}
	file := commandtest.Write(t, "accounts.csv", "username,first name,email,groups\nbo,Bo,bo@example.nhs.uk,\n"+
		"cy,Cy,cy@example.nhs.uk,\nal,Al,al@example.nhs.uk,User administrator @ everywhere\n")
	if out, errs, code := run(t, "import", "accounts", file, "--apply", "--data", data); code != cli.ExitDone {
		t.Fatalf("import: %s%s", out, errs)
	}
	cfg, err := config.Read("", data)
	worldtest.Check(t, err)
	_, err = app.OpenBox(cfg, true)
	worldtest.Check(t, err)
	addWave(t, cfg)
	for _, tt := range []struct {
		code int
		want string
		args []string
	}{
		{cli.ExitDone, "Asked for, not decided: 0", []string{"exceptions", "list"}},
		{cli.ExitUsage, "--reason", []string{"exceptions", "give", "bo"}},
		{cli.ExitFailed, "No account has the username nobody", []string{"exceptions", "give", "nobody", "--reason", "x"}},
		{cli.ExitFailed, "no exception now", []string{"exceptions", "end", "bo"}},
		{cli.ExitDone, "works for 24 hours", []string{"exceptions", "give", "bo", "--reason", "On call"}},
		{cli.ExitDone, "bo: until", []string{"exceptions", "list", "--wave", "north"}},
		{cli.ExitDone, `"running":[{"username":"bo"`, []string{"exceptions", "list", "--json"}},
		{cli.ExitDone, "has ended", []string{"exceptions", "end", "bo"}},
		{cli.ExitDone, "works for 24 hours", []string{"exceptions", "give", "bo", "--reason", "On call"}},
		{cli.ExitFailed, "twice within a week", []string{"exceptions", "give", "bo", "--reason", "On call"}},
		{cli.ExitFailed, "from 1 to 180", []string{"exceptions", "ask", "cy", "--days", "200", "--reason", "Leave"}},
		{cli.ExitDone, "30 days are asked for", []string{"exceptions", "ask", "cy", "--days", "30", "--reason", "Leave"}},
		{cli.ExitDone, "cy: 30 days, asked by signpost rollout", []string{"exceptions", "list"}},
		{cli.ExitFailed, "You asked for this yourself", []string{"exceptions", "decide", "cy", "--decision", "approve",
			"--reason", "Yes"}},
		{cli.ExitFailed, "Nobody asks for bo", []string{"exceptions", "decide", "bo", "--decision", "refuse",
			"--reason", "No"}},
		{cli.ExitUsage, "decision", []string{"exceptions", "decide", "bo", "--decision", "perhaps"}},
		{cli.ExitDone, "on 9 days of work", []string{"allow", "North", "--days", "9", "--reason", "Holidays"}},
		{cli.ExitFailed, "from 0 to 30", []string{"allow", "North", "--days", "99", "--reason", "Holidays"}},
		{cli.ExitUsage, "--reason", []string{"allow", "North", "--days", "9"}},
	} {
		if out := step(tt.code, tt.args...); !strings.Contains(out, tt.want) {
			t.Errorf("%v lacks %q: %s", tt.args, tt.want, out)
		}
	}
	change(t, cfg, func(w *db.W) error {
		_, err := wave.Add(t.Context(), w, wave.Wave{Name: "South", Phase: path.Prepare})
		return err
	})
	change(t, cfg, func(w *db.W) error { return asksFor(t, w, "al", "bo") })
	step(cli.ExitDone, "exceptions", "decide", "al", "--decision", "refuse", "--reason", "No")
	running := func(wave, want string) {
		t.Helper()
		if out := step(cli.ExitDone, "exceptions", "list", "--wave", wave); !strings.Contains(out, want) {
			t.Errorf("wave %s lacks %q: %s", wave, want, out)
		}
	}
	running("north", "Running now: 1") // of bo
	change(t, cfg, func(w *db.W) error { return asksFor(t, w, "al", "bo") })
	step(cli.ExitDone, "exceptions", "decide", "al", "--decision", "approve", "--reason", "Yes")
	running("north", "Running now: 2")
	running("south", "Running now: 0")
}

// asksFor has somebody ask that the password of somebody works for 9 days.
func asksFor(t *testing.T, w *db.W, username, by string) error {
	t.Helper()
	_, err := w.Exec(t.Context(), `INSERT INTO wave_exception_request (id, account_id, days, reason, asked_by, asked_name,
		asked_at) SELECT CAST($1 AS TEXT), a.id, 9, 'Leave', b.id, b.username, 1 FROM account a, account b
		WHERE a.username = $2 AND b.username = $3`, random.ID(), username, by)
	if err != nil {
		return err
	}
	return w.Record(t.Context(), audit.Event{Kind: "test.done", Subject: audit.Ref{Kind: "test", ID: username}})
}

// change changes the directory's database, which no program has open.
func change(t *testing.T, cfg config.Config, do func(w *db.W) error) {
	t.Helper()
	d, err := app.OpenDatabase(t.Context(), cfg, app.DoS)
	worldtest.Check(t, err)
	worldtest.Check(t, d.Update(t.Context(), operator, do))
	worldtest.Check(t, d.Close())
}
