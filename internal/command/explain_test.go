package command

import (
	"encoding/json"
	"strings"
	"testing"

	"signpost/internal/careid/login/devicecheck"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/dos/explain"
	"signpost/internal/national/device"
	"signpost/internal/platform/clock"
)

// signpost explain says what works for somebody now, as text and for programs, and that nobody is called so.
func TestExplain(t *testing.T) {
	data := t.TempDir()
	step := func(want int, args ...string) string {
		t.Helper()
		out, errs, code := run(t, append(args, "--data", data)...)
		if code != want {
			t.Fatalf("%v: exit %d, %s%s", args, code, out, errs)
		}
		return out
	}
	file := commandtest.Write(t, "accounts.csv", "username,first name,email\nbo,Bo,bo@example.nhs.uk\n")
	step(cli.ExitDone, "import", "accounts", file, "--apply")
	text := step(cli.ExitDone, "explain", "login", "BO")
	for _, want := range []string{"Bo (bo)", "Log in with the username and password: No. The account has no password.",
		"Log in with the Care Identity: No. No Care Identity is linked to the account."} {
		if !strings.Contains(text, want) {
			t.Errorf("explain login lacks %q: %s", want, text)
		}
	}
	var e explain.Explanation
	out := step(cli.ExitDone, "explain", "link", "bo@example.nhs.uk", "--json")
	err := json.Unmarshal([]byte(out), &e)
	if err != nil || e.Username != "bo" || len(e.Answers) != 2 || e.Answers[0].Yes {
		t.Errorf("explain link: %v %s", err, out)
	}
	step(cli.ExitFailed, "explain", "login", "nobody")
	code := device.Result{device.Script: device.Yes, device.WebAuthn: device.No}.Code(clock.System{}.Now())
	text = step(cli.ExitDone, "explain", "device", device.Show(code))
	for _, want := range []string{"Security Key: Does not work", "Who does this: your local IT team.", device.Show(code)} {
		if !strings.Contains(text, want) {
			t.Errorf("explain device lacks %q: %s", want, text)
		}
	}
	if spoken := step(cli.ExitDone, append([]string{"explain", "device"},
		strings.Fields(strings.ToLower(device.Show(code)))...)...); spoken != text {
		t.Errorf("explain device of a code with spaces: %s", spoken)
	}
	out = step(cli.ExitDone, "explain", "device", code, "--json")
	var d devicecheck.Explanation
	if err := json.Unmarshal([]byte(out), &d); err != nil || len(d.Kinds) == 0 || d.Code != device.Show(code) {
		t.Errorf("explain device: %v %s", err, out)
	}
	step(cli.ExitFailed, "explain", "device", code[1:])
}
