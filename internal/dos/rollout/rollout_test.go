package rollout_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/wave"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// world is one account in a wave.
type world struct {
	*dostest.World

	ada account.Account
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, noon)}
	dates := wave.Dates{Choose: noon.AddDate(0, 0, 7), Require: noon.AddDate(0, 1, 0)}
	north := w.Wave(wave.Wave{Name: "north", Phase: path.Choose, Dates: dates})
	w.ada = w.Account(account.New{Username: "ada", Email: "ada@nhs.net", EmailProved: true}, north)
	return w
}

func (w *world) account(n account.New) account.Account { return w.Account(n, "") }

func (w *world) known() (k rollout.Known) {
	w.Helper()
	w.Must(w.DB.View(w.Context(), func(r db.R) (err error) {
		k, err = rollout.Read(w.Context(), r, w.ada.ID)
		return err
	}))
	return k
}

// answered is an asker that gives a fixed answer or fails.
type answered struct {
	answer   extract.Answer
	err      error
	question extract.Question
}

func (a *answered) Ask(_ context.Context, q extract.Question) (extract.Answer, error) {
	a.question = q
	return a.answer, a.err
}

// The extract's answer becomes the facts that path.Next reads.
func TestFactsFromTheExtract(t *testing.T) {
	w := newWorld(t)
	k := w.known()
	base := path.Facts{
		Account:    path.Individual,
		Linked:     path.No,
		MailProved: path.Yes,
		Phase:      path.Choose,
		Dates:      k.Wave.Worded(),
		Username:   "ada",
	}
	one := extract.Answer{
		Found:         extract.One,
		State:         extract.Active,
		Email:         extract.EmailEqual,
		Position:      extract.Yes,
		Authenticator: &extract.Authenticator{Level: 2, Approved: true},
		Authority:     &extract.Authority{Organisation: "North Trust"},
	}
	for name, tt := range map[string]struct {
		change func(a *extract.Answer)
		want   func(f *path.Facts)
	}{
		"ready": {func(*extract.Answer) {}, func(*path.Facts) {}},
		"not active": {func(a *extract.Answer) { a.State = extract.NotActive }, func(f *path.Facts) {
			f.Identity = path.OneInactive
		}},
		"not verified": {func(a *extract.Answer) { a.Email = extract.EmailUnverified }, func(f *path.Facts) {
			f.Email = path.EmailUnverified
		}},
		"another address": {func(a *extract.Answer) { a.Email = extract.EmailDifferent }, func(f *path.Facts) {
			f.Email = path.EmailDifferent
		}},
		"no position": {func(a *extract.Answer) { a.Position = extract.No }, func(f *path.Facts) {
			f.Position = path.No
		}},
		"nothing to use": {func(a *extract.Answer) { a.Authenticator.Level = 0 },
			noAuthenticator(path.NoAuthenticator)},
		"too weak": {func(a *extract.Answer) { a.Authenticator.Level = 1 }, noAuthenticator(path.TooWeak)},
		"not approved": {func(a *extract.Answer) { a.Authenticator.Approved = false }, func(f *path.Facts) {
			f.Approved = path.No
		}},
		"nothing known": {func(a *extract.Answer) { a.Authenticator = nil },
			noAuthenticator(path.AuthenticatorUnknown)},
		"nothing found by the address": {func(a *extract.Answer) {
			*a = extract.Answer{Found: extract.None, Authority: a.Authority}
		}, func(f *path.Facts) {
			only(path.IdentityUnknown)(f)
			f.Sought = "ada@nhs.net"
		}},
		"several": {func(a *extract.Answer) {
			*a = extract.Answer{Found: extract.Several, Authority: a.Authority}
		}, only(path.SeveralIdentities)},
	} {
		answer := one
		authenticator := *one.Authenticator
		answer.Authenticator = &authenticator
		tt.change(&answer)
		want := base
		want.Identity = path.OneActive
		want.Email = path.EmailAgrees
		want.Position = path.Yes
		want.Authority = "North Trust"
		want.Authenticator = path.Sufficient
		want.Approved = path.Yes
		want.Working = path.Yes
		tt.want(&want)
		asker := &answered{answer: answer}
		got, err := rollout.Facts(t.Context(), asker, k)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
		if asker.question.Email != "ada@nhs.net" || asker.question.Ref != w.ada.ID {
			t.Errorf("%s: asked %+v", name, asker.question)
		}
	}
}

func noAuthenticator(is path.Authenticator) func(f *path.Facts) {
	return func(f *path.Facts) {
		f.Authenticator = is
		f.Approved = path.Unknown
		f.Working = path.Unknown
	}
}

func only(is path.Identity) func(f *path.Facts) {
	return func(f *path.Facts) {
		f.Identity = is
		f.Email = path.EmailUnknown
		f.Position = path.Unknown
		f.Authenticator = path.AuthenticatorUnknown
		f.Approved = path.Unknown
		f.Working = path.Unknown
	}
}

// If no extract is configured, or it does not answer, the person's own answers count.
func TestFactsFromAnswers(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		said map[rollout.Question]string
		want func(f *path.Facts)
	}{
		"ready": {said("active", "same", "both"), func(f *path.Facts) { ready(f) }},
		"inactive": {said("inactive", "same", "both"), func(f *path.Facts) {
			ready(f)
			f.Identity = path.OneInactive
		}},
		"none": {said("none", "unsure", "unsure"), func(f *path.Facts) { f.Identity = path.NoIdentity }},
		"another address": {said("active", "different", "both"), func(f *path.Facts) {
			ready(f)
			f.Email = path.EmailDifferent
		}},
		"no position": {said("active", "same", "no-position"), func(f *path.Facts) {
			ready(f)
			f.Position = path.No
		}},
		"no authenticator": {said("active", "same", "no-authenticator"), func(f *path.Facts) {
			ready(f)
			noAuthenticator(path.NoAuthenticator)(f)
		}},
		"neither": {said("active", "same", "neither"), func(f *path.Facts) {
			ready(f)
			noAuthenticator(path.NoAuthenticator)(f)
			f.Position = path.No
		}},
		"knows nothing": {said("unsure", "unsure", "unsure"), func(*path.Facts) {}},
	} {
		w.Must(rollout.Answer(t.Context(), w.DB, w.ada.ID, said("none", "different", "neither"))) // may be changed
		w.Must(rollout.Answer(t.Context(), w.DB, w.ada.ID, tt.said))
		k := w.known()
		if !maps.Equal(k.Answers, tt.said) {
			t.Errorf("%s: kept %v", name, k.Answers)
		}
		want := path.Facts{
			Account:    path.Individual,
			Linked:     path.No,
			MailProved: path.Yes,
			Phase:      path.Choose,
			Dates:      k.Wave.Worded(),
			Username:   "ada",
		}
		tt.want(&want)
		if got, err := rollout.Facts(t.Context(), nil, k); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
		silent := &answered{err: errors.New("no answer")}
		if got, err := rollout.Facts(t.Context(), silent, k); err == nil || got != want {
			t.Errorf("%s, extract silent: %+v, %v; want %+v", name, got, err, want)
		}
	}
}

func said(identity, email, access string) map[rollout.Question]string {
	return map[rollout.Question]string{rollout.AskIdentity: identity, rollout.AskEmail: email,
		rollout.AskAccess: access}
}

func ready(f *path.Facts) {
	f.Identity = path.OneActive
	f.Email = path.EmailAgrees
	f.Position = path.Yes
	f.Authenticator = path.Sufficient
	f.Approved = path.Yes
	f.Working = path.Yes
}

// Somebody whose account is linked has signed in with an active care identity, whatever they answered before.
func TestFactsOfLinkedAndShared(t *testing.T) {
	w := newWorld(t)
	w.Must(rollout.Answer(t.Context(), w.DB, w.ada.ID, said("none", "same", "both")))
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u,
			account.Link{AccountID: w.ada.ID, Issuer: "https://issuer.example", Subject: "17", How: "test"})
	})
	asker := &answered{answer: extract.Answer{Found: extract.None}}
	if f, err := rollout.Facts(t.Context(), asker, w.known()); err != nil || f.Linked != path.Yes ||
		asker.question.Subject != "17" {
		t.Errorf("linked: %+v, asked %+v, %v", f, asker.question, err)
	}
	if f, err := rollout.Facts(t.Context(), nil, w.known()); err != nil || f.Identity != path.OneActive {
		t.Errorf("linked, by answers: %+v, %v", f, err)
	}
	if f, err := rollout.Facts(t.Context(), asker, w.known()); err != nil || f.Identity != path.NoIdentity {
		t.Errorf("linked to a Care Identity that is not there: %+v, %v", f, err)
	}
	w.ada = w.account(account.New{Username: "team", Email: "team@nhs.net", Kind: account.Shared})
	if f, err := rollout.Facts(t.Context(), nil, w.known()); err != nil || f.Account != path.Shared ||
		f.MailProved != path.No || f.Phase != path.Prepare {
		t.Errorf("shared: %+v, %v", f, err)
	}
}

func TestAnswersAreChoices(t *testing.T) {
	w := newWorld(t)
	w.Must(rollout.Answer(t.Context(), w.DB, w.ada.ID, said("active", "same", "both")))
	tried := 0
	accepted := 0
	for _, answers := range []map[rollout.Question]string{
		nil, said("", "same", "both"), said("active", "nonsense", "both"), said("active", "same", "nonsense"),
		said("ACTIVE", "same", "both"), said("same", "active", "both"),
	} {
		tried++
		if err := rollout.Answer(t.Context(), w.DB, w.ada.ID, answers); !errors.Is(err, fault.Invalid) {
			accepted++
			t.Errorf("%v: %v", answers, err)
		}
	}
	t.Logf("answers: tried %d, accepted %d", tried, accepted)
	if !maps.Equal(w.known().Answers, said("active", "same", "both")) || tried == 0 {
		t.Error("a refused answer changed what was kept")
	}
}
