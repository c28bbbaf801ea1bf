package moving_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/exception"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
)

// While a wave is started, undone and closed, whoever has an exception comes in with their password each time that they
// try; whoever lost theirs at that moment comes in or reads that passwords are over, and never afterwards.
func TestExceptionsHoldWhileAWaveMoves(t *testing.T) {
	w := newWorld(t)
	desk := &signin.PasswordSignIn{DB: w.DB, Hasher: w.Passwords, Box: w.Box}
	exceptions := exception.Office{DB: w.DB, Post: w.Post}
	in := func(a account.Account) error {
		_, err := desk.WithPassword(w.Context(), actor.Actor{Kind: actor.Stranger},
			signin.Typed{Username: a.Username, Password: dostest.Password}, "")
		return err
	}
	gone, came := 0, 0
	for n := range 8 {
		w.wave = w.Wave(wave.Wave{Name: fmt.Sprint("wave number ", n), Phase: path.Choose})
		keeps := w.person(fmt.Sprint("keeps", n), w.wave, nil)
		loses := w.person(fmt.Sprint("loses", n), w.wave, nil)
		for _, a := range []account.Account{keeps, loses} {
			w.Must(exceptions.Give(w.Context(), by(w.everywhere), a.ID, "On call"))
		}
		moves := []func() error{
			func() error { return w.move(by(w.mover), w.wave, path.Require) },
			func() error { return w.undo(w.preview()) },
			func() error { return w.move(by(w.mover), w.wave, path.Closed) },
		}
		for step, move := range moves {
			var moved, kept, lost, ended error
			var all sync.WaitGroup
			all.Go(func() { moved = move() })
			all.Go(func() { kept = in(keeps) })
			if step == 2 {
				all.Go(func() { lost = in(loses) })
				all.Go(func() { ended = exceptions.End(w.Context(), by(w.everywhere), loses.ID) })
			}
			all.Wait()
			w.Must(errors.Join(moved, ended))
			if kept != nil {
				t.Errorf("wave %d, step %d: an exception does not hold: %v", n, step, kept)
			}
			_, over := signin.PasswordsEnded(lost)
			switch {
			case over:
				gone++
			case lost != nil:
				t.Errorf("wave %d: %v", n, lost)
			case step == 2:
				came++
			}
		}
		if _, over := signin.PasswordsEnded(in(loses)); !over {
			t.Errorf("wave %d: a password works after its exception has ended", n)
		}
		if err := in(keeps); err != nil {
			t.Errorf("wave %d, closed: an exception does not hold: %v", n, err)
		}
	}
	t.Logf("lost at that moment: %d came in, %d did not", came, gone)
}
