package rollouts_test

import (
	"encoding/json"
	"strings"
	"testing"

	"signpost/internal/app"
	"signpost/internal/command"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/config"
	"signpost/internal/dos/rollout/results"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

var operator = actor.ForCommand("rollout")

// run runs the command line.
func run(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	return commandtest.Main(command.Main).Run(t, args...)
}

// signpost rollout refuses what it cannot do with words that name the cure, and says what the pages of waves say.
func TestRollout(t *testing.T) {
	data := t.TempDir()
	step := func(want int, args ...string) (out, errs string) {
		t.Helper()
		out, errs, code := run(t, append(append([]string{"rollout"}, args...), "--data", data)...)
		if code != want {
			t.Fatalf("%v: exit %d, %s%s", args, code, out, errs)
		}
		return out, errs
	}
	if _, errs := step(cli.ExitFailed, "status"); !strings.Contains(errs, "Start it first") {
		t.Errorf("nowhere: %s", errs)
	}
	file := commandtest.Write(t, "accounts.csv", "username,first name,email\nbo,Bo,bo@example.nhs.uk\n")
	if out, errs, code := run(t, "import", "accounts", file, "--apply", "--data", data); code != cli.ExitDone {
		t.Fatalf("import: %s%s", out, errs)
	}
	cfg, err := config.Read("", data)
	worldtest.Check(t, err)
	_, err = app.OpenBox(cfg, true)
	worldtest.Check(t, err)
	if out, _ := step(cli.ExitDone, "plan"); !strings.Contains(out, "There are no waves yet") {
		t.Errorf("plan: %s", out)
	}
	var list []any
	out, _ := step(cli.ExitDone, "status", "--json")
	if err := json.Unmarshal([]byte(out), &list); err != nil || list == nil || len(list) != 0 {
		t.Errorf("status --json: %v %s", err, out)
	}
	for _, args := range [][]string{{"start", "North", "--to", "choose"}, {"undo", "North"},
		{"pause", "North", "--reason", "Full"}, {"simulate", "North", "--to", "choose"}} {
		if _, errs := step(cli.ExitFailed, args...); !strings.Contains(errs, "No wave is called North") {
			t.Errorf("%v: %s", args, errs)
		}
	}
	for _, args := range [][]string{{"start", "North", "--to", "prepare"}, {"start", "North"},
		{"start", "North", "--to", "choose", "--apply"}, {"undo", "North", "--apply"}, {"pause", "North"}, {"none"},
		{"simulate"}, {"simulate", "North", "--to", "soon"}, {"forecast", "--before", "soon"},
		{"outcome", "--month", "soon"}} {
		step(cli.ExitUsage, args...)
	}
	addWave(t, cfg)
	if out, _ := step(cli.ExitDone, "plan"); !strings.Contains(out, "lack guidance of 14 days for the next phase: 1, "+
		"such as bo") {
		t.Errorf("who lacks guidance is not planned for: %s", out)
	}
	_, errs := step(cli.ExitFailed, "start", "North", "--to", "choose", "--apply", "--reason", "Everybody was told")
	if !strings.Contains(errs, "has had the guidance") {
		t.Errorf("started before anybody was told: %s", errs)
	}
	waitForNobody(t, cfg)
	for _, tt := range []struct {
		want string
		args []string
	}{
		{"Everybody: no forecast yet; people without a forecast: 1", []string{"forecast"}},
		{"Nobody yet: it is not known what is missing: waiting 1", []string{"forecast", "--before", "31 March 2090"}},
		{"North: prepare, accounts 1, linked 0", []string{"plan"}},
		{"The change would lock nobody out. Already locked out: 1 of 1.", []string{"simulate", "north", "--to", "require", "--save"}},
		{"Make a code to link the account without a password", []string{"simulate", "--to", "closed"}},
		{`"locked_out":1`, []string{"simulate", "--to", "closed", "--json"}},
		{"Nothing was changed", []string{"start", "north", "--to", "choose"}},
		{"North: prepare", []string{"status"}},
		{"North is paused", []string{"pause", "North", "--reason", "The help desk is full"}},
		{"the next phase cannot begin now: The wave is paused", []string{"status"}},
		{"North is not paused any more", []string{"pause", "North", "--resume", "--reason", "There is help"}},
		{"from prepare to choose, accounts 1, of which not linked 1", []string{"start", "North", "--to", "choose",
			"--apply", "--reason", "Everybody was told"}},
		{"North: choose since", []string{"status"}},
		{"back to prepare, accounts: 1", []string{"undo", "North"}},
		{"North: choose", []string{"status"}},
		{"The start is undone", []string{"undo", "North", "--apply", "--reason", "Too early"}},
		{"North: prepare", []string{"status"}},
	} {
		if out, _ := step(cli.ExitDone, tt.args...); !strings.Contains(out, tt.want) {
			t.Errorf("%v lacks %q: %s", tt.args, tt.want, out)
		}
	}
	if _, errs := step(cli.ExitFailed, "undo", "North"); !strings.Contains(errs, "no start that can be undone") {
		t.Errorf("undone twice: %s", errs)
	}
}

// signpost rollout outcome says what the report of a month says, as text, JSON and CSV.
func TestRolloutOutcome(t *testing.T) {
	data := t.TempDir()
	file := commandtest.Write(t, "accounts.csv", "username,first name,email\nbo,Bo,bo@example.nhs.uk\n")
	if out, errs, code := run(t, "import", "accounts", file, "--apply", "--data", data); code != cli.ExitDone {
		t.Fatalf("import: %s%s", out, errs)
	}
	cfg, err := config.Read("", data)
	worldtest.Check(t, err)
	_, err = app.OpenBox(cfg, true)
	worldtest.Check(t, err)
	d, err := app.OpenDatabase(t.Context(), cfg, app.DoS)
	worldtest.Check(t, err)
	last := results.MonthOf(d.Now()).Add(-1)
	worldtest.Check(t, d.Keep(t.Context(), func(k *db.K) error {
		_, err := k.Exec(t.Context(), `INSERT INTO outcome_day (day, wave_id, way, outcome, people, tries)
			VALUES ($1, '', 'TOTP', 'enter', 11, 19), ($1, '', 'TOTP', 'no-position', 1, 1)`,
			last.Ends().AddDate(0, 0, -1))
		return err
	}))
	worldtest.Check(t, d.Close())
	for flag, wants := range map[string][]string{
		"--month=" + last.String(): {last.Title(), "Locked out: nobody. The target is 0.",
			"Logins that came in: 95%, of 20.", "by Authenticator app: came in 19, turned away 1"},
		"--json": {`"title":"Authenticator app","came_in":19,"turned_away":1`, `"time_to_ready":[]`},
		"--csv":  {"measure,of,value\r\n", "logins_came_in,Authenticator app,19\r\n", "lock_outs,,0\r\n"},
	} {
		out, errs, code := run(t, "rollout", "outcome", flag, "--data", data)
		for _, want := range wants {
			if code != cli.ExitDone || !strings.Contains(out, want) {
				t.Errorf("%s: exit %d, no %q in %s%s", flag, code, want, out, errs)
			}
		}
	}
	if _, errs, code := run(t, "rollout", "outcome", "--month", "2019-01", "--data", data); code != cli.ExitFailed ||
		!strings.Contains(errs, "Choose a later month") {
		t.Errorf("of long ago: %d %s", code, errs)
	}
}

// waitForNobody has waves begin their phases whoever was told.
func waitForNobody(t *testing.T, cfg config.Config) {
	t.Helper()
	d, err := app.OpenDatabase(t.Context(), cfg, app.DoS)
	worldtest.Check(t, err)
	worldtest.Check(t, d.Update(t.Context(), operator, func(w *db.W) error {
		list, err := wave.List(t.Context(), w)
		if err != nil {
			return err
		}
		return wave.SetGuidance(t.Context(), w, list[0].ID, 0, "test")
	}))
	worldtest.Check(t, d.Close())
}

// addWave makes a wave with everybody in it.
func addWave(t *testing.T, cfg config.Config) {
	t.Helper()
	d, err := app.OpenDatabase(t.Context(), cfg, app.DoS)
	worldtest.Check(t, err)
	worldtest.Check(t, d.Update(t.Context(), operator, func(w *db.W) error {
		id, err := wave.Add(t.Context(), w, wave.Wave{Name: "North", Phase: path.Prepare})
		if err != nil {
			return err
		}
		_, err = w.Exec(t.Context(), `INSERT INTO wave_member (account_id, wave_id) SELECT id, CAST($1 AS TEXT)
			FROM account`, id)
		return err
	}))
	worldtest.Check(t, d.Close())
}
