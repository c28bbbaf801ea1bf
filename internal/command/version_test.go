package command

import (
	"strings"
	"testing"

	"signpost/internal/command/cli"
)

func TestVersionNamesTheCommitsTimeInLondon(t *testing.T) {
	for at, want := range map[string]string{
		"2027-06-30T23:30:00Z": "commit 0123456789ab of 1 July 2027 at 12:30am",
		"2027-12-31T23:30:00Z": "commit 0123456789ab of 31 December 2027 at 11:30pm",
	} {
		b := build{Version: "v1", Commit: "0123456789abcdef", Time: at}
		if got := b.String(); !strings.Contains(got, want) {
			t.Errorf("%q does not say %q", got, want)
		}
	}
}

func TestLicences(t *testing.T) {
	out, errs, code := run(t, "licences")
	if code != cli.ExitDone || errs != "" || !strings.Contains(out, "== modernc.org/sqlite ") ||
		!strings.Contains(out, "== nhsuk-frontend ") {
		t.Errorf("exit %d, %s, %.200s", code, errs, out)
	}
}
