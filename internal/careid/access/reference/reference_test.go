package reference_test

import (
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/access/reference"
	"signpost/internal/careid/schema"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/sheet"
)

// What is published is there from the start, and agrees with the codes that are decided by.
func TestWhatIsPublishedIsThere(t *testing.T) {
	d := dbtest.Open(t, schema.Files, clocktest.At(time.Date(2026, 12, 3, 12, 0, 0, 0, time.UTC)))
	err := d.View(t.Context(), func(r db.R) error {
		roles, err := reference.Roles(t.Context(), r)
		if err != nil {
			return err
		}
		for _, role := range roles {
			full, known := rbac.Full(role.Code.Job)
			name, _ := rbac.RoleName(role.Code.Job)
			if !known || full != role.Code || name != role.FullName() {
				t.Errorf("%+v: %v %s", role, full, name)
			}
		}
		activities, err := reference.Activities(t.Context(), r)
		if err != nil {
			return err
		}
		names := map[string]reference.Activity{}
		for _, a := range activities {
			names[a.Code] = a
		}
		for _, code := range []string{rbac.DirectoryUIAccess, rbac.CheckIdentity, rbac.ApproveRequests} {
			if name, _ := rbac.ActivityName(code); names[code].Name != name {
				t.Errorf("%s is %q, and %q", code, names[code].Name, name)
			}
		}
		manages := names["B8029"]
		if len(roles) != 6 || len(activities) < 60 || len(manages.Parents) != 1 || len(manages.Roles) != 1 {
			t.Errorf("%d roles, %d activities, %+v", len(roles), len(activities), manages)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A file replaces what stands above an activity and what it comes with only where it has the columns.
func TestActivitiesKeepWhatTheFileDoesNotSay(t *testing.T) {
	d := dbtest.Open(t, schema.Files, clocktest.At(time.Date(2026, 12, 3, 12, 0, 0, 0, time.UTC)))
	save := func(text string) {
		t.Helper()
		looked, err := sheet.Look(strings.NewReader(text), 0)
		if err != nil {
			t.Fatal(err)
		}
		f, err := reference.ReadActivities(looked)
		if err != nil || len(f.Refused) > 0 {
			t.Fatalf("%v %+v", err, f.Refused)
		}
		if _, err := reference.SaveActivities(t.Context(), d, actor.ForCommand("test"), f); err != nil {
			t.Fatal(err)
		}
	}
	of := func(code string) (a reference.Activity) {
		t.Helper()
		list, err := db.Read(t.Context(), d, func(r db.R) ([]reference.Activity, error) {
			return reference.Activities(t.Context(), r)
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range list {
			if one.Code == code {
				return one
			}
		}
		return a
	}
	save("code,name\nB8029,Renamed\n")
	if a := of("B8029"); a.Name != "Renamed" || len(a.Parents) != 1 || len(a.Roles) != 1 {
		t.Errorf("names alone took something away: %+v", a)
	}
	save("code,name,parent,roles,retired\nB8029,Renamed,,R8001,yes\n")
	if a := of("B8029"); len(a.Parents) != 0 || len(a.Roles) != 1 || a.Roles[0] != "R8001" || !a.Retired {
		t.Errorf("the columns did not replace what there was: %+v", a)
	}
	save("code,name\nB8029,Renamed\n")
	if a := of("B8029"); !a.Retired {
		t.Errorf("the retired mark went: %+v", a)
	}
}
