package schema_test

import (
	"errors"
	"testing"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
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

// Names of clients and teams from before they had an index of what they look like are nobody else's, at once and after
// the job has come to them.
func TestNamesOfClientsOfTheFirstReleaseAreTaken(t *testing.T) {
	d := upgraded(t, func(w *db.W) error {
		for _, add := range []string{
			`INSERT INTO provider_client (client_id, team_id, settings, status, version, registered_at)
				VALUES ('1', 'fenmarch', '{"client_name":"Rota"}', 'active', 1, 0)`,
			`INSERT INTO provider_client (client_id, team_id, settings, status, version, registered_at)
				VALUES ('2', 'fenmarch', '{"client_name":"Gone"}', 'closed', 1, 0)`,
			`INSERT INTO provider_team (id, name, made_at) VALUES ('fenmarch', 'Fenmarch Software', 0)`,
		} {
			if _, err := w.Exec(t.Context(), add); err != nil {
				return err
			}
		}
		return nil
	})
	by := actor.Actor{Kind: actor.Person, ID: "500000000017"}
	roll := client.Registry{DB: d}.Roll()
	refused := func(when string) {
		t.Helper()
		for _, name := range []string{"R0ta", "Fenmarch-Software"} {
			if _, err := roll.Make(t.Context(), by, name); !errors.Is(err, fault.Conflict) {
				t.Errorf("%s: a team named %q: %v", when, name, err)
			}
		}
	}
	refused("before the job")
	ws := job.NewWorkers()
	client.Work(ws, d, time.Hour)
	team.Work(ws, d, time.Hour)
	queue := jobtest.Start(t, d, ws)
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		return errors.Join(w.Enqueue(t.Context(), client.LooksJob{}), w.Enqueue(t.Context(), team.LooksJob{}))
	})
	if err != nil {
		t.Fatal(err)
	}
	jobtest.Settle(t, queue)
	const old = `SELECT (SELECT COUNT(*) FROM provider_client WHERE unfolded) +
		(SELECT COUNT(*) FROM provider_team WHERE unfolded)`
	n, err := db.Read(t.Context(), d, func(r db.R) (int, error) { return db.Value[int](t.Context(), r, old) })
	if err != nil || n != 0 {
		t.Errorf("%d names are left: %v", n, err)
	}
	refused("after the job")
	if _, err := roll.Make(t.Context(), by, "Gone"); err != nil {
		t.Errorf("the name of a deleted client: %v", err)
	}
}
