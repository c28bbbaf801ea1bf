package bymail_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/ticket"
	"signpost/internal/dos/ticket/bymail"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mail/incoming"
	"signpost/internal/platform/mail/received"
	"signpost/internal/platform/worldtest"
)

type world struct {
	*dostest.World

	desk   ticket.Desk
	office bymail.Office
	agent  actor.Actor
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC))}
	w.Start(func(ws *job.Workers) { ticket.Work(ws, w.DB) })
	w.desk = ticket.Desk{DB: w.DB, Post: w.Post, Box: w.Box, Home: "http://dos.example", Hours: ticket.OfficeHours, Mail: "in.example"}
	w.office = bymail.Office{Desk: w.desk, Own: []string{"dos@signpost.example"}, Log: slog.New(slog.DiscardHandler)}
	a := w.Account(account.New{Username: "agent", FirstName: "Dee", Email: "dee@example.nhs.uk",
		Grants: account.Desk.In(account.Everywhere)}, "")
	w.agent = actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name()}
	return w
}

// mailed is a mail as somebody sends it.
type mailed struct {
	from, to, subject, header, text string
	noSender                        bool
}

var sent int

func (w *world) send(m mailed) error {
	w.Helper()
	sent++
	raw := fmt.Sprintf("From: %s\r\nSubject: %s\r\nMessage-ID: <%d@theirs>\r\n%s\r\n%s", m.from, m.subject, sent,
		m.header, m.text)
	return w.deliver(m, raw)
}

func (w *world) deliver(m mailed, raw string) error {
	l, err := received.Read([]byte(raw))
	w.Must(err)
	local, _, _ := strings.Cut(m.to, "@") // as package incoming reads addresses
	_, tag, _ := strings.Cut(local, "+")
	a := incoming.Arrival{Tag: tag, Return: l.From, Mail: l}
	if m.noSender {
		a.Return = ""
	}
	return w.office.Receive(w.Context(), a)
}

func (w *world) tickets() []ticket.Ticket {
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]ticket.Ticket, error) {
		list, _, err := ticket.List(ctx, r, ticket.Filter{Reach: account.Reach{Everywhere: true}, Which: ticket.All}, 0, 100)
		return list, err
	})
}

func (w *world) messages(t ticket.Ticket) []ticket.Message {
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]ticket.Message, error) {
		return ticket.MessagesOf(ctx, r, t.ID)
	})
}

// last gives the last mail to somebody about a ticket.
func (w *world) last(to string) mail.Arrival {
	w.Helper()
	w.Settle()
	list := w.Mails.To(to)
	if len(list) == 0 {
		w.Fatal("no mail to " + to)
	}
	return list[0]
}

// A mail becomes a ticket, whose person answers by mail as often as they like.
func TestATicketByMail(t *testing.T) {
	w := newWorld(t)
	bo := w.Account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, "")
	w.Must(w.send(mailed{from: "Bo Example <Bo@example.nhs.uk>", subject: "Fwd: MFA-DoS - Locked out", text: "Help me."}))
	list := w.tickets()
	if len(list) != 1 {
		t.Fatalf("%d tickets", len(list))
	}
	one := list[0]
	if one.Way != ticket.ByMail || one.Name != "Bo Example" || one.ShortDescription() != "MFA-DoS - Locked out" ||
		one.AccountID != bo.ID || !one.Confirmed.IsZero() || one.IsFrom(bo) {
		t.Errorf("%+v", one)
	}
	receipt := w.last("Bo@example.nhs.uk")
	if !strings.Contains(receipt.Text, "/my-ticket/"+one.ID+"/") || strings.Contains(receipt.Text, "Help me") ||
		!strings.HasSuffix(receipt.ReplyTo, "@in.example") ||
		!strings.HasSuffix(receipt.Answers, fmt.Sprintf("%d@theirs", sent)) {
		t.Errorf("receipt: %+v", receipt)
	}
	w.Must(w.desk.Answer(t.Context(), w.agent, one.ID, ticket.Outgoing{Text: "Which card?", Then: ticket.Waiting}))
	answer := w.last("Bo@example.nhs.uk")
	w.Must(w.send(mailed{from: "bo@example.nhs.uk", to: answer.ReplyTo, subject: "Re: x",
		text: "The blue one.\r\n\r\nOn Monday, Desk <desk@in.example> wrote:\r\n> " + received.AnswerAbove}))
	w.Must(w.send(mailed{from: "bo@example.nhs.uk", to: "desk@in.example", subject: "Re: x", // by what it answers alone
		header: "In-Reply-To: <" + strings.Fields(answer.Answers)[0] + ">\r\n", text: "And the red one."}))
	all := w.messages(one)
	if len(w.tickets()) != 1 || len(all) != 4 || all[2].Text != "The blue one." || all[3].Text != "And the red one." ||
		all[2].By != "Bo Example (by email)" {
		t.Errorf("%+v", all)
	}
	if is := w.tickets()[0]; is.State != ticket.Open || !is.Confirmed.IsZero() {
		t.Errorf("after an answer: %+v", is)
	}
}

// A mail that is delivered twice is taken once.
func TestAMailIsTakenOnce(t *testing.T) {
	w := newWorld(t)
	raw := "From: bo@example.nhs.uk\r\nMessage-ID: <same@theirs>\r\n\r\nHelp."
	for range 3 {
		w.Must(w.deliver(mailed{}, raw))
	}
	w.Must(w.deliver(mailed{}, raw+" Another one with the same Message-ID."))
	if n := len(w.tickets()); n != 2 {
		t.Errorf("%d tickets, want 2", n)
	}
}

// What programs send makes no ticket and adds nothing to one.
func TestProgramsAreNotAnswered(t *testing.T) {
	w := newWorld(t)
	w.Must(w.send(mailed{from: "bo@example.nhs.uk", subject: "x", text: "Help."}))
	token := w.last("bo@example.nhs.uk").ReplyTo
	var y worldtest.Tally
	for name, m := range map[string]mailed{
		"an absent person's program": {from: "cy@example.nhs.uk", header: "Auto-Submitted: auto-replied\r\n"},
		"one about a ticket":         {from: "bo@example.nhs.uk", to: token, header: "Auto-Submitted: auto-replied\r\n"},
		"an old one":                 {from: "cy@example.nhs.uk", header: "Precedence: bulk\r\n"},
		"a report":                   {from: "cy@example.nhs.uk", noSender: true},
		"the mailer daemon":          {from: "mailer-daemon@example.nhs.uk"},
		"ourselves":                  {from: "DoS@signpost.example"},
		"the desk itself":            {from: "desk@in.example"},
	} {
		w.Must(w.send(m))
		y.Refused(t, name, len(w.tickets()) > 1 || len(w.messages(w.tickets()[0])) > 1)
	}
	y.Report(t, "mails of programs")
}

// Nobody writes in a ticket by its number, by a token of another ticket or by one that is made up.
func TestTokensOfTickets(t *testing.T) {
	w := newWorld(t)
	w.Must(w.send(mailed{from: "bo@example.nhs.uk", subject: "one", text: "Help."}))
	own := w.last("bo@example.nhs.uk").ReplyTo
	w.Must(w.send(mailed{from: "cy@example.nhs.uk", subject: "two", text: "Help."}))
	others := w.last("cy@example.nhs.uk").ReplyTo
	number := func(address string) string { n, _, _ := strings.Cut(address, "."); return n }
	secret := func(address string) string { _, s, _ := strings.Cut(address, "."); return s }
	bo := w.tickets()[1]
	if bo.Email != "bo@example.nhs.uk" {
		bo = w.tickets()[0]
	}
	var y worldtest.Tally
	for i, to := range []string{
		number(own) + "@in.example", number(own) + ".@in.example", number(own) + "." + secret(others),
		"desk+" + bo.ID + "@in.example", number(own) + "." + strings.Repeat("0", 32) + "@in.example",
	} {
		from := fmt.Sprintf("mal%d@evil.example", i)
		w.Must(w.send(mailed{from: from, to: to, subject: "Re: " + bo.Show(), text: "Change my address."}))
		y.Refused(t, to, len(w.messages(bo)) != 1)
	}
	y.Report(t, "tokens that are not the ticket's")
	w.Must(w.send(mailed{from: "mal@evil.example", to: own, text: "I am her colleague."}))
	all := w.messages(bo)
	if len(all) != 2 || !strings.HasPrefix(all[1].By, "mal@evil.example") {
		t.Errorf("whoever has the token, and another address: %+v", all)
	}
	is := w.last("bo@example.nhs.uk")
	if w.Mailed("ticket.answered", "mal@evil.example") != 0 || is.Kind != "ticket.raised" {
		t.Errorf("somebody was mailed for a reply: %+v", is)
	}
}

// How many tickets strangers make by mail is bounded by address and in all, and the form goes on being taken.
func TestHowManyMailsBecomeTickets(t *testing.T) {
	w := newWorld(t)
	took := 0
	for range 12 {
		err := w.send(mailed{from: "bo@example.nhs.uk", subject: "again", text: "Help."})
		if err == nil {
			took++
		} else if !errors.Is(err, fault.TooMany) {
			t.Fatal(err)
		}
	}
	if took != 5 {
		t.Errorf("one address raised %d", took)
	}
	for n := range 300 {
		if err := w.send(mailed{from: fmt.Sprintf("m%d@evil.example", n), text: "x"}); err != nil &&
			!errors.Is(err, fault.TooMany) {
			t.Fatal(err)
		}
	}
	if n := len(w.tickets()); n > 100 { // as many as are listed
		t.Errorf("%d listed", n)
	}
	if n := w.Count(`SELECT COUNT(*) FROM ticket WHERE way = 'mail'`); n != 250 {
		t.Errorf("mails made %d tickets", n)
	}
	_, err := w.desk.Raise(t.Context(), actor.Actor{Kind: actor.Stranger, Network: "n"}, ticket.Typed{Name: "Ann",
		Email: "ann@example.nhs.uk", Category: "log-in", Subject: "x", Text: "x"})
	w.Must(err)
}

// What is odd in a mail is taken as it can be kept.
func TestOddMails(t *testing.T) {
	w := newWorld(t)
	for _, m := range []mailed{
		{from: "a@example.nhs.uk", subject: "", text: ""},
		{from: "b@example.nhs.uk", subject: strings.Repeat("ä", 500), text: strings.Repeat("word ", 5000)},
		{from: "=?utf-8?Q?" + strings.Repeat("x", 300) + "?= <c@example.nhs.uk>", subject: "MFA-DoS -", text: "\x00\x01\xff"},
		{from: "d@example.nhs.uk", subject: "MFA-DoS - reference " + "KDF7 2M9X", text: "x"},
	} {
		if err := w.send(m); err != nil {
			t.Errorf("%q: %v", m.from, err)
		}
	}
	list := w.tickets()
	if len(list) != 4 {
		t.Fatalf("%d tickets", len(list))
	}
	for _, one := range list {
		if one.Email == "a@example.nhs.uk" && one.Subject != "Email without a subject" {
			t.Errorf("%+v", one)
		}
		if one.Email == "d@example.nhs.uk" && one.Reference != "KDF72M9X" {
			t.Errorf("%+v", one)
		}
	}
	for _, bad := range []string{"a@b", "\"a b\"@example.nhs.uk"} {
		if err := w.send(mailed{from: "<" + bad + ">", text: "x"}); err != nil && !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Of the files of a mail the first that can be are kept, attached ones before pictures in the text, and the others are
// named.
func TestFilesOfMails(t *testing.T) {
	w := newWorld(t)
	part := func(disposition, name, content string) string {
		return "--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: " + disposition + "; filename=\"" +
			name + "\"\r\n\r\n" + content + "\r\n"
	}
	const png = "\x89PNG\r\n\x1a\n"
	w.Must(w.send(mailed{from: "bo@example.nhs.uk", header: "Content-Type: multipart/mixed; boundary=b\r\n",
		text: "--b\r\n\r\nSee.\r\n" + part("inline", "logo.png", png) + part("inline", "screen.png", png+"larger") +
			part("attachment", "../../x.html", "<b>") + part("attachment", "virus.exe", "MZ\x00") +
			part("attachment", "a.pdf", "%PDF-1") + "--b--\r\n"}))
	one := w.tickets()[0]
	files := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (map[string][]ticket.File, error) {
		return ticket.FilesOf(ctx, r, one.ID)
	})
	message := w.messages(one)[0]
	var names []string
	for _, f := range files[message.ID] {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "x.html.txt a.pdf screen.png" {
		t.Errorf("kept: %s", got)
	}
	for _, want := range []string{"See.", "“virus.exe” was left out: it is no PDF", "“logo.png” was left out: there are 3"} {
		if !strings.Contains(message.Text, want) {
			t.Errorf("no %q in %q", want, message.Text)
		}
	}
}
