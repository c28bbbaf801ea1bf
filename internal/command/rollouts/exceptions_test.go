package rollouts_test

import (
	"strings"
	"testing"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/config"
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
}
