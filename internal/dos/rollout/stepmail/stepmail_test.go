package stepmail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/rollout/stepmail"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail/received"
	"signpost/internal/platform/reading"
	"signpost/internal/platform/worldtest"
)

const home = "https://dos.example.nhs.uk"

// world is a directory with a service desk, and a care identity side that answers about everybody alike.
type world struct {
	*dostest.World

	desk   stepmail.Desk
	agent  actor.Actor
	answer extract.Answer
	away   error
	asked  int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC))}
	w.Start()
	w.AddWaves()
	w.answer = extract.Answer{Found: extract.One, State: extract.Active, Email: extract.EmailEqual,
		Position: extract.No, Authenticator: &extract.Authenticator{Level: 3, Approved: true}}
	w.desk = stepmail.Desk{DB: w.DB, Post: w.Post, Home: home, Asker: w}
	w.agent = w.member("agent", account.Everywhere)
	return w
}

// Ask answers as the care identity side would.
func (w *world) Ask(_ context.Context, q extract.Question) (extract.Answer, error) {
	w.asked++
	w.answer.Ref = q.Ref
	return w.answer, w.away
}

func (w *world) member(username string, where account.Scope) actor.Actor {
	w.Helper()
	a := w.Account(account.New{Username: username, FirstName: "Dee", Email: username + "@example.nhs.uk",
		Grants: account.Desk.In(where)}, "")
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name()}
}

func (w *world) user(username string) account.Account {
	w.Helper()
	return w.Account(account.New{Username: username, FirstName: "Ada", LastName: "Okafor", Region: "north",
		Email: username + "@nhs.net", EmailProved: true}, w.Waves[path.Choose])
}

func (w *world) send(to account.Account) error {
	w.Helper()
	return w.desk.Send(w.Context(), w.agent, to.ID)
}

func (w *world) sets(sql string, args ...any) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, sql, args...)
		return err
	})
}

// Whoever telephones gets what they have to do as it is at that moment, at the address of their account alone, and
// reads in their activity that the desk sent it.
func TestTheNextStepIsMailed(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada")
	w.Must(w.send(ada))
	w.Settle()
	w.Clock.Advance(time.Minute)
	w.answer.Position = extract.Yes
	w.Must(w.send(ada))
	w.Settle()
	list := w.Mails.To(ada.Email)
	if len(list) != 2 || len(w.Mails.All()) != 2 {
		t.Fatalf("mailed: %+v", w.Mails.All())
	}
	for i, says := range []string{path.Link.Title(), path.GetPosition.Title()} { // the newest first
		for _, want := range []string{"Dear Ada Okafor,", says, home + "/checklist", "Your account is ada.",
			"If it was not you who asked"} {
			if !strings.Contains(list[i].Text, want) {
				t.Errorf("no %q in %s", want, list[i].Text)
			}
		}
		if strings.Contains(list[i].Text, "@") {
			t.Errorf("an address stands in it: %s", list[i].Text)
		}
		if age := reading.Of(list[i].Text, mailing.Terms()...).Age(); age > mailing.MaxAge {
			t.Errorf("reading age %d: %s", age, list[i].Text)
		}
	}
	for _, e := range w.Events("stepmail.sent") {
		if e.Subject != account.Ref(ada.ID) || e.ActorID != w.agent.ID {
			t.Errorf("event: %+v", e)
		}
	}
}

// Nothing is sent where it would reach nobody, or somebody else; the reason says what the desk does instead.
func TestWhoCannotBeMailed(t *testing.T) {
	var y worldtest.Tally
	for name, change := range map[string]func(w *world, a account.Account){
		"nobody has shown that they read it": func(w *world, a account.Account) {
			w.sets(`UPDATE account SET email_proved_at = NULL WHERE id = $1`, a.ID)
		},
		"no address": func(w *world, a account.Account) {
			w.sets(`UPDATE account SET email = '', email_key = '' WHERE id = $1`, a.ID)
		},
		"not active": func(w *world, a account.Account) {
			w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, a.ID, "left") })
		},
		"a program": func(w *world, a account.Account) {
			w.sets(`UPDATE account SET web_service_only = TRUE WHERE id = $1`, a.ID)
		},
		"a team reads it": func(w *world, a account.Account) {
			w.sets(`UPDATE account SET email = 'reception@nhs.net', email_key = 'reception@nhs.net' WHERE id = $1`, a.ID)
		},
		"it comes back": func(w *world, a account.Account) { w.bounces(a.Email) },
	} {
		w := newWorld(t)
		w.Post.Bounces = "in.example"
		ada := w.user("ada")
		w.Must(w.send(ada)) // the honest twin
		w.Settle()
		change(w, ada)
		before := w.Count(`SELECT COUNT(*) FROM mail`)
		err := w.send(ada)
		y.Refused(t, name, err == nil || w.Count(`SELECT COUNT(*) FROM mail`) != before)
		problem, is := fault.From(err)
		if !is || problem.Code != fault.Conflict || problem.Cure == "" || len(w.Events("stepmail.refused")) != 1 {
			t.Errorf("%s: %v, events %d", name, err, len(w.Events("stepmail.refused")))
		}
	}
	y.Report(t, "mails that would reach nobody")
}

// bounces has the last mail to an address come back.
func (w *world) bounces(address string) {
	w.Helper()
	local, _, _ := strings.Cut(w.Mails.To(address)[0].Return, "@")
	_, tag, _ := strings.Cut(local, "+")
	w.Must(w.Post.Returned(w.Context(), tag, received.Report{Action: "failed", Status: "5.1.1"}))
}

// Nobody fills a mailbox by it: a person gets two a day, whoever sends them and however many at once, and one member of
// the desk sends a hundred.
func TestNoMailboxIsFilled(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada")
	others := []actor.Actor{w.agent, w.member("second", account.Everywhere), w.member("third", account.Everywhere)}
	var all sync.WaitGroup
	results := make(chan error, 12)
	for i := range cap(results) {
		all.Go(func() { results <- w.desk.Send(t.Context(), others[i%len(others)], ada.ID) })
	}
	all.Wait()
	close(results)
	sent := 0
	for err := range results {
		if err == nil {
			sent++
		} else if !errors.Is(err, fault.TooMany) {
			t.Errorf("refused by %v", err)
		}
	}
	if sent != stepmail.MaxOfPerson || w.Mailed("stepmail", ada.Email) != sent {
		t.Errorf("%d of 12 were sent", sent)
	}
	w.Clock.Advance(25 * time.Hour)
	w.Must(w.send(ada))
	for n := 1; n < stepmail.MaxOfSender; n++ {
		w.Must(w.send(w.user(fmt.Sprint("user", n))))
	}
	last := w.user("last")
	if err := w.send(last); !errors.Is(err, fault.TooMany) {
		t.Errorf("one more than a member of the desk can send: %v", err)
	}
	w.Must(w.desk.Send(t.Context(), others[1], last.ID))
}

// The desk of one region sends nothing to another's people, and learns nothing of them; nor does whoever is no desk.
// Nobody asks the care identity side for them.
func TestOnlyTheirOwnDesk(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada") // of the north
	south := w.member("south", account.InRegion("south"))
	var y worldtest.Tally
	w.Must(w.desk.Send(t.Context(), w.member("north", account.InRegion("north")), ada.ID))
	asked := w.asked
	for name, by := range map[string]actor.Actor{"of another region": south,
		"themselves": {Kind: actor.Person, ID: ada.ID}, "a stranger": {Kind: actor.Stranger}} {
		err := w.desk.Send(t.Context(), by, ada.ID)
		y.Refused(t, name, !errors.Is(err, fault.Forbidden))
	}
	y.Report(t, "senders who are not the person's desk")
	if w.asked != asked {
		t.Error("the care identity side was asked for somebody who may not know")
	}
}

// While the care identity side does not answer, nobody is sent a step that may be of yesterday.
func TestNothingIsSentUnknown(t *testing.T) {
	w := newWorld(t)
	ada := w.user("ada")
	w.away = errors.New("away")
	if err := w.send(ada); !errors.Is(err, fault.Unavailable) {
		t.Errorf("sent, or %v", err)
	}
	w.away = nil
	w.Must(w.send(ada))
	w.desk.Asker = nil
	w.Must(w.send(w.user("bo"))) // what was noted is all that can be known
}
