package mail_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

var letter = mail.Message{Kind: "test", To: "Ann@nhs.net", Subject: "Your code", Text: "Your code is BCDF 2345.\n"}

func send(t *testing.T, d *db.DB, p *mail.Post, outcome error) {
	t.Helper()
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		if err := p.Send(t.Context(), w, letter); err != nil {
			return err
		}
		return errors.Join(w.Record(t.Context(), audit.Event{Kind: "code.sent"}), outcome)
	})
	if !errors.Is(err, outcome) {
		t.Fatal(err)
	}
}

func post(t *testing.T, transport mail.Transport) (*db.DB, *mail.Post, *job.Queue) {
	t.Helper()
	d := dbtest.Open(t, fstest.MapFS{}, clock.System{})
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	ws := job.NewWorkers()
	p := mail.New(d, box, transport, ws)
	return d, p, jobtest.Start(t, d, ws)
}

func TestMailFollowsItsChange(t *testing.T) {
	var box mail.Mailbox
	d, p, q := post(t, &box)
	send(t, d, p, errors.New("undone"))
	send(t, d, p, nil)
	jobtest.Settle(t, q)
	got := box.To("Ann@nhs.net")
	if len(got) != 1 || got[0].Message != letter {
		t.Fatalf("mailbox = %+v, want the committed letter alone", got)
	}
	err := d.View(t.Context(), func(r db.R) error {
		left, err := db.Value[int64](t.Context(), r, `SELECT COUNT(*) FROM mail WHERE sealed IS NOT NULL`)
		if left != 0 {
			t.Errorf("%d delivered letters can still be read", left)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Who is told to turn to the service desk reads below how to.
func TestMailEndsWithItsFoot(t *testing.T) {
	var box mail.Mailbox
	d, p, q := post(t, &box)
	p.Foot = "Service desk: 0300 123 4567"
	send(t, d, p, nil)
	jobtest.Settle(t, q)
	got := box.To("Ann@nhs.net")
	if len(got) != 1 || got[0].Text != letter.Text+"\n-- \nService desk: 0300 123 4567\n" {
		t.Errorf("delivered %+v", got)
	}
}

// A text message is its text alone: each part of one costs.
func TestTextMessagesHaveNoFoot(t *testing.T) {
	var box mail.Mailbox
	d, p, q := post(t, &box)
	p.Foot = "Service desk: 0300 123 4567"
	m := mail.Message{Kind: "test.text", To: "+447700900123", Text: "123 456 is your code"}
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		if err := p.Send(t.Context(), w, m); err != nil {
			return err
		}
		return w.Record(t.Context(), audit.Event{Kind: "code.sent"})
	})
	if err != nil {
		t.Fatal(err)
	}
	jobtest.Settle(t, q)
	if got := box.To(m.To); len(got) != 1 || got[0].Text != m.Text {
		t.Errorf("delivered %+v", got)
	}
}

// Until it is delivered, a letter can be read neither in its row nor in its job.
func TestMailIsSealedWhileItWaits(t *testing.T) {
	release := make(chan struct{})
	began := make(chan struct{}, 1)
	var box mail.Mailbox
	d, p, q := post(t, held{release: release, began: began, next: &box})
	send(t, d, p, nil)
	<-began
	err := d.View(t.Context(), func(r db.R) error {
		sealed, err := db.Value[[]byte](t.Context(), r, `SELECT sealed FROM mail`)
		if err != nil {
			return err
		}
		args, err := db.Value[string](t.Context(), r, `SELECT CAST(args AS TEXT) FROM river_job WHERE kind = $1`, mail.Delivery{}.Kind())
		for _, text := range []string{"BCDF", "Your code"} {
			if len(sealed) == 0 || strings.Contains(string(sealed)+args, text) {
				t.Errorf("the waiting letter can be read: row of %d bytes, job %s", len(sealed), args)
			}
		}
		return err
	})
	close(release)
	if err != nil {
		t.Fatal(err)
	}
	jobtest.Settle(t, q)
	if got := box.All(); len(got) != 1 || got[0].Message != letter {
		t.Errorf("delivered %+v", got)
	}
}

// held delivers once it is let go.
type held struct {
	release <-chan struct{}
	began   chan<- struct{}
	next    mail.Transport
}

func (h held) Deliver(ctx context.Context, id string, m mail.Message, at time.Time) error {
	h.began <- struct{}{}
	<-h.release
	return h.next.Deliver(ctx, id, m, at)
}

// failing refuses the first tries.
type failing struct {
	left atomic.Int32
	next mail.Transport
}

func (f *failing) Deliver(ctx context.Context, id string, m mail.Message, at time.Time) error {
	if f.left.Add(-1) >= 0 {
		return errors.New("mail server is away")
	}
	return f.next.Deliver(ctx, id, m, at)
}

func TestMailIsKeptUntilTheServerTakesIt(t *testing.T) {
	t.Parallel() // it mostly waits
	var box mail.Mailbox
	flaky := &failing{next: &box}
	flaky.left.Store(1)
	d, p, q := post(t, flaky)
	send(t, d, p, nil)
	jobtest.Settle(t, q)
	if tries := 1 - flaky.left.Load(); tries != 2 || len(box.All()) != 1 {
		t.Errorf("tried %d times, delivered %d; want 2 and 1", tries, len(box.All()))
	}
}
