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
	"signpost/internal/careid/provider/key"
	"signpost/internal/careid/schema"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/jwt/jwttest"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/password"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

// Nine is when most worlds begin: nine in the morning, on a Tuesday.
var Nine = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// By is who makes what a world is made of.
var By = actor.ForCommand("test")

// World is what a test of the care identity side works in. It goes away with the test.
type World struct {
	testing.TB

	Clock *clock.Manual
	DB    *db.DB
	Box   *seal.Box
	Apps  *totp.Keeper
	Mails *mail.Mailbox
	Post  *mail.Post
	Jobs  *job.Queue
}

// Work says how the jobs of a world are done.
type Work func(w *World, ws *job.Workers)

// Open makes a world in which nobody is yet, at a time. Mail is delivered; work says how the other jobs are done.
func Open(t testing.TB, at time.Time, work Work) *World {
	t.Helper()
	c := clock.At(at)
	w := &World{TB: t, Clock: c, DB: dbtest.Open(t, schema.Files, c), Box: Box(t), Mails: &mail.Mailbox{}}
	hasher, err := password.New(password.Cheap)
	w.Must(err)
	w.Apps = &totp.Keeper{Hasher: hasher, Box: w.Box}
	ws := job.NewWorkers()
	w.Post = mail.New(w.DB, w.Box, w.Mails, ws)
	work(w, ws)
	w.Jobs = jobtest.Start(t, w.DB, ws)
	return w
}

// Idle does nothing where the end of somebody's identity or authenticator asks for more.
func Idle(_ *World, ws *job.Workers) {
	job.Work(ws, func(context.Context, identity.Ended) error { return nil })
	job.Work(ws, func(context.Context, authenticator.Ended) error { return nil })
}

// Box is a new box.
func Box(t testing.TB) *seal.Box {
	t.Helper()
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	return box
}

// Seed gives a ring of keys the RSA key that all tests of a program share, and loads the ring.
func Seed(t testing.TB, keys *key.Ring) {
	t.Helper()
	if err := keys.Seed(t.Context(), By, jwttest.Key(t, "provider", jwt.RS256)); err != nil {
		t.Fatal(err)
	}
	if err := keys.Load(t.Context(), By); err != nil {
		t.Fatal(err)
	}
}

// Must ends the test at an error.
func (w *World) Must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// Update changes the database.
func (w *World) Update(fn func(u *db.W) error) {
	w.Helper()
	w.Must(w.DB.Update(w.Context(), By, fn))
}

// View reads the database.
func (w *World) View(fn func(r db.R) error) {
	w.Helper()
	w.Must(w.DB.View(w.Context(), fn))
}

// Events lists those of a kind, the newest first.
func (w *World) Events(kind audit.Kind) (list []audit.Entry) {
	w.Helper()
	w.View(func(r db.R) (err error) {
		list, err = audit.OfKind(w.Context(), r, kind, 1000)
		return err
	})
	return list
}

// Make makes organisations and people, and gives the people in their order.
func (w *World) Make(d population.Description) []population.Made {
	w.Helper()
	maker := population.Maker{EmailProof: "seen", StatusReason: "test", Apps: w.Apps}
	made, err := db.Write(w.Context(), w.DB, By, func(u *db.W) ([]population.Made, error) {
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
	i, err := db.Read(w.Context(), w.DB, func(r db.R) (identity.Identity, error) {
		return identity.ByUUID(w.Context(), r, uuid)
	})
	w.Must(err)
	return i
}

// Settle returns when every job was done.
func (w *World) Settle() {
	w.Helper()
	jobtest.Settle(w, w.Jobs)
}
