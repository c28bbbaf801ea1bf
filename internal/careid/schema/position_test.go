package schema_test

import (
	"slices"
	"testing"

	"signpost/internal/careid/access"
	"signpost/internal/platform/db"
)

// A position of before has one access profile, and those who hold it keep the number of their role profile.
func TestPositionsOfBeforeHaveOneProfile(t *testing.T) {
	d := upgradedBefore(t, "202612030411_position_profile.sql", func(w *db.W) error {
		for _, row := range []string{
			`INSERT INTO position (id, organisation, name, role_code, activities, workgroups, areas_of_work)
				VALUES ('dos', 'ZTR', 'Directory', 'S8001:G8002:R8008', 'B0166 B0560',
				'[{"code":"500000000041","name":"Ward"}]', 'null')`,
			`INSERT INTO position (id, organisation, name, role_code, activities, workgroups, areas_of_work, closed_at)
				VALUES ('old', 'ZTR', 'Old', 'R8001', '', 'null', 'null', 1)`,
			`INSERT INTO person_organisation (uuid, organisation, person_orgid, gnc) VALUES ('17', 'ZTR', '170', 'G1')`,
			`INSERT INTO assignment (id, uuid, position_id, role_id, starts_at, ends_at, given_by)
				VALUES ('a', '17', 'dos', '171', 1, NULL, 'ada'), ('b', '17', 'old', '172', 2, 3, 'bo')`,
		} {
			if _, err := w.Exec(t.Context(), row); err != nil {
				return err
			}
		}
		return nil
	})
	err := d.View(t.Context(), func(r db.R) error {
		held, err := access.OfIdentity(t.Context(), r, "17")
		if err != nil {
			return err
		}
		if len(held) != 2 {
			t.Fatalf("held %+v", held)
		}
		old := held[1]
		if held[0].Roles[0].ID != "171" || held[0].GivenBy != "ada" || old.Ends.UnixMilli() != 3 ||
			old.Position.Closed.IsZero() || old.Roles[0].ID != "172" || old.Roles[0].Profile.Job() != "R8001" {
			t.Errorf("held %+v", held)
		}
		if !held[0].Position.Has("R8008") || held[0].Position.Has("R8001") {
			t.Errorf("the position of an assignment has %+v", held[0].Position.Profiles)
		}
		profiles := access.Effective(held, noon)
		if len(profiles) != 1 || !access.HoldsDirectoryPosition(profiles) ||
			!slices.Equal(profiles[0].Workgroups, []access.Coded{{Code: "500000000041", Name: "Ward"}}) {
			t.Errorf("profiles %+v", profiles)
		}
		managers, err := access.Managers(t.Context(), r, "ZTR")
		if len(managers) != 0 {
			t.Errorf("managers %v", managers)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
