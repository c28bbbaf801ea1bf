package outcome

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
)

// Watch counts the events of logins.
type Watch struct {
	DB *db.DB
	// Also is what else is noted of attempts, in the transaction that counts them; nil for nothing.
	Also func(ctx context.Context, k *db.K, list []Attempt) error
}

// Job is the job that counts.
type Job struct{}

// Kind names the job.
func (Job) Kind() string { return "outcome.count" }

const (
	countEvery = time.Minute
	// settled is after how long no transaction that read the clock before is under way any more.
	settled = 20 * time.Second
	// maxAtOnce is how many events are counted in one transaction, so that others can write.
	maxAtOnce = 500
	// keptFor is how long it is kept who it was, and lockoutsKept when somebody was locked out.
	keptFor      = 90 * 24 * time.Hour
	lockoutsKept = 400 * 24 * time.Hour
)

// SweepJob is the job that forgets who logged in three months ago. The counts stay.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "outcome.sweep" }

// Work registers the jobs.
func (o Watch) Work(ws *job.Workers) {
	job.Work(ws, func(ctx context.Context, _ Job) error { return o.Count(ctx) })
	job.Every(ws, countEvery, Job{})
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: o.DB, Tables: []db.Sweep{
		{Table: "outcome_person", Key: "person, day, way, outcome, wave_id", Over: "day", Keep: keptFor},
		{Table: "outcome_lockout", Key: "person, begun_at", Over: "begun_at", Keep: lockoutsKept},
	}})
}

// Count counts the events that have come since it last did.
func (o Watch) Count(ctx context.Context) error {
	return job.InChunks(ctx, func(ctx context.Context) (more bool, err error) {
		n, err := db.Keep(ctx, o.DB, func(k *db.K) (int, error) { return o.part(ctx, k) })
		if errors.Is(err, errElsewhere) {
			return false, nil
		}
		return n == maxAtOnce, err
	})
}

// errElsewhere says that another node counted the same events.
var errElsewhere = fault.Say(fault.Conflict, "The logins were counted meanwhile.")

// kinds are the kinds of events that are counted. The index event_of_login has the same.
func kinds() []audit.Kind {
	return []audit.Kind{account.LinkedEvent, signin.SignedIn, signin.NotIn, signin.PasswordOver}
}

// part counts the next events, and says how many there were.
func (o Watch) part(ctx context.Context, k *db.K) (int, error) {
	last, err := markOf(ctx, k)
	if err != nil {
		return 0, err
	}
	events, err := audit.After(ctx, k, last, k.Now().Add(-settled), maxAtOnce, kinds()...)
	if err != nil || len(events) == 0 {
		return 0, err
	}
	list, err := attempts(ctx, k, events)
	if err != nil {
		return 0, err
	}
	if err := note(ctx, k, list); err != nil {
		return 0, err
	}
	if o.Also != nil {
		if err := o.Also(ctx, k, list); err != nil {
			return 0, err
		}
	}
	end := events[len(events)-1]
	return len(events), moveMark(ctx, k, last, audit.Mark{At: end.At, ID: end.ID})
}

func markOf(ctx context.Context, k *db.K) (audit.Mark, error) {
	if _, err := k.Exec(ctx, `INSERT INTO outcome_mark (id, at, event_id) VALUES (1, 0, '')
		ON CONFLICT (id) DO NOTHING`); err != nil {
		return audit.Mark{}, fmt.Errorf("mark where counting began: %w", err)
	}
	return readMark(ctx, k)
}

func readMark(ctx context.Context, r db.R) (audit.Mark, error) {
	m, err := db.One(ctx, r, func(scan db.Scanner) (m audit.Mark, err error) {
		err = scan(db.At(&m.At), &m.ID)
		return m, err
	}, `SELECT at, event_id FROM outcome_mark WHERE id = 1`)
	if err != nil {
		return m, fmt.Errorf("read what was counted last: %w", err)
	}
	return m, nil
}

// Counted reports whether all logins before a time are counted.
func Counted(ctx context.Context, r db.R, until time.Time) (bool, error) {
	last, err := readMark(ctx, r)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return false, err
	}
	left, err := audit.After(ctx, r, last, until, 1, kinds()...)
	return len(left) == 0 && until.Before(r.Now().Add(-settled)), err
}

func moveMark(ctx context.Context, k *db.K, from, to audit.Mark) error {
	n, err := k.Exec(ctx, `UPDATE outcome_mark SET at = $1, event_id = $2 WHERE id = 1 AND event_id = $3`, to.At, to.ID,
		from.ID)
	switch {
	case err != nil:
		return fmt.Errorf("mark what was counted: %w", err)
	case n != 1:
		return errElsewhere
	}
	return nil
}

// attempts reads of what events tell.
func attempts(ctx context.Context, r db.R, events []audit.Entry) (list []Attempt, err error) {
	for _, e := range events {
		a := Attempt{At: e.At, Person: e.Subject.ID}
		a.Way, a.Outcome = told(e)
		if a.Account, err = accountOf(ctx, r, e.Subject); err != nil {
			return nil, err
		}
		if a.Account.ID != "" {
			a.Person = a.Account.ID
			if a.Wave, err = wave.Of(ctx, r, a.Account.ID); err != nil {
				return nil, err
			}
		}
		list = append(list, a)
	}
	return list, nil
}

// told reads by what somebody came and what became of it.
func told(e audit.Entry) (Way, signin.Outcome) {
	switch e.Kind {
	case account.LinkedEvent:
		return NotKnown, Linked
	case signin.SignedIn:
		came, _ := signin.CameIn(e)
		if came.How == signin.ByPassword {
			return Password, signin.Enter
		}
		return wayOf(came.AMR), signin.Enter
	}
	refused, known := signin.RefusedIn(e)
	if !known {
		refused.Outcome = notKnown
	}
	if e.Kind == signin.PasswordOver {
		return Password, refused.Outcome
	}
	return wayOf(refused.AMR), refused.Outcome
}

// notKnown is the outcome of somebody who was refused, where the reason is not kept any more.
const notKnown signin.Outcome = "not-known"

func wayOf(amr []string) Way {
	if len(amr) == 0 {
		return NotKnown
	}
	return Way(amr[0])
}

// accountOf gives the account that an event is about; none where it is not known.
func accountOf(ctx context.Context, r db.R, about audit.Ref) (a account.Account, err error) {
	if about.Kind == account.Ref("").Kind {
		a, err = account.ByID(ctx, r, about.ID)
	} else {
		issuer, subject, _ := strings.Cut(about.ID, " ")
		a, err = account.ByCareIdentity(ctx, r, issuer, subject)
	}
	if errors.Is(err, fault.NotFound) {
		return account.Account{}, nil
	}
	return a, err
}

const putPerson = `INSERT INTO outcome_person (day, person, way, outcome, wave_id, first_at, last_at, tries)
	VALUES ($1, $2, $3, $4, $5, $6, $6, 1)
	ON CONFLICT (person, day, way, outcome, wave_id) DO UPDATE SET last_at = excluded.last_at,
		tries = outcome_person.tries + 1
	RETURNING tries`

const putDay = `INSERT INTO outcome_day (day, wave_id, way, outcome, people, tries) VALUES ($1, $2, $3, $4, $5, $6)
	ON CONFLICT (day, wave_id, way, outcome) DO UPDATE SET people = outcome_day.people + excluded.people,
		tries = outcome_day.tries + excluded.tries`

// note counts attempts, by person and by day.
func note(ctx context.Context, k *db.K, list []Attempt) error {
	counts := map[Count]*Count{}
	var order []*Count
	for _, a := range list {
		if err := follow(ctx, k, a); err != nil {
			return err
		}
		one := Count{Day: DayOf(a.At), Wave: a.Wave.ID, Way: a.Way, Outcome: a.Outcome}
		tries, err := db.One(ctx, k, db.Column[int], putPerson, one.Day, a.Person, string(a.Way), string(a.Outcome),
			a.Wave.ID, a.At)
		if err != nil {
			return fmt.Errorf("note a login: %w", err)
		}
		if counts[one] == nil {
			counted := one
			counts[one] = &counted
			order = append(order, &counted)
		}
		counts[one].Tries++
		if tries == 1 {
			counts[one].People++
		}
	}
	for _, c := range order {
		_, err := k.Exec(ctx, putDay, c.Day, c.Wave, string(c.Way), string(c.Outcome), c.People, c.Tries)
		if err != nil {
			return fmt.Errorf("count logins: %w", err)
		}
	}
	return nil
}
