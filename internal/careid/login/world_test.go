package login_test

import (
	"context"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/population"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// world is a sign-in service with one client and one person.
type world struct{ *logintest.World }

func open(t *testing.T) *world {
	t.Helper()
	return &world{logintest.Open(t)}
}

const beasAddress = "bea@example.nhs.uk"

// bea gives the number of a second person, who has no authenticator.
func (w *world) bea() string {
	w.Helper()
	const named = `SELECT uuid FROM identity WHERE email = $1`
	known := worldtest.Read(w.World.World.World, func(ctx context.Context, r db.R) ([]string, error) {
		return db.All(ctx, r, db.Column[string], named, beasAddress)
	})
	if len(known) > 0 {
		return known[0]
	}
	return w.Person(population.Person{
		GivenName: "Bea", FamilyName: "Example", Organisation: "FXX01", Email: beasAddress, EmailVerified: true,
	}).ID
}

// withKey makes a world whose person has a security key.
func withKey(t *testing.T) (*world, *logintest.Device) {
	t.Helper()
	w, key := logintest.WithKey(t)
	return &world{w}, key
}
