package mail_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mail/received"
	"signpost/internal/platform/worldtest"
)

var (
	forGood = received.Report{Action: "failed", Status: "5.1.1", Diagnosis: "smtp; 550 no such user"}
	forNow  = received.Report{Action: "failed", Status: "4.4.7"}
	delayed = received.Report{Action: "delayed", Status: "4.4.1"}
)

// returning is a post of which mail comes back.
type returning struct{ *worldtest.World }

func newReturning(t *testing.T) returning {
	t.Helper()
	const name = "202612020501_mail_return.sql" // of the side that takes mail in
	text, err := os.ReadFile("../../dos/schema/" + name)
	if err != nil {
		t.Fatal(err)
	}
	schema := fstest.MapFS{name: {Data: text}}
	w := returning{worldtest.Open(t, schema, time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC))}
	w.Start()
	w.Post.Bounces = "in.example"
	return w
}

// sends mails somebody, and gives the tag of the address for reports.
func (w returning) sends(to, batch string) (tag string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		err := w.Post.Send(ctx, u, mail.Message{Kind: "test.mail", To: to, Subject: "x", Text: "x", Batch: batch})
		if err != nil {
			return err
		}
		return u.Record(ctx, audit.Event{Kind: "test.sent", Subject: audit.Ref{Kind: "test", ID: "x"}})
	})
	w.Settle()
	var newest mail.Arrival
	for _, m := range w.Mails.To(to) {
		if newest.ID < m.ID {
			newest = m
		}
	}
	local, _, _ := strings.Cut(newest.Return, "@")
	if len(local) > 64 || !strings.HasSuffix(newest.Return, "@in.example") {
		w.Errorf("address for reports: %q", newest.Return)
	}
	_, tag, _ = strings.Cut(local, "+")
	return tag
}

func (w returning) bounces(address string) bool {
	w.Helper()
	b := worldtest.Read(w.World, func(ctx context.Context, r db.R) (mail.Bounce, error) {
		return mail.BounceOf(ctx, r, address)
	})
	many := worldtest.Read(w.World, func(ctx context.Context, r db.R) (map[string]mail.Bounce, error) {
		return mail.Bouncing(ctx, r, []string{address, "other@example.nhs.uk", strings.ToUpper(address)})
	})
	if (len(many) == 2) != !b.Since.IsZero() || len(many) == 1 {
		w.Errorf("one says %v, many say %v", b, many)
	}
	return !b.Since.IsZero()
}

// What comes back for good marks its address, until somebody confirms it or a later mail has arrived.
func TestMailThatComesBack(t *testing.T) {
	w := newReturning(t)
	tag := w.sends("Bo@example.nhs.uk", "one")
	w.sends("ann@example.nhs.uk", "one")
	w.Must(w.Post.Returned(t.Context(), tag, forGood))
	w.Must(w.Post.Returned(t.Context(), tag, forGood)) // it is noted once
	if n := len(w.Events("mail.returned")); n != 1 {
		t.Errorf("%d events", n)
	}
	if !w.bounces("bo@EXAMPLE.nhs.uk") || w.bounces("ann@example.nhs.uk") {
		t.Error("the wrong address is marked")
	}
	back := worldtest.Read(w.World, func(ctx context.Context, r db.R) ([]string, error) {
		return mail.CameBack(ctx, r, "one")
	})
	if len(back) != 1 || back[0] != "bo@example.nhs.uk" {
		t.Errorf("came back: %v", back)
	}
	w.Clock.Advance(time.Hour)
	w.sends("bo@example.nhs.uk", "")
	if !w.bounces("bo@example.nhs.uk") {
		t.Error("a mail of which nobody knows yet whether it arrives ends the mark")
	}
	w.Clock.Advance(7 * 24 * time.Hour)
	if w.bounces("bo@example.nhs.uk") {
		t.Error("the mark stays after a later mail arrived")
	}
	w.Must(w.Post.Returned(t.Context(), w.sends("bo@example.nhs.uk", ""), forGood))
	if !w.bounces("bo@example.nhs.uk") {
		t.Error("it comes back again, and is not marked")
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		return w.Post.Confirmed(ctx, u, "BO@example.nhs.uk")
	})
	if w.bounces("bo@example.nhs.uk") {
		t.Error("the mark stays after the address was confirmed")
	}
}

// What was reported of a mail is forgotten with it.
func TestReportsAreForgottenWithTheirMail(t *testing.T) {
	w := newReturning(t)
	w.Must(w.Post.Returned(t.Context(), w.sends("bo@example.nhs.uk", "one"), forGood))
	w.Clock.Advance(91 * 24 * time.Hour)
	_, err := mail.Sweeper(w.DB, 90*24*time.Hour).Sweep(t.Context(), actor.ForCommand("test"))
	w.Must(err)
	if n := w.Count(`SELECT COUNT(*) FROM mail_return`); n != 0 || w.bounces("bo@example.nhs.uk") {
		t.Errorf("%d are kept", n)
	}
}

// Nobody marks an address by what no server says of a mail of ours.
func TestFakedReports(t *testing.T) {
	w := newReturning(t)
	tag := w.sends("bo@example.nhs.uk", "")
	other := w.sends("ann@example.nhs.uk", "")
	id, _, _ := strings.Cut(tag, ".")
	_, secret, _ := strings.Cut(other, ".")
	var y worldtest.Tally
	for name, report := range map[string]struct {
		tag string
		received.Report
	}{
		"without a secret":       {id, forGood},
		"with another mail's":    {id + "." + secret, forGood},
		"with a made-up one":     {id + "." + strings.Repeat("0", 20), forGood},
		"of nothing":             {"", forGood},
		"of a mail there is not": {strings.Repeat("a", 32) + "." + secret, forGood},
		"that it is delayed":     {tag, delayed},
		"that it failed for now": {tag, forNow},
		"that says nothing":      {tag, received.Report{}},
		"that it was delivered":  {tag, received.Report{Action: "delivered", Status: "2.0.0"}},
	} {
		w.Must(w.Post.Returned(t.Context(), report.tag, report.Report))
		y.Refused(t, name, w.bounces("bo@example.nhs.uk"))
	}
	y.Report(t, "reports")
	w.Must(w.Post.Returned(t.Context(), other, forGood)) // the honest twin
	if !w.bounces("ann@example.nhs.uk") {
		t.Error("an honest report marks nothing")
	}
}
