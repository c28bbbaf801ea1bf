package imports_test

import (
	"strings"
	"testing"

	"signpost/internal/app"
	"signpost/internal/careid/identity"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

// Staff records are read dry at first, and say what is refused.
func TestImportStaffRecords(t *testing.T) {
	data := t.TempDir()
	d, err := cli.System{Data: data}.Open(t.Context(), app.CareID)
	if err != nil {
		t.Fatal(err)
	}
	ada, err := db.Write(t.Context(), d, actor.ForCommand("test"), func(w *db.W) (identity.Identity, error) {
		return identity.Add(t.Context(), w, identity.New{GivenName: "Ada", FamilyName: "Example"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := cli.CloseIfOpen(d); err != nil {
		t.Fatal(err)
	}
	file := commandtest.Write(t, "staff.csv", "uuid,email,left\n"+ada.UUID+",ada@nhs.net,2026-10-31\n12,x@nhs.net,\n")
	for _, step := range []struct {
		contains string
		args     []string
	}{
		{"1 staff records, 1 of people who leave or left, 1 refused", nil}, {"row 3, uuid", nil},
		{"Nothing was written. To write it: signpost import staff-records", nil},
		{`"applied":true`, []string{"--apply", "--json"}},
	} {
		out, errs, code := run(t, append([]string{"import", "staff-records", file, "--data", data}, step.args...)...)
		if code != cli.ExitRefused || !strings.Contains(out+errs, step.contains) {
			t.Errorf("%v: exit %d, %s%s", step.args, code, out, errs)
		}
	}
	out, errs, code := run(t, "import", "staff-records", file, "--data", t.TempDir())
	if code != cli.ExitFailed || !strings.Contains(out+errs, "no Care Identities here yet") {
		t.Errorf("without a care identity side: exit %d, %s%s", code, out, errs)
	}
}
