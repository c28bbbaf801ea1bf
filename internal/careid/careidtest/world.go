// Package careidtest gives tests of the care identity side a world of their own: its database with its clock, the
// box that seals, mail that is kept, jobs that run, and people made from descriptions. A test that needs more,
// such as a site, makes that on it.
package careidtest

import (
	"context"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/key"
	"signpost/internal/careid/schema"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/jwt/jwttest"
	"signpost/internal/platform/password"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/worldtest"
)

// Nine is when most worlds begin: nine in the morning, on a Tuesday.
var Nine = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// World is a care identity side for a test to work in.
type World struct {
	*worldtest.World

	Apps *totp.Keeper
}

// Open makes a world in which nobody is yet, at a time. Its jobs run from Start on.
func Open(t testing.TB, at time.Time) *World {
	t.Helper()
	w := &World{World: worldtest.Open(t, schema.Files, at)}
	hasher, err := password.New(password.Cheap)
	w.Must(err)
	w.Apps = &totp.Keeper{Hasher: hasher, Box: w.Box}
	return w
}

// Idle does nothing where the end of somebody's identity or authenticator asks for more, or a change for a mail.
func Idle(ws *job.Workers) {
	IdleButTold(ws)
	job.Work(ws, func(context.Context, authenticator.Notice) error { return nil })
}

// IdleButTold is Idle where people are told of changes to their authenticators: the test registers the worker for that.
func IdleButTold(ws *job.Workers) {
	job.Work(ws, func(context.Context, identity.Ended) error { return nil })
	job.Work(ws, func(context.Context, authenticator.Ended) error { return nil })
	job.Work(ws, func(context.Context, authenticator.PasswordSet) error { return nil })
}

// WrongTry refuses a wrong try at an authenticator, as an answer of a browser does that proves nothing.
func WrongTry(ctx context.Context, w *db.W, id string, browser tries.Browser) error {
	wrong := authenticator.NewWrongTry(authenticator.At(id, browser), "assertion", fault.Unauthenticated)
	return wrong.Refuse(ctx, w, func(context.Context) error { return nil })
}

// Seed gives a ring of keys the RSA key that all tests of a program share, and loads the ring.
func Seed(t testing.TB, keys *key.Ring) {
	t.Helper()
	if err := keys.Seed(t.Context(), worldtest.By, jwttest.Key(t, "provider", jwt.RS256)); err != nil {
		t.Fatal(err)
	}
	if err := keys.Load(t.Context(), worldtest.By); err != nil {
		t.Fatal(err)
	}
}

// Registry gives where people register clients, and Registry().Roll() where they make teams. Both mail, so that jobs
// have to run.
func (w *World) Registry() client.Registry {
	return client.Registry{DB: w.DB, Box: w.Box, Post: w.Post, Address: "http://cim.localhost:8080"}
}

// Make makes organisations and people, and gives the people in their order.
func (w *World) Make(d population.Description) []population.Made {
	w.Helper()
	maker := population.Maker{EmailProof: "seen by the RA", StatusReason: "test", Authenticators: w.Apps.Make}
	made, err := db.Write(w.Context(), w.DB, worldtest.By, func(u *db.W) ([]population.Made, error) {
		return maker.Make(w.Context(), u, d)
	})
	w.Must(err)
	return made
}

// Person makes one person, and gives them as an actor.
func (w *World) Person(p population.Person) actor.Actor {
	w.Helper()
	made := w.Make(population.Description{People: []population.Person{p}})
	return actor.Actor{Kind: actor.Person, ID: made[0].UUID, Name: p.GivenName + " " + p.FamilyName}
}

// Identity reads somebody's identity as it is now.
func (w *World) Identity(uuid string) identity.Identity {
	w.Helper()
	return worldtest.Read(w.World, func(ctx context.Context, r db.R) (identity.Identity, error) {
		return identity.ByUUID(ctx, r, uuid)
	})
}
