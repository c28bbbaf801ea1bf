package mailing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
)

// Reason says why somebody who was found or chosen does not get a mail.
type Reason string

// The reasons, of which the first that is true counts.
const (
	NotActive  Reason = "not-active"
	ForProgram Reason = "for-program"
	NoAddress  Reason = "no-address"
	TeamReads  Reason = "team-reads" // several people read what is mailed to it, and such were not chosen
	Linked     Reason = "linked"     // has linked the account, so is not reminded to
	HadOne     Reason = "had-one"    // had such a mail less than Often ago, which this one does not correct
)

// Reasons lists them all, in their order.
func Reasons() []Reason { return []Reason{NotActive, ForProgram, NoAddress, TeamReads, Linked, HadOne} }

// leftOut says why an account does not get the mail, or nothing. A mailbox that several people read is written to only
// where such were chosen, whatever the kind of account: the mail says what is one person's affair.
func (m Mailing) leftOut(a account.Account, done done) Reason {
	switch {
	case !a.Active:
		return NotActive
	case a.Kind == account.Machine:
		return ForProgram
	case a.Email == "":
		return NoAddress
	case teamReads(a) && !m.Selection.Teams:
		return TeamReads
	case m.Text.Kind == Checklist && done.linked[a.ID]:
		return Linked
	case m.Selection.Corrects == nil && !done.hadOne[a.ID].IsZero():
		return HadOne
	}
	return ""
}

// done is what has been done already about some accounts, by their ids.
type done struct {
	hadOne map[string]time.Time // when those were mailed who were less than Often ago
	linked map[string]bool
}

// doneTo reads what has been done about some accounts.
func doneTo(ctx context.Context, r db.R, ids []string) (d done, err error) {
	if d.hadOne, err = hadOne(ctx, r, ids, r.Now().Add(-Often)); err != nil {
		return d, err
	}
	links, err := account.LinksOf(ctx, r, ids)
	d.linked = map[string]bool{}
	for id := range links {
		d.linked[id] = true
	}
	return d, err
}

// hadOne gives for those of some accounts that had such a mail since a time when they had the last.
func hadOne(ctx context.Context, r db.R, ids []string, since time.Time) (map[string]time.Time, error) {
	type mailed struct {
		id string
		at time.Time
	}
	var args db.Arguments
	list, err := db.All(ctx, r, func(scan db.Scanner) (one mailed, err error) {
		err = scan(&one.id, db.At(&one.at))
		return one, err
	}, `SELECT account_id, MAX(mailed_at) FROM mailing_recipient WHERE account_id IN (`+db.AddEach(&args, ids)+
		`) AND mailed_at > `+args.Add(since)+` GROUP BY account_id`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("look for earlier mailings: %w", err)
	}
	had := map[string]time.Time{}
	for _, one := range list {
		had[one.id] = one.at
	}
	return had, nil
}

// Tally says how many a mail goes to at this moment, and how many it does not go to, and why. Its numbers add up: all
// who are meant are left out or get it.
type Tally struct {
	Found   int64 // by the search
	Meant   int64 // chosen of those found, or all of them
	LeftOut map[Reason]int64
	Gets    int64
	Example mail.Message // the mail as the first who gets it reads it
	// First and Last are when the first and the last of those can get another mail who had one; zero where nobody had.
	First, Last time.Time
}

// tallied is how many accounts are looked at in one query.
const tallied = 500

// Tally counts to whom a mail that was prepared would go.
func (o Office) Tally(ctx context.Context, m Mailing) (Tally, error) {
	return db.Costly(ctx, o.DB, func(r db.R) (Tally, error) {
		within, err := account.ReachNow(ctx, r, m.WrittenBy, account.ManageUsers)
		if err != nil {
			return Tally{}, err
		}
		return m.tally(ctx, r, within)
	})
}

// tally counts those within a reach to whom a mail would go.
func (m Mailing) tally(ctx context.Context, r db.R, within account.Reach) (Tally, error) {
	t := Tally{LeftOut: map[Reason]int64{}}
	found, err := account.Find(ctx, r, m.Selection.Search(within), account.Place{}, 1)
	if err != nil {
		return t, err
	}
	t.Found = int64(found.Total)
	for {
		next, err := m.next(ctx, r, within, tallied)
		if err != nil {
			return t, err
		}
		if err := t.add(ctx, r, m, next); err != nil || len(next) < tallied {
			return t, err
		}
		m.Reached = next[len(next)-1].Username
	}
}

// add counts some accounts.
func (t *Tally) add(ctx context.Context, r db.R, m Mailing, list []account.Account) error {
	done, err := doneTo(ctx, r, idsOf(list))
	if err != nil {
		return err
	}
	for _, a := range list {
		t.Meant++
		if reason := m.leftOut(a, done); reason != "" {
			t.leaveOut(reason, done.hadOne[a.ID])
			continue
		}
		if t.Gets == 0 {
			waves, err := movingOf(ctx, r, []string{a.ID})
			if err != nil {
				return err
			}
			t.Example = m.To(a, waves[a.ID])
		}
		t.Gets++
	}
	return nil
}

// leaveOut counts somebody who is left out by a reason, and who had the last mail at a time, if they had one.
func (t *Tally) leaveOut(reason Reason, mailed time.Time) {
	t.LeftOut[reason]++
	if reason != HadOne {
		return
	}
	again := mailed.Add(Often)
	if t.First.IsZero() || again.Before(t.First) {
		t.First = again
	}
	if again.After(t.Last) {
		t.Last = again
	}
}

// movingOf reads the waves of those accounts that are not linked.
func movingOf(ctx context.Context, r db.R, ids []string) (map[string]wave.Wave, error) {
	waves, err := wave.OfEach(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	links, err := account.LinksOf(ctx, r, ids)
	for id := range links {
		delete(waves, id)
	}
	return waves, err
}

// meant counts those who were chosen, or else found, within a reach.
func (s Selection) meant(ctx context.Context, r db.R, within account.Reach) (int, error) {
	if s.chosen() {
		list, err := s.among(ctx, r, within)
		return len(list), err
	}
	found, err := account.Find(ctx, r, s.Search(within), account.Place{}, 1)
	return found.Total, err
}

// next lists the accounts within a reach that come after those that were looked at.
func (m Mailing) next(
	ctx context.Context, r db.R, within account.Reach, limit int,
) (list []account.Account, err error) {
	if m.Selection.chosen() {
		list, err = m.Selection.among(ctx, r, within)
		return slices.DeleteFunc(list, func(a account.Account) bool { return a.Username <= m.Reached }), err
	}
	found, err := account.Find(ctx, r, m.Selection.Search(within), account.Place{After: m.Reached}, limit)
	for _, one := range found.Accounts {
		list = append(list, one.Account)
	}
	return list, err
}

func idsOf(list []account.Account) (ids []string) {
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	return ids
}
