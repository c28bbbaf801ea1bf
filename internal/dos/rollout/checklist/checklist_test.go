package checklist_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/mailing/reminder"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/checklist"
	"signpost/internal/dos/wave"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// world is Ada, whose Care Identity lacks the position until has is set, and a registration authority.
type world struct {
	*dostest.World

	ada   account.Account
	has   bool
	away  error
	asked int
	desk  checklist.Desk
	watch checklist.Watch
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))}
	w.Start()
	w.AddWaves()
	w.ada = w.Account(account.New{Username: "ada", FirstName: "Ada", LastName: "Okafor", Email: "ada@nhs.net",
		EmailProved: true}, w.Waves[path.Choose])
	w.desk = checklist.Desk{DB: w.DB, Post: w.Post}
	w.watch = checklist.Watch{DB: w.DB, Post: w.Post, Asker: w, Home: "https://dos.example"}
	return w
}

// AskAll answers as the care identity side would.
func (w *world) AskAll(_ context.Context, questions []extract.Question) (answers []extract.Answer, err error) {
	for _, q := range questions {
		w.asked++
		answers = append(answers, w.answer(q))
	}
	return answers, w.away
}

// Ask answers about one.
func (w *world) Ask(_ context.Context, q extract.Question) (extract.Answer, error) {
	return w.answer(q), w.away
}

func (w *world) answer(q extract.Question) extract.Answer {
	position := extract.No
	if w.has {
		position = extract.Yes
	}
	return extract.Answer{
		Ref: q.Ref, Found: extract.One, State: extract.Active, Email: extract.EmailEqual, Position: position,
		Authenticator: &extract.Authenticator{Level: 3, Approved: true},
	}
}

// looks is Ada looking at her list.
func (w *world) looks() path.Now {
	w.Helper()
	known := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (rollout.Known, error) {
		return rollout.Read(ctx, r, w.ada.ID)
	})
	facts, err := rollout.Facts(w.Context(), w, known)
	w.Must(err)
	now := checklist.Now(facts, w.asks(), false, w.Clock.Now())
	w.Must(checklist.Saw(w.Context(), w.DB, w.ada.ID, now))
	return now
}

func (w *world) asks() []checklist.Ask {
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]checklist.Ask, error) {
		return checklist.Asks(ctx, r, w.ada.ID)
	})
}

// later lets time go by, and the job run.
func (w *world) later(d time.Duration) {
	w.Helper()
	w.Clock.Advance(d)
	more, err := w.watch.Chunk(w.Context())
	w.Must(err)
	if more {
		w.Error("one list takes more than one chunk")
	}
}

func (w *world) told() int { return w.Mailed("checklist.told", w.ada.Email) }

var position = []path.What{path.GetPosition}

func (w *world) send() error {
	return w.desk.Send(w.Context(), actor.Actor{Kind: actor.Person, ID: w.ada.ID}, w.ada.ID, position,
		checklist.Letter{To: "ra@fenmarch.example", Of: "Fenmarch", Subject: "The position", Text: "R8008 and B0166"})
}

// Whoever asked waits a week, and is told as soon as there is something for them to do.
func TestAskedAndTold(t *testing.T) {
	w := newWorld(t)
	if now := w.looks(); now.Do.What != path.GetPosition {
		t.Fatalf("first Ada is to do %q", now.Do.What)
	}
	w.Must(w.send())
	if got := w.Mailed("checklist.asked", "ra@fenmarch.example"); got != 1 {
		t.Errorf("%d mails went to the registration authority", got)
	}
	if sent := w.Mails.To("ra@fenmarch.example"); len(sent) != 1 || sent[0].ReplyTo != "ada@nhs.net" {
		t.Errorf("answers go to %+v", sent)
	}
	if now := w.looks(); now.Do.What != "" || len(now.Working) != 1 {
		t.Errorf("after Ada asked she is to do %q", now.Do.What)
	}
	w.later(time.Hour)
	if w.told() != 0 {
		t.Error("Ada was told although nothing has changed")
	}
	w.has = true
	w.later(time.Hour)
	if w.told() != 1 {
		t.Fatal("Ada was not told that she can go on")
	}
	w.later(time.Hour)
	if w.told() != 1 {
		t.Error("Ada was told twice of one thing")
	}
}

// Whoever wants no reminders is not told.
func TestWhoWantsNoRemindersIsNotTold(t *testing.T) {
	w := newWorld(t)
	desk := reminder.Desk{DB: w.DB, Post: w.Post, Home: "https://dos.example"}
	secret := strings.TrimPrefix(desk.Link(w.ada.ID), "https://dos.example"+reminder.Path+w.ada.ID+"/")
	w.Must(desk.Stop(t.Context(), actor.Actor{Kind: actor.Stranger}, w.ada.ID, secret))
	w.looks()
	w.Must(w.send())
	w.looks()
	w.has = true
	w.later(time.Hour)
	if n := w.told(); n != 0 {
		t.Errorf("told %d times", n)
	}
}

// The mail says that there is something to do, and not what: whoever reads a mailbox is not to learn what somebody
// lacks.
func TestTheMailDoesNotSayWhatIsMissing(t *testing.T) {
	w := newWorld(t)
	w.has = true
	w.looks()
	w.has = false
	w.later(time.Hour)
	w.Settle()
	mails := w.Mails.To(w.ada.Email)
	if len(mails) != 1 || !strings.Contains(mails[0].Text, "https://dos.example/checklist") {
		t.Fatalf("mailed were %+v", mails)
	}
	for _, secret := range []string{"position", "R8008", "authenticator", "registration"} {
		if strings.Contains(mails[0].Text+mails[0].Subject, secret) {
			t.Errorf("the mail says %s", secret)
		}
	}
}

// The same person asks at most once a day for one thing, by however many clicks at once.
func TestOneMailADay(t *testing.T) {
	w := newWorld(t)
	results := make(chan error, 8)
	for range cap(results) {
		go func() { results <- w.send() }()
	}
	sent := 0
	for range cap(results) {
		err := <-results
		if err == nil {
			sent++
		} else if !errors.Is(err, fault.Conflict) {
			t.Errorf("refused by %v", err)
		}
	}
	if sent != 1 || w.Mailed("checklist.asked", "ra@fenmarch.example") != 1 {
		t.Errorf("%d of 8 were sent", sent)
	}
	w.Clock.Advance(25 * time.Hour)
	w.Must(w.send())
	w.Clock.Advance(8 * 24 * time.Hour)
	if now := w.looks(); now.Do.What != path.GetPosition {
		t.Errorf("a week later Ada is to do %q", now.Do.What)
	}
}

// Whoever was told today is told of what has changed since tomorrow, and not at all if it went back.
func TestOnePersonIsToldOnceADay(t *testing.T) {
	w := newWorld(t)
	w.looks()
	turn := func(has bool, wait time.Duration, want int) {
		t.Helper()
		w.has = has
		w.later(wait)
		if n := w.told(); n != want {
			t.Errorf("she was told %d times, want %d", n, want)
		}
	}
	turn(true, time.Hour, 1)
	turn(false, time.Hour, 1)
	turn(true, time.Hour, 1) // it went back
	turn(true, 24*time.Hour, 1)
	turn(false, time.Hour, 2)
	turn(true, time.Hour, 2)
	turn(true, 20*time.Hour, 3)
}

// Lists are not looked at while the care identity side is away, and what they said stays.
func TestAwayIsNotAMove(t *testing.T) {
	w := newWorld(t)
	w.looks()
	w.away = fault.Say(fault.Unavailable, "away")
	w.Clock.Advance(time.Hour)
	if _, err := w.watch.Chunk(w.Context()); err == nil {
		t.Error("the job does not say that nobody answered")
	}
	w.away = nil
	w.later(time.Minute)
	if w.told() != 0 {
		t.Error("Ada was told of a move that was none")
	}
}

// A team's account, one that is not active and one that nobody looked at for four weeks are left alone.
func TestWhoIsNotWatched(t *testing.T) {
	w := newWorld(t)
	w.looks()
	w.has = true
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE account SET active = FALSE WHERE id = $1`, w.ada.ID)
		return err
	})
	w.later(time.Hour)
	if w.told() != 0 {
		t.Error("the holder of an account that is not active was told")
	}
	if err := w.send(); err == nil {
		t.Error("a mail was sent for an account that is not active")
	}
	w.later(29 * 24 * time.Hour)
	if n := w.Count(`SELECT COUNT(*) FROM checklist_watch`); n != 0 {
		t.Errorf("%d lists are still watched", n)
	}
	team := w.Account(account.New{Username: "team", Email: "team@nhs.net", Kind: account.Shared}, "")
	if err := w.desk.Note(w.Context(), actor.Actor{}, team.ID, position, "Fenmarch"); err == nil {
		t.Error("a team asked for something")
	}
	if w.Events("checklist.asked") != nil {
		t.Error("an event tells that somebody asked")
	}
}

// Whoever has linked their account is not told of anything more.
func TestTheWaveOpens(t *testing.T) {
	w := newWorld(t)
	w.has = true
	w.Update(func(ctx context.Context, u *db.W) error {
		return wave.SetPhase(ctx, u, w.Waves[path.Choose], path.Prepare, "not yet")
	})
	if now := w.looks(); now.Do.What != "" {
		t.Fatalf("before linking opens Ada is to do %q", now.Do.What)
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		return wave.SetPhase(ctx, u, w.Waves[path.Choose], path.Choose, "open")
	})
	w.later(time.Hour)
	if w.told() != 1 {
		t.Error("Ada was not told that she can link")
	}
}
