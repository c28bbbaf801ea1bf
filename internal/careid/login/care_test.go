package login_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/mail"
)

const day = 24 * time.Hour

// cared looks after authenticators once, and gives the subjects of the mails that this led to.
func (w *world) cared() (subjects []string) {
	w.Helper()
	w.Settle()
	before := len(w.Mails.All())
	_, err := authenticator.Care(w.Context(), w.DB, logintest.Desk)
	w.Must(err)
	w.Settle()
	all := w.Mails.All()
	slices.SortFunc(all, func(a, b mail.Arrival) int { return strings.Compare(b.ID, a.ID) })
	for _, m := range all[:len(all)-before] {
		subjects = append(subjects, m.Subject)
	}
	return subjects
}

// Of a new authenticator that is not used its owner hears after a day, a week and four weeks, and then no more.
func TestWhoDoesNotUseANewAuthenticatorIsReminded(t *testing.T) {
	w := open(t)
	bound := w.Clock.Now()
	w.BindDevice(logintest.NewDevice(), authn.SecurityKey)
	for _, one := range []struct {
		after time.Duration
		want  []string
	}{
		{day - time.Second, nil},
		{day, []string{"Try your new authenticator"}},
		{day + time.Hour, nil},
		{7 * day, []string{"You have not used your new authenticator"}},
		{28*day - time.Second, nil},
		{28 * day, []string{"Do you still need this authenticator?"}},
		{400 * day, nil},
	} {
		w.Clock.Advance(bound.Add(one.after).Sub(w.Clock.Now()))
		if got := w.cared(); !slices.Equal(got, one.want) {
			t.Errorf("after %s: %q, want %q", one.after, got, one.want)
		}
	}
}

// Whoever used it, and whoever cannot, hears nothing; whoever was away for long hears once.
func TestWhoIsNotReminded(t *testing.T) {
	w := open(t)
	key := logintest.NewDevice()
	w.BindDevice(key, authn.SecurityKey)
	w.Browser().SignIn(logintest.Request(), key)
	w.Clock.Advance(2 * day)
	if got := w.cared(); len(got) != 0 {
		t.Errorf("who used it: %q", got)
	}
	w = open(t)
	w.BindDevice(logintest.NewDevice(), authn.SecurityKey)
	w.Must(authenticator.Suspend(t.Context(), w.DB, logintest.Desk, w.AuthenticatorID(t), "lost"))
	w.Clock.Advance(2 * day)
	if got := w.cared(); len(got) != 0 {
		t.Errorf("who cannot use it: %q", got)
	}
	w = open(t)
	w.BindDevice(logintest.NewDevice(), authn.SecurityKey)
	w.Clock.Advance(60 * day)
	if got := w.cared(); !slices.Equal(got, []string{"Do you still need this authenticator?"}) {
		t.Errorf("after 60 days: %q", got)
	}
}
