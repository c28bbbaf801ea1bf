package officer_test

import (
	"context"
	"slices"
	"testing"

	"signpost/internal/careid/access"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// What comes with a role, or stands above an activity in the national tree, makes somebody of a registration authority
// as what was added to their position does; and nobody by another of their role profiles.
func TestJobsAreByEffectiveRights(t *testing.T) {
	w := open(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		for _, row := range [][2]string{
			{`INSERT INTO role_baseline (activity, role) VALUES ($1, $2)`, "B1300 R8003"},
			{`INSERT INTO activity_parent (code, parent) VALUES ($1, $2)`, "B9911 B0267"},
			{`INSERT INTO activity_parent (code, parent) VALUES ($1, $2)`, "B9912 B9911"},
			{`INSERT INTO role_baseline (activity, role) VALUES ($1, $2)`, "B9801 R8004"},
		} {
			if _, err := u.Exec(ctx, row[0], row[1][:5], row[1][6:]); err != nil {
				return err
			}
		}
		return nil
	})
	for name, tt := range map[string]struct {
		role       string
		activities []string
		want       permission.Job
	}{
		"a baseline":          {"S8000:G8000:R8003", nil, permission.Sponsor},
		"a grandchild":        {"S8000:G8000:R8001", []string{"B9912"}, permission.IDChecker},
		"a child, as a whole": {"S8000:G8000:R8001", []string{"D0001:C0001:B9911"}, permission.IDChecker},
		"the activity itself": {"S8000:G8000:R8001", []string{"B1300"}, permission.Sponsor},
		"an agent's alone":    {"S8000:G8000:R8004", nil, permission.User},
		"nothing":             {"S8000:G8000:R8001", []string{"B0166"}, permission.User},
	} {
		p := access.Position{Organisation: "ZTR", Name: name, Profiles: access.One(tt.role, tt.activities...)}
		by := w.Person(population.Person{GivenName: "One", FamilyName: "Person", Organisation: "ZTR",
			Positions: []population.Position{
				{Organisation: "ZTR", Role: tt.role, Activities: tt.activities},
				{Organisation: "ZTR", Role: "S8000:G8000:R8001"},
			}})
		list := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (officer.List, error) {
			return officer.OfIdentity(ctx, r, by.ID)
		})
		if list.Highest() != tt.want {
			t.Errorf("%s: somebody who has it is a %s, want %s", name, list.Highest(), tt.want)
		}
		jobs := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]permission.Job, error) {
			return officer.JobsFor(ctx, r, p)
		})
		if (tt.want == permission.User) != (len(jobs) == 0) || len(jobs) > 0 && !slices.Contains(jobs, tt.want) {
			t.Errorf("%s: the position makes %v, want %s", name, jobs, tt.want)
		}
	}
}
