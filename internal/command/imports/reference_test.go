package imports_test

import (
	"errors"
	"strings"
	"testing"

	"signpost/internal/app"
	"signpost/internal/careid/access"
	"signpost/internal/careid/access/reference"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

// The national lists are read dry at first, say what they refuse and why, and the same file again changes nothing.
func TestImportNationalLists(t *testing.T) {
	data := t.TempDir()
	d, err := cli.System{Data: data}.Open(t.Context(), app.CareID)
	if err != nil {
		t.Fatal(err)
	}
	err = d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		_, err := access.AddPosition(t.Context(), w, access.Position{
			Organisation: "ZTR", Name: "Consultant", Profiles: access.One("R0050", "B0002"),
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := cli.CloseIfOpen(d); err != nil {
		t.Fatal(err)
	}
	roles := commandtest.Write(t, "roles.csv", "code,name\nR8008,Admin/Clinical Support Access Role\n"+
		"R0050,Consultant\nX1,Nobody\nR0050,Consultant again\n")
	whole := commandtest.Write(t, "whole.csv", "code,name,retired\n"+
		`S0010:G0020:R0050,"""Medical"":""Consultant"":""Consultant""",yes`+"\n")
	bare := commandtest.Write(t, "bare.csv", "code,name\nR0050,Consultant\n")
	activities := commandtest.Write(t, "activities.csv", "code,name,parent,roles\nB0001,Top,,\n"+
		"B0002,Middle,B0001,R0050 R8008\nB0003,Lost,B7777,\nB0004,Below the lost,B0003,\n")
	ring := commandtest.Write(t, "ring.csv", "code,name,parent\nB0001,Top,B0002\n")
	for _, step := range []struct {
		contains string
		code     int
		args     []string
	}{
		{"4 rows: 1 to add, 0 to change, 1 unchanged, 2 refused", cli.ExitRefused, []string{"roles", roles}},
		{"row 4, code: ", cli.ExitRefused, []string{"roles", roles}},
		{"row 5, code: Row 3 has the same code", cli.ExitRefused, []string{"roles", roles}},
		{"Nothing was written. To write it: signpost import roles", cli.ExitRefused, []string{"roles", roles}},
		{`"added":1`, cli.ExitRefused, []string{"roles", roles, "--apply", "--json"}},
		{"0 to add, 0 to change, 2 unchanged", cli.ExitRefused, []string{"roles", roles, "--apply"}},
		{"6 that are known here are not in the file", 0, []string{"roles", whole}},
		{"1 access profiles of positions have other names", 0, []string{"roles", whole, "--apply"}},
		{"0 to change, 1 unchanged", 0, []string{"roles", bare, "--apply"}},
		{"row 4, parent: No activity has the code B7777", cli.ExitRefused, []string{"activities", activities}},
		{"row 5, parent: No activity has the code B0003", cli.ExitRefused, []string{"activities", activities}},
		{"2 to add", cli.ExitRefused, []string{"activities", activities, "--apply"}},
		{"2 unchanged, 2 refused", cli.ExitRefused, []string{"activities", activities, "--apply"}},
		{"would stand above itself", cli.ExitRefused, []string{"activities", ring, "--apply"}},
	} {
		out, errs, code := run(t, append(append([]string{"import"}, step.args...), "--data", data)...)
		if code != step.code || !strings.Contains(out+errs, step.contains) {
			t.Errorf("%v: exit %d, %s%s; want %d with %q", step.args, code, out, errs, step.code, step.contains)
		}
	}
	if d, err = (cli.System{Data: data}).Open(t.Context(), app.CareID); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cli.CloseIfOpen(d) }()
	err = d.View(t.Context(), func(r db.R) error {
		found, err := reference.RolesBy(t.Context(), r, []string{"R0050", "R8008"})
		consultant := found["R0050"]
		if !consultant.Retired || consultant.Code.String() != "S0010:G0020:R0050" ||
			consultant.FullName() != `"Medical":"Consultant":"Consultant"` {
			t.Errorf("what a whole list said is lost by a short one: %+v", consultant)
		}
		h, err2 := reference.HierarchyOf(t.Context(), r, "R0050", "R8008")
		if !h.Has("R0050", nil, "B0001") || h.Has("R8008", nil, "B0166") || !h.Has("R8008", nil, "B0278") {
			t.Errorf("what comes with roles: %+v", h)
		}
		positions, err3 := access.PositionsAt(t.Context(), r, "ZTR")
		if f := positions[0].Profiles[0]; f.RoleName() != consultant.FullName() || f.ActivityNames()[0] != "Middle" {
			t.Errorf("a position of before is called %s, %v", f.RoleName(), f.ActivityNames())
		}
		err = errors.Join(err, err2, err3)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	out, errs, code := run(t, "import", "roles", roles, "--data", t.TempDir())
	if code != cli.ExitFailed || !strings.Contains(out+errs, "no Care Identities here yet") {
		t.Errorf("without a care identity side: exit %d, %s%s", code, out, errs)
	}
}
