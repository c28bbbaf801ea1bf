package schema_test

import (
	"errors"
	"testing"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
)

const (
	oldOrganisation = `INSERT INTO organisation (code, name, words, role, postcode, ra_parent, contact)
		VALUES ('Z90001', 'Ysbyty Siân-O''Brien', ' ysbyty siân obrien', '', '', '', '')`
	oldIdentity = `INSERT INTO identity (uuid, title, given_name, middle_names, family_name, email, email_canonical,
		email_since, email_verified_how, status, verified, assurance_level, organisation, created_at)
		VALUES ('500000000017', '', 'Siân', 'Mai', 'Smith-Jones', '', '', 0, '', 'active', TRUE, 3, '', 0)`
)

// People and organisations from before names were folded are found as new ones are, soon after the upgrade.
func TestNamesOfTheFirstReleaseAreFolded(t *testing.T) {
	d := upgraded(t, func(w *db.W) error {
		if _, err := w.Exec(t.Context(), oldOrganisation); err != nil {
			return err
		}
		_, err := w.Exec(t.Context(), oldIdentity)
		return err
	})
	ws := job.NewWorkers()
	identity.Work(ws, d)
	organisation.Work(ws, d)
	queue := jobtest.Start(t, d, ws)
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		return errors.Join(w.Enqueue(t.Context(), identity.WordsJob{}), w.Enqueue(t.Context(), organisation.WordsJob{}))
	})
	if err != nil {
		t.Fatal(err)
	}
	jobtest.Settle(t, queue)
	err = d.View(t.Context(), func(r db.R) error {
		for _, typed := range []string{"sian", "brien ysbyty"} {
			found, _, err := organisation.Find(t.Context(), r, typed)
			if err != nil || len(found) != 1 {
				t.Errorf("%q finds the organisations %v, %v", typed, found, err)
			}
		}
		for _, typed := range []string{"sian", "smith jones", "smithjones", "JONES Mai"} {
			found, _, err := identity.Search(t.Context(), r, typed, 0, 10)
			if err != nil || len(found) != 1 {
				t.Errorf("%q finds the people %v, %v", typed, found, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
