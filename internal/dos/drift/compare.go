package drift

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/dos/standing"
	"signpost/internal/national/extract"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
)

// Asker asks the care identity side about many people at once. The directory's package extract has one.
type Asker interface {
	AskAll(ctx context.Context, questions []extract.Question) ([]extract.Answer, error)
}

// Watch compares the addresses of all accounts.
type Watch struct {
	DB    *db.DB
	Asker Asker // nil if the care identity side answers no questions

	// Changes says who changed; nil if nobody says so, and changes are seen by the daily comparison.
	Changes Changes
}

// CompareJob is the job that compares the addresses of all accounts once a day.
type CompareJob struct{}

// Kind names the job.
func (CompareJob) Kind() string { return "drift.compare" }

const (
	lookEvery = 5 * time.Minute // so that people who were imported are soon known about
	eachDay   = 23 * time.Hour  // so that it does not wander through the day
	batch     = 200             // accounts in one question; each may need a look by name
	onlyRun   = 1
)

// Work registers the job, where somebody can be asked.
func (c Watch) Work(ws *job.Workers) {
	job.Work(ws, func(ctx context.Context, _ CompareJob) error {
		if c.Asker == nil {
			return nil
		}
		return job.InChunks(ctx, c.Chunk)
	})
	job.Every(ws, lookEvery, CompareJob{})
	job.Work(ws, func(ctx context.Context, _ RecentJob) error {
		if c.Asker == nil {
			return nil
		}
		return c.Recent(ctx)
	})
	job.Every(ws, recentEvery, RecentJob{})
	c.workChanges(ws)
}

// RecentJob is the job that compares the addresses of accounts that were changed a moment ago.
type RecentJob struct{}

// Kind names the job.
func (RecentJob) Kind() string { return "drift.recent" }

const (
	recentEvery = time.Minute
	// recentBack is how far back changes are looked for: further than the pause, as an Update that began before may end
	// after. Whoever is asked about twice has one case.
	recentBack = 3 * time.Minute
	maxRecent  = 5 * batch // the daily comparison finds what is beyond it
)

// Recent compares the addresses of accounts whose address or link changed a moment ago.
func (c Watch) Recent(ctx context.Context) error {
	return c.compareThose(ctx, func(r db.R) ([]string, error) {
		return account.MovedSince(ctx, r, r.Now().Add(-recentBack), maxRecent)
	})
}

// compareThose compares the addresses of those of some accounts that are somebody's own.
func (c Watch) compareThose(ctx context.Context, find func(db.R) ([]string, error)) error {
	list, err := db.Read(ctx, c.DB, func(r db.R) (list []account.Account, err error) {
		ids, err := find(r)
		if err != nil {
			return nil, err
		}
		accounts, err := account.ByIDs(ctx, r, ids)
		for _, id := range ids {
			if a := accounts[id]; a.Active && a.Kind == account.Individual && a.EmailKey != "" {
				list = append(list, a)
			}
		}
		return list, err
	})
	if err != nil {
		return err
	}
	for some := range slices.Chunk(list, batch) {
		if err := c.compare(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// Run says how far the comparison of all accounts has come.
type Run struct {
	Begun    time.Time
	Ended    time.Time // zero while it goes on
	Reached  string    // the id of the last account that was compared
	Compared int
}

// LastRun reads how far the last comparison has come, or fault.NotFound.
func LastRun(ctx context.Context, r db.R) (Run, error) {
	run, err := db.One(ctx, r, func(scan db.Scanner) (run Run, err error) {
		err = scan(db.At(&run.Begun), db.At(&run.Ended), &run.Reached, &run.Compared)
		return run, err
	}, `SELECT begun_at, ended_at, reached, compared FROM drift_run WHERE id = $1`, onlyRun)
	if err != nil {
		return run, fmt.Errorf("read run of comparison: %w", err)
	}
	return run, nil
}

const putRun = `INSERT INTO drift_run (id, begun_at, ended_at, reached, compared) VALUES ($1, $2, $3, $4, $5)
	ON CONFLICT (id) DO UPDATE SET begun_at = $2, ended_at = $3, reached = $4, compared = $5`

// Chunk compares the next accounts of the run that goes on, or begins one where the last began a day ago or accounts
// were imported since, and says whether there are more.
func (c Watch) Chunk(ctx context.Context) (more bool, err error) {
	run, due, err := c.next(ctx)
	if err != nil || !due {
		return false, err
	}
	list, err := db.Read(ctx, c.DB, func(r db.R) ([]account.Account, error) {
		return account.After(ctx, r, run.Reached, batch)
	})
	if err != nil {
		return false, err
	}
	if err := c.compare(ctx, list); err != nil {
		return false, err
	}
	run.Compared += len(list)
	if len(list) > 0 {
		run.Reached = list[len(list)-1].ID
	}
	more = len(list) == batch
	if !more {
		if err := c.dropEnded(ctx); err != nil {
			return false, err
		}
	}
	return more, c.save(ctx, run, !more)
}

// dropEnded ends the cases of accounts that were deactivated: nothing is left to do about their addresses.
func (c Watch) dropEnded(ctx context.Context) error {
	gone, err := db.Read(ctx, c.DB, ended(ctx))
	if err != nil {
		return err
	}
	for some := range slices.Chunk(gone, batch) {
		err := c.DB.Update(ctx, actor.ForJob(CompareJob{}.Kind(), ""), func(w *db.W) error {
			return storePart(ctx, w, some, nil)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ended reads the cases of accounts that are not active any more.
func ended(ctx context.Context) func(r db.R) ([]Case, error) {
	return func(r db.R) (gone []Case, err error) {
		ids, err := db.All(ctx, r, db.Column[string], `SELECT account_id FROM drift ORDER BY account_id`)
		if err != nil {
			return nil, fmt.Errorf("list accounts of email drift: %w", err)
		}
		for some := range slices.Chunk(ids, batch) {
			accounts, err := account.ByIDs(ctx, r, some)
			if err != nil {
				return nil, err
			}
			for _, id := range some {
				if !accounts[id].Active {
					gone = append(gone, Case{AccountID: id})
				}
			}
		}
		return gone, nil
	}
}

// next gives the run that goes on or begins now; none is due where the last one began less than a day ago.
func (c Watch) next(ctx context.Context) (run Run, due bool, err error) {
	type found struct {
		run Run
		due bool
	}
	next, err := db.Read(ctx, c.DB, func(r db.R) (found, error) {
		last, err := LastRun(ctx, r)
		if errors.Is(err, fault.NotFound) {
			return found{run: Run{Begun: r.Now()}, due: true}, nil
		}
		if err != nil {
			return found{}, err
		}
		over, err := last.over(ctx, r)
		if over {
			return found{run: Run{Begun: r.Now()}, due: true}, nil
		}
		return found{run: last, due: last.Ended.IsZero()}, err
	})
	return next.run, next.due, err
}

// over reports whether all are to be compared anew: a day after the last time, or as soon as accounts were imported, or
// the care identity side said that everybody is to be asked about.
func (run Run) over(ctx context.Context, r db.R) (bool, error) {
	if run.Ended.IsZero() {
		return false, nil
	}
	imported, err := importing.LastOf(ctx, r, "accounts")
	if err != nil {
		return false, err
	}
	read, err := lastRead(ctx, r)
	since := slices.ContainsFunc([]time.Time{imported, read.All}, run.Begun.Before)
	return since || r.Now().Sub(run.Begun) >= eachDay, err
}

func (c Watch) save(ctx context.Context, run Run, ended bool) error {
	err := c.DB.Keep(ctx, func(k *db.K) error {
		var end any
		if ended {
			end = k.Now()
		}
		_, err := k.Exec(ctx, putRun, onlyRun, run.Begun, end, run.Reached, run.Compared)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep run of comparison: %w", err)
	}
	return nil
}

// CompareOne compares the addresses of one account now.
func (c Watch) CompareOne(ctx context.Context, a account.Account) error {
	if c.Asker == nil {
		return nil
	}
	return c.compare(ctx, []account.Account{a})
}

var errNotAsked = fault.SayCure(fault.Unavailable, "The care identity side cannot be asked at the moment.",
	"Try again in a few minutes.")

// known is what the directory knows of some accounts.
type known struct {
	links  map[string]account.Link
	former map[string][]string
	cases  map[string]Case
}

func readKnown(ctx context.Context, r db.R, list []account.Account) (k known, err error) {
	var ids []string
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	if k.links, err = account.LinksOf(ctx, r, ids); err != nil {
		return k, err
	}
	if k.former, err = mailbox.Former(ctx, r, ids); err != nil {
		return k, err
	}
	k.cases, err = ofAccounts(ctx, r, ids)
	return k, err
}

// compare asks about accounts and stores what is found.
func (c Watch) compare(ctx context.Context, list []account.Account) error {
	if len(list) == 0 {
		return nil
	}
	k, err := db.Read(ctx, c.DB, func(r db.R) (known, error) { return readKnown(ctx, r, list) })
	if err != nil {
		return err
	}
	answers, err := c.Asker.AskAll(ctx, k.questions(list))
	if err != nil {
		return fmt.Errorf("ask about addresses: %w", errors.Join(errNotAsked, err))
	}
	var found []Case
	var said []standing.Standing
	for i, a := range list {
		found = append(found, k.caseOf(a, answers[i].Compared))
		said = append(said, standing.Of(a.ID, answers[i]))
	}
	return errors.Join(standing.Keep(ctx, c.DB, said), c.store(ctx, found, k.cases))
}

func (k known) questions(list []account.Account) (questions []extract.Question) {
	for _, a := range list {
		questions = append(questions, extract.Question{
			Ref: a.ID, Email: a.EmailKey, Subject: k.links[a.ID].Subject,
			Compare: extract.CompareOf(a.FirstName, a.LastName, k.former[a.ID]),
		})
	}
	return questions
}

// caseOf gives what a comparison found about an account.
func (k known) caseOf(a account.Account, answer *extract.Compared) Case {
	facts := FactsOf(a.EmailKey, k.former[a.ID], answer)
	_, linked := k.links[a.ID]
	return Case{AccountID: a.ID, Cause: CauseOf(facts), Ours: facts.Ours, Theirs: facts.Theirs, Staff: facts.Staff,
		Change: PlaceOf(facts), Linked: linked}
}

// store keeps what comparisons found. Where nothing changed it writes nothing.
func (c Watch) store(ctx context.Context, found []Case, before map[string]Case) error {
	now := c.DB.Now()
	var gone, changed []Case
	for _, one := range found {
		was, there := before[one.AccountID]
		switch {
		case one.Cause == None && there:
			gone = append(gone, one)
		case one.Cause == None || there && was.same(one) && !was.overdue(now):
		default:
			changed = append(changed, one)
		}
	}
	if len(gone)+len(changed) == 0 {
		return nil
	}
	return c.DB.Update(ctx, actor.ForJob(CompareJob{}.Kind(), ""), func(w *db.W) error {
		return storePart(ctx, w, gone, changed)
	})
}

func idsOf(list []Case) (ids []string) {
	for _, one := range list {
		ids = append(ids, one.AccountID)
	}
	return ids
}

// overdue reports whether somebody sees to a case for longer than that should take.
func (c Case) overdue(now time.Time) bool { return c.State == Done && now.Sub(c.Decided) >= doneFor }

const putCase = `INSERT INTO drift (account_id, cause, ours, theirs, staff, changed, linked, found_at, state)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open')
	ON CONFLICT (account_id) DO UPDATE SET cause = $2, ours = $3, theirs = $4, staff = $5, changed = $6, linked = $7,
	found_at = $8, state = 'open', decided_by = '', decided_name = '', decided_at = NULL, reason = ''`

func storePart(ctx context.Context, w *db.W, gone, changed []Case) error {
	if err := errors.Join(account.SetDrifted(ctx, w, false, idsOf(gone)...),
		account.SetDrifted(ctx, w, true, idsOf(changed)...)); err != nil {
		return err
	}
	for _, one := range gone {
		if err := w.Soon(ctx, `DELETE FROM drift WHERE account_id = $1`, one.AccountID); err != nil {
			return fmt.Errorf("end case of email drift: %w", err)
		}
	}
	for _, one := range changed {
		err := w.Soon(ctx, putCase, one.AccountID, string(one.Cause), one.Ours, one.Theirs, one.Staff,
			string(one.Change), one.Linked, w.Now())
		if err != nil {
			return fmt.Errorf("keep case of email drift: %w", err)
		}
	}
	return w.Record(ctx, audit.Event{Kind: eventCompared, Subject: audit.Ref{Kind: "drift", ID: "comparison"},
		After: map[string]int{"apart": len(changed), "together": len(gone)}})
}
