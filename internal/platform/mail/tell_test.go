package mail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/mail"
)

var circular = mail.Message{Kind: "test.circular", Subject: "To all", Text: "Something happened.\n"}

// many makes addresses of which no two are the same.
func many(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("Person%03d@nhs.net", i))
	}
	return list
}

func tell(t *testing.T, d *db.DB, p *mail.Post, outcome error, to ...string) {
	t.Helper()
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		if err := p.Tell(t.Context(), w, circular, to); err != nil {
			return err
		}
		return errors.Join(w.Record(t.Context(), audit.Event{Kind: "test.happened"}), outcome)
	})
	if !errors.Is(err, outcome) {
		t.Fatal(err)
	}
}

// hold is a post whose jobs are kept, and not done.
type hold struct{ jobs []mail.Telling }

func (h *hold) Add(_ context.Context, _ any, args db.Job) error {
	if one, is := args.(mail.Telling); is {
		h.jobs = append(h.jobs, one)
	}
	return nil
}

// queued counts the mails that were made of a circular, by the keys of their addresses.
func queued(t *testing.T, d *db.DB) map[string]int {
	t.Helper()
	list, err := db.Read(t.Context(), d, func(r db.R) ([]string, error) {
		return db.All(t.Context(), r, db.Column[string], `SELECT recipient FROM mail`)
	})
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, to := range list {
		count[to]++
	}
	return count
}

// eachOnce holds that each of some addresses was mailed once, and nobody else. The table has their keys.
func eachOnce(t *testing.T, count map[string]int, to []string) {
	t.Helper()
	for _, one := range to {
		if count[strings.ToLower(one)] != 1 {
			t.Errorf("%s was mailed %d times", one, count[strings.ToLower(one)])
		}
	}
	if len(count) != len(to) {
		t.Errorf("%d were mailed, want %d", len(count), len(to))
	}
}

// A circular reaches each of those to whom it goes once, whatever their addresses look like, and then it is gone.
func TestACircularReachesEachOnce(t *testing.T) {
	var box mail.Mailbox
	d, p, q := post(t, &box)
	to := many(60)
	tell(t, d, p, errors.New("undone"), "nobody@nhs.net")
	tell(t, d, p, nil, append(to, "", "PERSON003@NHS.NET", "person059@nhs.net", "")...)
	jobtest.Settle(t, q)
	count := map[string]int{}
	for _, m := range box.All() {
		count[strings.ToLower(m.To)]++
		if m.Subject != circular.Subject || m.Text != circular.Text || m.Kind != circular.Kind {
			t.Errorf("delivered %+v", m)
		}
	}
	eachOnce(t, count, to)
	if n := len(events(t, d, "mail.told")); n != 3 {
		t.Errorf("told in %d Updates, want 3", n)
	}
	left, err := db.Read(t.Context(), d, func(r db.R) (int64, error) {
		return db.Value[int64](t.Context(), r, `SELECT COUNT(*) FROM mail_circular`)
	})
	if err != nil || left != 0 {
		t.Errorf("%d circulars are left: %v", left, err)
	}
}

// A run of the job that ended between two chunks is gone on with, and runs at the same time tell nobody twice.
func TestACircularGoesOnWhereItEnded(t *testing.T) {
	d, p, _, _ := office(t)
	var h hold
	d.SetOutbox(&h)
	to := many(130)
	tell(t, d, p, nil, to...)
	if len(h.jobs) != 1 {
		t.Fatalf("%d jobs", len(h.jobs))
	}
	one := h.jobs[0]
	if more, err := p.TellSome(t.Context(), one); err != nil || !more {
		t.Fatalf("the first chunk: %v, %v", more, err)
	}
	if n := len(queued(t, d)); n == 0 || n == len(to) {
		t.Fatalf("%d were mailed by the first chunk", n)
	}
	var runs sync.WaitGroup
	for range 4 {
		runs.Go(func() {
			for more := true; more; {
				var err error
				if more, err = p.TellSome(t.Context(), one); err != nil {
					t.Error(err)
				}
			}
		})
	}
	runs.Wait()
	eachOnce(t, queued(t, d), to)
}

// While it waits, neither what a circular says nor to whom it goes can be read in its row.
func TestACircularIsSealedWhileItWaits(t *testing.T) {
	d, p, _, _ := office(t)
	d.SetOutbox(&hold{})
	tell(t, d, p, nil, "ann@nhs.net")
	sealed, err := db.Read(t.Context(), d, func(r db.R) ([]byte, error) {
		return db.Value[[]byte](t.Context(), r, `SELECT sealed FROM mail_circular`)
	})
	if err != nil || len(sealed) == 0 {
		t.Fatal(err)
	}
	for _, text := range []string{"ann@", "happened"} {
		if strings.Contains(string(sealed), text) {
			t.Errorf("%q can be read", text)
		}
	}
}

// A circular whose job is there no more is forgotten when it has waited longer than any job is tried.
func TestACircularWithoutAJobIsForgotten(t *testing.T) {
	d, p, _, c := office(t)
	d.SetOutbox(&hold{})
	tell(t, d, p, nil, "ann@nhs.net")
	for _, tt := range []struct {
		after time.Duration
		want  int64
	}{{30*24*time.Hour - time.Millisecond, 1}, {time.Millisecond, 0}} {
		c.Advance(tt.after)
		if _, err := mail.Sweeper(d, keep).Sweep(t.Context(), actor.ForCommand("test")); err != nil {
			t.Fatal(err)
		}
		left, err := db.Read(t.Context(), d, func(r db.R) (int64, error) {
			return db.Value[int64](t.Context(), r, `SELECT COUNT(*) FROM mail_circular`)
		})
		if err != nil || left != tt.want {
			t.Errorf("%s later %d circulars are there, want %d: %v", tt.after, left, tt.want, err)
		}
	}
}

// Of a few messages an address gets the first one alone.
func TestAFewMessagesReachEachOnce(t *testing.T) {
	d, p, _, _ := office(t)
	d.SetOutbox(&hold{})
	to := func(address string) mail.Message { return mail.Message{Kind: "test", To: address} }
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		err := p.SendEach(t.Context(), w, to("Ann@nhs.net"), to(""), to("ann@NHS.net"), to("bo@nhs.net"))
		return errors.Join(err, w.Record(t.Context(), audit.Event{Kind: "test.happened"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	eachOnce(t, queued(t, d), []string{"Ann@nhs.net", "bo@nhs.net"})
}
