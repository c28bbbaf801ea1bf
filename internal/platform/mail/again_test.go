package mail_test

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

// One address gets three mails of a kind within an hour, in whatever capital and small letters it is written, and it is
// known from when on it gets another one. Other addresses, and other kinds, are not counted.
func TestSendAgainCountsAnAddressOnce(t *testing.T) {
	c := clocktest.At(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC))
	d := dbtest.Open(t, fstest.MapFS{}, c)
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	ws := job.NewWorkers()
	p := mail.New(d, box, &mail.Mailbox{}, ws)
	jobtest.Start(t, d, ws)
	again := func(kind, to string) error {
		return d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
			m := mail.Message{Kind: kind, To: to, Subject: "Your link", Text: "It is here.\n"}
			if err := p.SendAgain(t.Context(), w, m); err != nil {
				return err
			}
			return w.Record(t.Context(), audit.Event{Kind: "link.sent"})
		})
	}
	from := func(to string) time.Time {
		at, err := db.Read(t.Context(), d, func(r db.R) (time.Time, error) {
			return mail.AgainFrom(context.Background(), r, mail.Message{Kind: "link", To: to})
		})
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	first := c.Now()
	for _, to := range []string{"Ann@nhs.net", "ann@nhs.net", "ANN@NHS.NET"} {
		if at := from("ann@nhs.net"); !at.IsZero() {
			t.Errorf("before %s another may be sent from %v", to, at)
		}
		if err := again("link", to); err != nil {
			t.Fatalf("%s: %v", to, err)
		}
		c.Advance(time.Minute)
	}
	if err := again("link", "aNN@nhs.net"); !errors.Is(err, mail.ErrAgain) {
		t.Errorf("the fourth to one address: %v", err)
	}
	if at, want := from("ANN@nhs.net"), first.Add(time.Hour); !at.Equal(want) {
		t.Errorf("another may be sent from %v, want %v", at, want)
	}
	for kind, to := range map[string]string{"link": "anne@nhs.net", "code": "ann@nhs.net"} {
		if err := again(kind, to); err != nil {
			t.Errorf("%s to %s: %v", kind, to, err)
		}
	}
	c.Advance(time.Hour - 3*time.Minute)
	if err := again("link", "ann@nhs.net"); err != nil {
		t.Errorf("an hour after the first: %v", err)
	}
	if err := again("link", "ann@nhs.net"); !errors.Is(err, mail.ErrAgain) {
		t.Errorf("the fourth within an hour: %v", err)
	}
}
