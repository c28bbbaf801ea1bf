package mailing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/among"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/mailing"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
)

const home = "https://dos.example.nhs.uk"

type world struct {
	*dostest.World

	office      mailing.Office
	boss, south account.Account
	users       []account.Account
	soFar       map[string]string // ids of accounts by words that say how far they are
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)), soFar: map[string]string{}}
	w.office = mailing.Office{DB: w.DB, Post: w.Post, Home: home, Progress: func(word string) (among.Condition, bool) {
		return among.Having(func(args *db.Arguments, id string) string {
			return id + ` = ` + args.Add(w.soFar[word])
		}), w.soFar[word] != ""
	}}
	w.Start(func(ws *job.Workers) { mailing.Work(ws, w.office) })
	w.boss = w.person("boss", account.Individual, "", account.UserAdministrator.In(account.Everywhere))
	w.south = w.person("southern", account.Individual, "S1", account.UserAdministrator.In(account.OwnOrganisation))
	for i := range 3 {
		w.users = append(w.users, w.person(fmt.Sprint("user", i), account.Individual, "N1", nil))
	}
	return w
}

func (w *world) person(username string, k account.Kind, organisation string, g account.Grants) account.Account {
	w.Helper()
	return w.Account(account.New{Username: username, FirstName: username, Email: username + "@example.nhs.uk",
		Kind: k, Organisation: organisation, Grants: g, PasswordHash: w.Hash}, "")
}

func by(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name()}
}

var reminder = mailing.Text{Kind: mailing.Checklist}

// sent prepares and sends a mail of somebody, and waits until it has gone.
func (w *world) sent(from account.Account, s mailing.Selection, t mailing.Text) mailing.Mailing {
	w.Helper()
	m, err := w.office.Prepare(w.Context(), by(from), s, t)
	w.Must(err)
	w.Must(w.office.Send(w.Context(), by(from), m.ID))
	w.Settle()
	return w.read(m.ID)
}

// goesOn does the job of a mail again, which was put off.
func (w *world) goesOn(m mailing.Mailing) mailing.Mailing {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error { return u.Enqueue(ctx, mailing.SendJob{ID: m.ID}) })
	w.Settle()
	return w.read(m.ID)
}

func (w *world) read(id string) (m mailing.Mailing) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		m, err = mailing.ByID(ctx, r, id)
		return err
	})
	return m
}

func (w *world) had(a account.Account) int { w.Helper(); return w.Mailed("mailing.checklist", a.Email) }

// Everybody who is found gets the mail once, and none other within a day, whoever writes it.
func TestOneMailADay(t *testing.T) {
	w := newWorld(t)
	m := w.sent(w.boss, mailing.Selection{Words: "user"}, reminder)
	if m.State != mailing.Finished || m.Sent != 3 {
		t.Errorf("%+v", m)
	}
	again := w.sent(w.boss, mailing.Selection{}, reminder)
	if again.Skipped != 3 {
		t.Errorf("%+v", again)
	}
	for _, a := range w.users {
		if n := w.had(a); n != 1 {
			t.Errorf("%s had %d", a.Username, n)
		}
	}
	w.Clock.Advance(mailing.Often)
	if later := w.sent(w.boss, mailing.Selection{Words: "user"}, reminder); later.Sent != 3 {
		t.Errorf("a day later: %+v", later)
	}
	w.View(func(ctx context.Context, r db.R) error {
		list, total, err := mailing.Recipients(ctx, r, m.ID, account.Reach{Everywhere: true}, 0, 10)
		if total != 3 || len(list) != 3 {
			t.Errorf("recipients %+v", list)
		}
		return err
	})
	if err := w.office.Send(t.Context(), by(w.boss), m.ID); !errors.Is(err, fault.Conflict) {
		t.Errorf("sent twice: %v", err)
	}
}

// Nobody writes to those whom they do not look after, and not to teams, programs and accounts that are not active.
func TestWhoGetsAMail(t *testing.T) {
	w := newWorld(t)
	near := w.person("near", account.Individual, "S1", nil)
	team := w.person("team", account.Shared, "S1", nil)
	desk := w.person("reception.s1", account.Individual, "S1", nil) // a mailbox that a team reads, by its name
	w.person("robot", account.Machine, "S1", nil)
	gone := w.person("gone", account.Individual, "S1", nil)
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, gone.ID, "left") })
	w.sent(w.south, mailing.Selection{Only: []string{near.ID, w.users[0].ID, team.ID, desk.ID, gone.ID}}, reminder)
	if w.had(near) != 1 || w.had(w.users[0]) != 0 || w.had(team) != 0 || w.had(desk) != 0 || w.had(gone) != 0 {
		t.Errorf("near %d, far %d, team %d, gone %d", w.had(near), w.had(w.users[0]), w.had(team), w.had(gone))
	}
	w.sent(w.south, mailing.Selection{Teams: true}, reminder)
	if w.had(team) != 1 || w.had(desk) != 1 || w.had(w.users[0]) != 0 {
		t.Errorf("team %d, desk %d, far %d", w.had(team), w.had(desk), w.had(w.users[0]))
	}
}

// Whoever has linked their account is not reminded of what they have done, and can be written to about other things.
func TestWhoHasLinkedIsNotReminded(t *testing.T) {
	w := newWorld(t)
	linked := w.users[0]
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: linked.ID, Issuer: "https://cis2", Subject: "1", How: "test"})
	})
	m := w.sent(w.boss, mailing.Selection{Words: "user"}, reminder)
	if m.Sent != 2 || m.LeftOut[mailing.Linked] != 1 || w.had(linked) != 0 {
		t.Errorf("%+v", m)
	}
	own := mailing.Text{Kind: mailing.Own, Subject: "The desk moves", Words: "From Monday the desk is in room 2."}
	if m := w.sent(w.boss, mailing.Selection{Words: "user", Only: []string{linked.ID}}, own); m.Sent != 1 {
		t.Errorf("about another thing: %+v", m)
	}
}

// A mailing of somebody who may not write any more, or that was stopped, goes no further.
func TestAMailingEnds(t *testing.T) {
	w := newWorld(t)
	m, err := w.office.Prepare(t.Context(), by(w.boss), mailing.Selection{Words: "user"}, reminder)
	w.Must(err)
	if err := w.office.Send(t.Context(), by(w.south), m.ID); !errors.Is(err, fault.Forbidden) {
		t.Errorf("sent by another: %v", err)
	}
	if err := w.office.Stop(t.Context(), by(w.users[0]), m.ID); !errors.Is(err, fault.Forbidden) {
		t.Errorf("stopped by a user: %v", err)
	}
	w.Must(w.office.Stop(t.Context(), by(w.boss), m.ID))
	if err := w.office.Send(t.Context(), by(w.boss), m.ID); !errors.Is(err, fault.Conflict) {
		t.Errorf("sent after it was stopped: %v", err)
	}
	late, err := w.office.Prepare(t.Context(), by(w.boss), mailing.Selection{Words: "user"}, reminder)
	w.Must(err)
	w.Clock.Advance(2 * time.Hour)
	if err := w.office.Send(t.Context(), by(w.boss), late.ID); !errors.Is(err, fault.Conflict) {
		t.Errorf("sent hours later: %v", err)
	}
	third, err := w.office.Prepare(t.Context(), by(w.boss), mailing.Selection{Words: "user"}, reminder)
	w.Must(err)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE mailing SET state = 'sending' WHERE id = $1`, third.ID)
		return errors.Join(err, account.Deactivate(ctx, u, w.boss.ID, "left"), u.Enqueue(ctx, mailing.SendJob{ID: third.ID}))
	})
	w.Settle()
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'mailing.sent'`); n != 0 {
		t.Errorf("%d mailings are recorded as sent", n)
	}
	if got := w.read(third.ID); got.State != mailing.Stopped || got.Sent != 0 {
		t.Errorf("of somebody who left: %+v", got)
	}
}

// A mail that was prepared and never sent is forgotten a day after it could have been. One that was sent stays, though
// it was stopped.
func TestUnsentMailsAreForgotten(t *testing.T) {
	w := newWorld(t)
	prepared := func(words string) string {
		m, err := w.office.Prepare(t.Context(), by(w.boss), mailing.Selection{Words: words}, reminder)
		w.Must(err)
		return m.ID
	}
	never, givenUp, begun := prepared("user0"), prepared("user1"), prepared("user2")
	w.Must(w.office.Stop(t.Context(), by(w.boss), givenUp))
	w.Must(w.office.Send(t.Context(), by(w.boss), begun))
	w.Settle()
	left := func(after time.Duration) (ids []string) {
		w.Clock.Advance(after)
		w.Update(func(ctx context.Context, u *db.W) error { return u.Enqueue(ctx, mailing.SweepJob{}) })
		w.Settle()
		w.View(func(ctx context.Context, r db.R) error {
			list, err := mailing.Of(ctx, r, w.boss.ID)
			for _, m := range list {
				ids = append(ids, m.ID)
			}
			return err
		})
		return ids
	}
	if ids := left(24 * time.Hour); len(ids) != 3 {
		t.Errorf("after a day %q are left", ids)
	}
	if ids := left(2 * time.Hour); !slices.Equal(ids, []string{begun}) {
		t.Errorf("after another two hours %q are left, not %q, of %q and %q", ids, begun, never, givenUp)
	}
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'mailing.swept'`); n != 1 {
		t.Errorf("%d events", n)
	}
}

// An own text has a bound, and leads nowhere but to the site.
func TestOwnTexts(t *testing.T) {
	w := newWorld(t)
	try := func(subject, words string) error {
		_, err := w.office.Prepare(t.Context(), by(w.boss), mailing.Selection{Words: "user"},
			mailing.Text{Kind: mailing.Own, Subject: subject, Words: words})
		return err
	}
	for _, words := range []string{"Come to " + home + "/account.", "See you on 1.12. at ann.smith’s, e.g. at noon",
		"Write to boss@example.nhs.uk.", home,
		"From 10.30 on 1.12.2026, i.e. at half past, in room 2.14/3",
		"Log in as ann.smith or José.Muñoz (see " + home + "/help).",
		"Siân’s 2.5 hours and/or more", "See:\n\n- " + home + "/checklist?a=1#top"} {
		if err := try("Hello", words); err != nil {
			t.Errorf("%q: %v", words, err)
		}
	}
	tried := 0
	for _, words := range []string{
		"bit.ly/abc", "go to is.gd/x", "evil.nhs.scot/login", "evil.support/login", "evil.live",
		"nhs-login.zip", "t.ly/x", "evil.us/login", "evil.top", "evil.de/login", "evil.shop", "evil\u3002com/login",
		"evil.com\u200b/login", "ev\u00adil.com", "193.0.0.1/login", "193.0.0.1", "http:\u200b//193.0.0.1/x",
		"//evil.ly/x", "user:pw@evil.com/login", "x@evil.com", "evil.com:8080", "mailto:x@evil.com?subject=password",
		"-evil.com/x", "éevil.com/x", "evil\uff0ecom", "evil.example/x", "evil.example:8080", "(evil.health)",
		home + "/,http://evil.com", home + "/@evil.com", home + "@evil.com/", "evil.\u0440\u0444",
		"nobody@example.nhs.uk",
		"user0@example.nhs.uk", "“evil.co.uk”", "evil.com/login/boss@example.nhs.uk", "see\\\\evil.com",
		"", "http://evil.example", "https://dos.example.nhs.uk.evil.example/", home + ".evil.com",
		"HTTPS://EVIL.COM", "www.evil.com", "evil.com/login", "go to evil.co", "javascript://x", "(nhs.evil.net)",
		strings.Repeat("x", 2001), "ftp://" + home,
	} {
		tried++
		if err := try("Hello", words); !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", words, err)
		}
	}
	for _, subject := range []string{"Write to boss@example.nhs.uk", "bit.ly/x", "Hel\u200blo", "", "evil.com",
		strings.Repeat("x", 121), "One\nBcc: all@example.nhs.uk"} {
		tried++
		if err := try(subject, "Hello"); !errors.Is(err, fault.Invalid) {
			t.Errorf("subject %q: %v", subject, err)
		}
	}
	if _, err := w.office.Prepare(t.Context(), by(w.boss), mailing.Selection{}, mailing.Text{Kind: "other"}); err == nil {
		t.Error("an unknown text")
	}
	nobodyChosen := mailing.Selection{Words: "user", Chosen: true}
	if _, err := w.office.Prepare(t.Context(), by(w.boss), nobodyChosen, reminder); !errors.Is(err, fault.Invalid) {
		t.Errorf("a mail to nobody of those who were offered: %v", err)
	}
	if _, err := w.office.Prepare(t.Context(), by(w.boss), mailing.Selection{Words: "nobody"}, reminder); err == nil {
		t.Error("a mail to nobody")
	}
	t.Logf("texts that must not be: tried %d, accepted 0", tried)
}

// One person prepares a bounded number of mails in a day.
func TestMailsOfADayAreBounded(t *testing.T) {
	w := newWorld(t)
	prepare := func() error {
		_, err := w.office.Prepare(t.Context(), by(w.boss), mailing.Selection{Words: "user"}, reminder)
		return err
	}
	taken := 0
	for range 30 {
		if err := prepare(); err == nil {
			taken++
		} else if !errors.Is(err, fault.TooMany) {
			t.Fatal(err)
		}
	}
	if taken != 20 {
		t.Errorf("%d of 30 were taken", taken)
	}
	w.Clock.Advance(25 * time.Hour)
	w.Must(prepare())
}

// Who was chosen is counted as the mail will find them: without those who cannot have it.
func TestWhoWasChosenIsCounted(t *testing.T) {
	w := newWorld(t)
	team := w.person("team", account.Shared, "N1", nil)
	chosen := mailing.Selection{Chosen: true, Only: []string{team.ID, w.users[0].ID, w.users[1].ID, "nobody"}}
	m := w.sent(w.boss, chosen, mailing.Text{Kind: mailing.Own, Subject: "Hello", Words: "Please ring me."})
	if m.Total != 3 || m.Sent != 2 || m.Skipped != 1 || m.State != mailing.Finished {
		t.Errorf("%+v", m)
	}
	text := w.Mails.To(w.users[0].Email)[0].Text
	if !strings.Contains(text, "boss, DoS user administrator, boss@example.nhs.uk,") {
		t.Errorf("who wrote it cannot be reached: %s", text)
	}
	tooMany := mailing.Selection{Only: slices.Repeat([]string{"x"}, 51)}
	_, err := w.office.Prepare(t.Context(), by(w.boss), tooMany, reminder)
	if !errors.Is(err, fault.Invalid) {
		t.Errorf("more than can be chosen: %v", err)
	}
	_, err = w.office.Prepare(t.Context(), by(w.south), chosen, reminder)
	if !errors.Is(err, fault.Conflict) {
		t.Errorf("those of others: %v", err)
	}
}

// A mailing to many goes in batches, each of them once.
func TestMailingInBatches(t *testing.T) {
	w := newWorld(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := range 120 {
			_, err := account.Add(ctx, u, account.New{Username: fmt.Sprintf("many%03d", i), FirstName: "Many",
				Email: fmt.Sprintf("many%03d@example.nhs.uk", i)})
			if err != nil {
				return err
			}
		}
		return nil
	})
	m := w.sent(w.boss, mailing.Selection{Words: "many"}, reminder)
	w.Clock.Advance(time.Minute)
	m = w.goesOn(m)
	if m.State != mailing.Finished || m.Sent != 120 || m.Total != 120 {
		t.Errorf("%+v", m)
	}
	if n := w.Count(`SELECT COUNT(*) FROM mail WHERE kind = 'mailing.checklist'`); n != 120 {
		t.Errorf("%d mails", n)
	}
}

// No more go in a minute than the operator allows, of all mails together, and it is said when the last goes.
func TestNoMoreGoInAMinute(t *testing.T) {
	w := newWorld(t)
	w.office.PerMinute = 2
	if last := w.office.LastGoes(w.DB.Now(), 5); !last.Equal(w.DB.Now().Add(2 * time.Minute)) {
		t.Errorf("the last of 5 goes at %s", last)
	}
	m, err := w.office.Prepare(t.Context(), by(w.boss), mailing.Selection{Words: "user"}, reminder)
	w.Must(err)
	w.Update(func(ctx context.Context, u *db.W) error { // without its job, which knows of no limit here
		_, err := u.Exec(ctx, `UPDATE mailing SET state = 'sending', begun_at = $2 WHERE id = $1`, m.ID, u.Now())
		return err
	})
	for i, want := range []int64{2, 2, 3} {
		w.Must(mailing.Batch(t.Context(), w.office, m.ID))
		if got := w.read(m.ID); got.Sent != want {
			t.Errorf("after %d tries %d are sent, want %d", i+1, got.Sent, want)
		}
		w.Clock.Advance(31 * time.Second)
	}
}
