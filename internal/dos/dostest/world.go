// Package dostest gives tests of the directory side a world of their own: a database with a clock, a box that seals,
// a mailbox, jobs that run, waves of every phase, and accounts in them. A test that needs more, such as a site and an
// issuer to sign in at, adds it.
package dostest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/schema"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/password"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/worldtest"
)

// Password is the password of every account.
const Password = "correct horse battery"

// World is the world of a test of the directory side.
type World struct {
	*worldtest.World

	Passwords *password.Hasher
	Hash      string                // of Password
	Waves     map[path.Phase]string // ids of those that AddWaves made
}

// Open makes a world without accounts, at a time. Start starts its jobs.
func Open(t testing.TB, at time.Time) *World {
	t.Helper()
	return onto(worldtest.Open(t, schema.Files, at))
}

// OpenOn is Open on a database that dbtest.Source named, which programs of the test may open too, with their box.
func OpenOn(t testing.TB, source string, box *seal.Box, at time.Time) *World {
	t.Helper()
	return onto(worldtest.OpenOn(t, source, schema.Files, box, at))
}

func onto(ground *worldtest.World) *World {
	ground.Helper()
	w := &World{World: ground, Waves: map[path.Phase]string{}}
	var err error
	w.Passwords, err = password.New(password.Cheap)
	w.Must(err)
	w.Hash, err = w.Passwords.Hash(w.Context(), password.Asker{}, Password)
	w.Must(err)
	return w
}

// AddWaves makes a wave of each phase.
func (w *World) AddWaves() {
	w.Helper()
	for _, phase := range []path.Phase{path.Prepare, path.Choose, path.Require, path.Closed} {
		w.Waves[phase] = w.Wave(wave.Wave{Name: fmt.Sprint("wave ", phase), Phase: phase})
	}
}

// Wave makes one more wave and gives its id.
func (w *World) Wave(v wave.Wave) (id string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		id, err = wave.Add(ctx, u, v)
		return err
	})
	return id
}

// Account makes an account in a wave, or in none if its id is empty.
func (w *World) Account(n account.New, waveID string) (a account.Account) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		if a, err = account.Add(ctx, u, n); err != nil || waveID == "" {
			return err
		}
		return wave.Join(ctx, u, a.ID, waveID)
	})
	return a
}

// WithoutPassword makes an account that never had a password, and gives the id of the wave of such accounts.
func (w *World) WithoutPassword(n account.New) (id string) {
	w.Helper()
	made := w.Account(n, "")
	w.Update(func(ctx context.Context, u *db.W) error {
		if err := wave.JoinWithoutPassword(ctx, u, made.ID); err != nil {
			return err
		}
		v, err := wave.Of(ctx, u, made.ID)
		id = v.ID
		return err
	})
	return id
}

// Mailed counts the mails of a kind to an address.
func (w *World) Mailed(kind, to string) (n int) {
	w.Helper()
	w.Settle()
	for _, m := range w.Mails.To(to) {
		if m.Kind == kind {
			n++
		}
	}
	return n
}
