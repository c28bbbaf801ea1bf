package campaign_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing"
	"signpost/internal/national/extract"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail/received"
)

// Whose mail came back can get a letter of that mail, and of the next one, which leaves them out.
func TestLettersToThoseWhoseMailCameBack(t *testing.T) {
	w := newWorld(t)
	w.Post.Bounces = "in.example"
	away := w.user("ann")
	w.user("bo")
	by := actor.Actor{Kind: actor.Person, ID: w.boss.ID, Name: "Boss"}
	first := w.send(mailing.Selection{})
	if _, err := w.office.MakeLetters(t.Context(), by, first.ID); !errors.Is(err, fault.Conflict) {
		t.Errorf("letters before anything came back: %v", err)
	}
	w.bounce(away.Email)
	next, err := w.office.Prepare(t.Context(), by, mailing.Selection{}, mailing.Text{Kind: mailing.Steps})
	w.Must(err)
	for name, id := range map[string]string{"of the mail that came back": first.ID, "of the next one": next.ID} {
		file, err := w.office.MakeLetters(t.Context(), by, id)
		w.Must(err)
		letters, err := w.office.Letters(t.Context(), by, id, file)
		w.Must(err)
		if len(letters) != 1 || !strings.Contains(letters[0].Paragraphs[0], "ann") {
			t.Errorf("%s: %+v", name, letters)
		}
	}
}

// bounce has all mail to an address come back.
func (w *world) bounce(to string) {
	w.Helper()
	for _, m := range w.Mails.To(to) {
		local, _, _ := strings.Cut(m.Return, "@")
		_, tag, _ := strings.Cut(local, "+")
		w.Must(w.Post.Returned(w.Context(), tag, received.Report{Action: "failed", Status: "5.1.1"}))
	}
}

// Who was told that they are done by a mail that came back is told again once their address is mended, and then never.
func TestDoneIsSaidAgainWhereItCameBack(t *testing.T) {
	for name, mend := range map[string]func(w *world, u *db.W, a account.Account) error{
		"another address": func(w *world, u *db.W, a account.Account) error {
			address, err := email.Parse("cy.new@example.nhs.uk")
			w.Must(err)
			return account.SetEmail(w.Context(), u, a, address)
		},
		"the same one, confirmed": func(w *world, u *db.W, a account.Account) error {
			return w.Post.Confirmed(w.Context(), u, a.Email)
		},
	} {
		w := newWorld(t)
		w.Post.Bounces = "in.example"
		cy := w.user("cy")
		w.said(cy, func(*extract.Answer) {})
		w.link(cy)
		told := func(when string, want int64) {
			t.Helper()
			if m := w.send(mailing.Selection{Only: []string{cy.ID}}); m.Sent != want {
				t.Errorf("%s, %s: %+v", name, when, m)
			}
			w.Clock.Advance(mailing.Often + time.Minute)
		}
		told("at first", 1)
		w.bounce(cy.Email)
		told("while it comes back", 0)
		w.Update(func(ctx context.Context, u *db.W) error {
			w.Must(mend(w, u, cy))
			return u.Record(ctx, audit.Event{Kind: "test.done", Subject: account.Ref(cy.ID)})
		})
		told("once it is mended", 1)
		told("after that", 0)
	}
}
