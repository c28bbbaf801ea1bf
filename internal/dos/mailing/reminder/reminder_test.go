package reminder_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/mailing/reminder"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

const home = "https://dos.example.nhs.uk"

// Whoever has their own link stops reminders and gets them again. Nobody else does, and nobody learns of accounts.
func TestRemindersAreStoppedByOnesOwnLink(t *testing.T) {
	w := dostest.Open(t, time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC))
	w.Start()
	d := reminder.Desk{DB: w.DB, Post: w.Post, Home: home}
	ann := w.Account(account.New{Username: "ann", Email: "ann@example.nhs.uk"}, "")
	bo := w.Account(account.New{Username: "bo", Email: "bo@example.nhs.uk"}, "")
	stranger := actor.Actor{Kind: actor.Stranger}
	secretOf := func(a account.Account) string {
		return strings.TrimPrefix(d.Link(a.ID), home+reminder.Path+a.ID+"/")
	}
	stopped := func() (is bool) {
		w.View(func(ctx context.Context, r db.R) error {
			of, err := reminder.Stopped(ctx, r, []string{ann.ID, bo.ID})
			is = of[ann.ID]
			if of[bo.ID] {
				t.Error("bo's reminders are stopped")
			}
			return err
		})
		return is
	}
	w.Must(d.Stop(t.Context(), stranger, ann.ID, secretOf(ann)))
	w.Must(d.Stop(t.Context(), stranger, ann.ID, secretOf(ann)))
	if is, err := d.Look(t.Context(), ann.ID, secretOf(ann)); !stopped() || !is || err != nil {
		t.Errorf("stopped: %v, %v", is, err)
	}
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'reminder.stopped'`); n != 1 {
		t.Errorf("%d events of one change", n)
	}
	w.Must(d.Again(t.Context(), stranger, ann.ID, secretOf(ann)))
	if stopped() {
		t.Error("not begun again")
	}
	var y worldtest.Tally
	for name, link := range map[string][2]string{
		"another's secret": {ann.ID, secretOf(bo)}, "no secret": {ann.ID, ""}, "no account": {"nobody", secretOf(ann)},
		"capitals": {ann.ID, strings.ToUpper(secretOf(ann))},
	} {
		_, err := d.Look(t.Context(), link[0], link[1])
		y.Refused(t, name, !errors.Is(err, reminder.ErrLink))
		y.Refused(t, name, !errors.Is(d.Stop(t.Context(), stranger, link[0], link[1]), reminder.ErrLink))
		y.Refused(t, name, !errors.Is(d.Again(t.Context(), stranger, link[0], link[1]), reminder.ErrLink))
	}
	if stopped() {
		t.Error("a wrong link stopped reminders")
	}
}
