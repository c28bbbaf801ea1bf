package exception_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave/exception"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// asks has somebody ask for an account.
func (w *world) asks(who, about account.Account, days int) error {
	return w.office.Ask(w.Context(), by(who), about.ID, days, "I am away")
}

// Those who can decide are told that somebody asks, and nobody else; where nobody can, it is refused.
func TestThoseWhoDecideAreTold(t *testing.T) {
	w := newWorld(t)
	w.office.Home = "https://dos.example"
	eve := w.person("eve", account.Individual, path.Require, nil)
	dan := w.person("dan", account.Individual, path.Require, nil)
	if err := w.asks(w.boss, eve, 5); !errors.Is(err, fault.Conflict) {
		t.Errorf("asked by the only one who could decide: %v", err)
	}
	w.Must(w.asks(eve, eve, 5))
	second := w.person("second", account.Individual, path.Choose, account.UserAdministrator.In(account.OwnOrganisation))
	if err := w.asks(w.boss, w.boss, 5); !errors.Is(err, fault.Conflict) {
		t.Errorf("asked by an administrator for themselves, above whom nobody is: %v", err)
	}
	w.Must(w.asks(w.boss, dan, 5))
	for to, want := range map[account.Account]int{w.boss: 1, second: 1, eve: 0, dan: 0} {
		if got := w.Mailed("exception.asked", to.Email); got != want {
			t.Errorf("%s got %d mails, want %d", to.Username, got, want)
		}
	}
	if w.request(eve).ID == "" || w.request(dan).ID == "" {
		t.Error("what was asked for is not there")
	}
}

// One person lets a password work for a day, and once more; for longer there are two.
func TestOnePersonGivesNoWeeks(t *testing.T) {
	w := newWorld(t)
	second := w.person("second", account.Individual, path.Choose, account.UserAdministrator.In(account.OwnOrganisation))
	eve := w.person("eve", account.Individual, path.Require, nil)
	dan := w.person("dan", account.Individual, path.Require, nil)
	give := func(who, to account.Account) error {
		w.Clock.Advance(25 * time.Hour)
		return w.office.Give(w.Context(), by(who), to.ID, "On call")
	}
	w.Must(give(w.boss, eve))
	w.Must(give(w.boss, eve))
	if err := give(w.boss, eve); !errors.Is(err, fault.TooMany) {
		t.Errorf("a third time by one person: %v", err)
	}
	w.Must(give(second, eve))
	w.Must(give(w.boss, dan))
	w.Clock.Advance(7 * 24 * time.Hour)
	w.Must(give(w.boss, eve))
}

// A day that is given while a longer exception lasts changes nothing of that, and nobody is told that it ends sooner.
func TestADayDoesNotReplaceALongerException(t *testing.T) {
	w := newWorld(t)
	second := w.person("second", account.Individual, path.Choose, account.UserAdministrator.In(account.OwnOrganisation))
	w.Clock.Advance(2 * time.Hour)
	eve := w.person("eve", account.Individual, path.Require, nil)
	w.Must(w.asks(eve, eve, 30))
	w.Must(w.office.Decide(w.Context(), by(second), w.request(eve).ID, true, "Long leave"))
	before := w.of(eve)
	if err := w.office.Give(w.Context(), by(w.boss), eve.ID, "Tonight"); !errors.Is(err, fault.Conflict) {
		t.Errorf("given: %v", err)
	}
	w.Must(w.asks(eve, eve, 5))
	q := w.request(eve).ID
	if err := w.office.Decide(w.Context(), by(second), q, true, "Short"); !errors.Is(err, fault.Conflict) {
		t.Errorf("approved: %v", err)
	}
	w.Must(w.office.Decide(w.Context(), by(second), q, false, "It works for longer already"))
	w.View(func(ctx context.Context, r db.R) error {
		x, err := exception.Of(ctx, r, eve.ID)
		if x.Reason != "Long leave" || x.Name != second.Name() || !x.Ends.Equal(before.Exception) {
			t.Errorf("the exception is %+v", x)
		}
		return err
	})
	if n := w.Mailed("exception.given", eve.Email); n != 1 {
		t.Errorf("she got %d mails that her password works", n)
	}
	w.Must(w.office.End(w.Context(), by(w.boss), eve.ID))
	w.Must(w.office.Give(w.Context(), by(w.boss), eve.ID, "Tonight"))
}
