package followup_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/mailing/reminder"
	"signpost/internal/dos/rollout/followup"
	"signpost/internal/dos/ticket"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

const home = "https://dos.example.nhs.uk"

var (
	noon     = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	stranger = actor.Actor{Kind: actor.Stranger}
)

type world struct {
	*dostest.World

	office followup.Office
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, noon)}
	w.Start()
	desk := ticket.Desk{DB: w.DB, Post: w.Post, Home: home, Hours: ticket.OfficeHours}
	w.office = followup.Office{DB: w.DB, Post: w.Post, Desk: desk, Home: home}
	return w
}

func (w *world) linked(username string) account.Account {
	w.Helper()
	a := w.Account(account.New{Username: username, FirstName: username, Email: username + "@example.nhs.uk"}, "")
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u,
			account.Link{AccountID: a.ID, Issuer: "https://cis2.example", Subject: username, How: "test"})
	})
	return a
}

func (w *world) asked(a account.Account) int { return w.Mailed("followup.asked", a.Email) }

func (w *world) later(d time.Duration) {
	w.Helper()
	w.Clock.Advance(d)
	w.Must(w.office.Ask(w.Context()))
}

func (w *world) secret(a account.Account) string {
	return strings.TrimPrefix(w.office.Link(a.ID), home+followup.Path+a.ID+"/")
}

// Everybody is asked once, four weeks after they linked, also where the job came some days late.
func TestEverybodyIsAskedOnceAfterFourWeeks(t *testing.T) {
	w := newWorld(t)
	ann := w.linked("ann")
	gone, quiet := w.linked("gone"), w.linked("quiet")
	var many []account.Account
	for i := range 60 {
		many = append(many, w.linked(fmt.Sprintf("many%d", i)))
	}
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, gone.ID, "left") })
	reminders := reminder.Desk{DB: w.DB, Post: w.Post, Home: home}
	w.Must(reminders.Stop(t.Context(), stranger, quiet.ID,
		strings.TrimPrefix(reminders.Link(quiet.ID), home+reminder.Path+quiet.ID+"/")))
	w.later(28*24*time.Hour - time.Minute)
	if w.asked(ann) != 0 {
		t.Error("asked too early")
	}
	w.later(3 * 24 * time.Hour)
	w.later(time.Hour)
	for _, a := range append(many, ann) {
		if n := w.asked(a); n != 1 {
			t.Errorf("%s was asked %d times", a.Username, n)
		}
	}
	if w.asked(gone) != 0 || w.asked(quiet) != 0 {
		t.Error("who has left, or wants no mail, was asked")
	}
	late := w.linked("late")
	w.later(36 * 24 * time.Hour)
	if w.asked(late) != 0 {
		t.Error("asked weeks later")
	}
}

// Whoever says no by their own link gets a ticket, once, with what the desk has to know. Looking raises none.
func TestNoRaisesATicket(t *testing.T) {
	w := newWorld(t)
	ann, bo := w.linked("ann"), w.linked("bo")
	early := w.secret(ann)
	var y worldtest.Tally
	y.Refused(t, "before anybody asked", w.office.Broken(t.Context(), stranger, ann.ID, early) == nil)
	w.later(28*24*time.Hour + time.Minute)
	for name, link := range map[string][2]string{
		"another's": {ann.ID, w.secret(bo)}, "none": {ann.ID, ""}, "of nobody": {"nobody", w.secret(ann)},
	} {
		err := w.office.Broken(t.Context(), stranger, link[0], link[1])
		y.Refused(t, name, !errors.Is(err, fault.Expired))
	}
	look := func() string {
		number, err := w.office.Look(t.Context(), ann.ID, w.secret(ann))
		w.Must(err)
		return number
	}
	if look() != "" || w.Count(`SELECT COUNT(*) FROM ticket`) != 0 {
		t.Error("looking raised a ticket")
	}
	w.Must(w.office.Broken(t.Context(), stranger, ann.ID, w.secret(ann)))
	w.Must(w.office.Broken(t.Context(), stranger, ann.ID, w.secret(ann)))
	if n := w.Count(`SELECT COUNT(*) FROM ticket`); n != 1 {
		t.Fatalf("%d tickets", n)
	}
	w.View(func(ctx context.Context, r db.R) error {
		list, err := ticket.OfAccount(ctx, r, ann.ID)
		w.Must(err)
		one := list[0]
		if one.Category != "log-in" || one.Priority != ticket.Urgent || one.Email != ann.Email || one.IsFrom(ann) ||
			look() != one.Show() {
			t.Errorf("%+v", one)
		}
		messages, err := ticket.MessagesOf(ctx, r, one.ID)
		if text := messages[0].Text; !strings.Contains(text, "Username: ann") ||
			!strings.Contains(text, "linked on 30 November 2026") {
			t.Errorf("the desk reads %s", text)
		}
		return err
	})
	if ticket.Category("log-in").Title() == "" {
		t.Error("there is no such category")
	}
	if n := w.Mailed("ticket.raised", ann.Email); n != 1 {
		t.Errorf("%d mails about the ticket", n)
	}
}
