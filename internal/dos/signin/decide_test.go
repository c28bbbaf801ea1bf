package signin_test

import (
	"testing"

	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
)

// position is a role profile that opens the directory.
func position(id, organisation string) cis2.NationalRole {
	return cis2.NationalRole{
		PersonRoleID: id, OrgCode: organisation, RoleCode: "S8002:G8003:R8008", ActivityCodes: []string{"B0166"},
	}
}

// other is a role profile that does not.
func other(id, organisation, role string, activities ...string) cis2.NationalRole {
	return cis2.NationalRole{PersonRoleID: id, OrgCode: organisation, RoleCode: role, ActivityCodes: activities}
}

// nurse is somebody's job.
var nurse = other("9", "Z99Z9", "S8000:G8000:R8001", "B0560")

func TestDecide(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(f *signin.Facts)
		want   signin.Outcome
		role   string
	}{
		{"everything in order", func(*signin.Facts) {}, signin.Enter, "1"},
		{"nobody's account", func(f *signin.Facts) { f.Linked = false }, signin.NoAccount, ""},
		{"nobody's account and no position", func(f *signin.Facts) {
			f.Linked = false
			f.Roles = nil
		}, signin.NoAccount, ""},
		{"deactivated", func(f *signin.Facts) { f.Active = false }, signin.AccountInactive, ""},
		{"deactivated and no position", func(f *signin.Facts) {
			f.Active = false
			f.Roles = nil
		}, signin.AccountInactive, ""},
		{"no roles", func(f *signin.Facts) { f.Roles = nil }, signin.NoPosition, ""},
		{"another job only", func(f *signin.Facts) { f.Roles = []cis2.NationalRole{nurse} }, signin.NoPosition, ""},
		{"the role without the activity", func(f *signin.Facts) {
			f.Roles = []cis2.NationalRole{other("1", "Z99Z9", "S8002:G8003:R8008")}
		}, signin.NoPosition, ""},
		{"the role and the activity in two profiles", func(f *signin.Facts) {
			f.Roles = []cis2.NationalRole{
				other("1", "Z99Z9", "S8002:G8003:R8008", "B0560"), other("2", "Z99Z9", "S8000:G8000:R8001", "B0166"),
			}
		}, signin.NoPosition, ""},
		{"identity checked to level 2", func(f *signin.Facts) { f.IdentityLevel = 2 }, signin.IdentityLow, ""},
		{"identity not checked, nobody's account", func(f *signin.Facts) { *f = signin.Facts{} }, signin.IdentityLow, ""},
		{"the account has no organisation", func(f *signin.Facts) { f.Organisation = "" },
			signin.OrganisationUnknown, ""},
		{"L25 the position is at another organisation", func(f *signin.Facts) {
			f.Roles = []cis2.NationalRole{nurse, position("1", "RXK")}
		}, signin.OtherOrganisation, ""},
		{"the organisation in small letters", func(f *signin.Facts) { f.Organisation = "z99z9" }, signin.Enter, "1"},
		{"a job beside the position, none chosen", func(f *signin.Facts) { f.Roles = append(f.Roles, nurse) },
			signin.Enter, "1"},
		{"the job was chosen", func(f *signin.Facts) {
			f.Roles = append(f.Roles, nurse)
			f.Chosen = "9"
		}, signin.ChooseRole, ""},
		{"what was chosen is no role of theirs", func(f *signin.Facts) { f.Chosen = "555" }, signin.Enter, "1"},
		{"two positions, none chosen", func(f *signin.Facts) { f.Roles = append(f.Roles, position("2", "Z99Z9")) },
			signin.ChooseRole, ""},
		{"two positions, the second chosen", func(f *signin.Facts) {
			f.Roles = append(f.Roles, position("2", "Z99Z9"))
			f.Chosen = "2"
		}, signin.Enter, "2"},
		{"positions at two organisations", func(f *signin.Facts) { f.Roles = append(f.Roles, position("2", "RXK")) },
			signin.Enter, "1"},
		{"the one elsewhere was chosen", func(f *signin.Facts) {
			f.Roles = append(f.Roles, position("2", "RXK"))
			f.Chosen = "2"
		}, signin.ChooseRole, ""},
	} {
		facts := signin.Facts{
			Linked: true, Active: true, Organisation: "Z99Z9", IdentityLevel: 3,
			Roles: []cis2.NationalRole{position("1", "Z99Z9")},
		}
		tt.change(&facts)
		got := signin.Decide(facts)
		if got.Outcome != tt.want || got.Role.PersonRoleID != tt.role {
			t.Errorf("%s: Decide = %q in role %q, want %q in %q", tt.name, got.Outcome, got.Role.PersonRoleID, tt.want,
				tt.role)
		}
	}
}

// Of every combination of facts only those let somebody in that lack nothing.
func TestDecideLetsInOneStateOnly(t *testing.T) {
	tried := 0
	entered := 0
	either := []bool{false, true}
	roles := [][]cis2.NationalRole{nil, {nurse}, {position("1", "RXK")}, {position("1", "Z99Z9")}}
	for _, linked := range either {
		for _, active := range either {
			for _, held := range roles {
				for _, organisation := range []string{"", "Z99Z9"} {
					for level := -1; level <= 3; level++ {
						tried++
						if signin.Decide(signin.Facts{
							Linked: linked, Active: active, Organisation: organisation, Roles: held,
							IdentityLevel: level,
						}).Outcome == signin.Enter {
							entered++
						}
					}
				}
			}
		}
	}
	t.Logf("Decide: tried %d, entered %d", tried, entered)
	if tried != 160 || entered != 1 {
		t.Errorf("tried %d, entered %d; want 160 and 1", tried, entered)
	}
}
