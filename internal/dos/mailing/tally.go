package mailing

import (
	"context"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/reading"
)

// Tally says how many a mail goes to at this moment, and how many it does not go to, and why. Its numbers add up: all
// who are meant are left out or get it.
type Tally struct {
	Found   int64 // by the search
	Meant   int64 // chosen of those found, or all of them
	LeftOut map[Reason]int64
	Gets    int64
	Sorts   []SortCount // how many get which text, where it is each person's own
	Example Example
	// First and Last are when the first and the last of those can get another mail who had one; zero where nobody had.
	First, Last time.Time

	getters []getter
}

// SortCount is how many get one of the texts.
type SortCount struct {
	SortOf

	N int
}

// Example is the mail as one of those reads it who get it.
type Example struct {
	Message   mail.Message
	AccountID string
	Username  string
	Number    int // of those who get it, or of those who get its text, from 1 on
	Of        int
	Before    string   // the username of the one before; empty for none
	After     string   // likewise of the one after
	Age       int      // from which its words are read with ease
	Longest   []string // the longest sentences of words that take somebody older than MaxAge
}

// getter is somebody who gets a mail.
type getter struct {
	id, username string
	sort         Sort
	done         bool // their text says that nothing is left to do
	phase        int  // of their wave
}

// Look says as whom a mail is looked at: as somebody, or else as the first, of all or of those who get a text.
type Look struct {
	Username string
	Sort     Sort
}

// tallied is how many accounts are looked at in one query.
const tallied = 500

// Tally counts to whom a mail that was prepared would go, and shows it as one of them reads it.
func (o Office) Tally(ctx context.Context, m Mailing, look Look) (Tally, error) {
	return db.Costly(ctx, o.DB, func(r db.R) (Tally, error) {
		within, err := account.ReachNow(ctx, r, m.WrittenBy, account.ManageUsers)
		if err != nil {
			return Tally{}, err
		}
		t, err := o.tally(ctx, r, m, within)
		if err != nil || t.Gets == 0 {
			return t, err
		}
		t.Example, err = o.example(ctx, r, m, t.getters, look)
		return t, err
	})
}

// tally counts those within a reach to whom a mail would go.
func (o Office) tally(ctx context.Context, r db.R, m Mailing, within account.Reach) (Tally, error) {
	t := Tally{LeftOut: map[Reason]int64{}}
	found, err := o.find(ctx, r, m.Selection, within, account.Place{}, 1)
	if err != nil {
		return t, err
	}
	t.Found = int64(found.Total)
	for {
		next, err := o.after(ctx, r, m, within, tallied)
		if err != nil {
			return t, err
		}
		k, err := o.know(ctx, r, m, next)
		if err != nil {
			return t, err
		}
		t.add(m, next, k)
		if len(next) < tallied {
			t.Sorts = o.Author.counted(t.getters)
			return t, nil
		}
		m.Reached = next[len(next)-1].Username
	}
}

// add counts some accounts.
func (t *Tally) add(m Mailing, list []account.Account, k known) {
	for _, a := range list {
		t.Meant++
		if reason := m.leftOut(a, k); reason != "" {
			t.leaveOut(reason, k.hadOne[a.ID])
			continue
		}
		t.Gets++
		t.getters = append(t.getters, getter{id: a.ID, username: a.Username, sort: k.own[a.ID].Sort})
	}
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

// example shows a mail as one of those reads it who get it.
func (o Office) example(ctx context.Context, r db.R, m Mailing, getters []getter, look Look) (e Example, err error) {
	if look.Sort != "" {
		getters = slices.DeleteFunc(slices.Clone(getters), func(g getter) bool { return g.sort != look.Sort })
	}
	if len(getters) == 0 {
		return e, nil
	}
	at := max(0, slices.IndexFunc(getters, func(g getter) bool { return g.username == look.Username }))
	a, err := account.ByID(ctx, r, getters[at].id)
	if err != nil {
		return e, err
	}
	k, err := o.know(ctx, r, m, []account.Account{a})
	if err != nil {
		return e, err
	}
	e = Example{Message: o.shown(m, a, k), AccountID: a.ID, Username: a.Username, Number: at + 1, Of: len(getters)}
	e.measure(m.write(a, k).words)
	if at > 0 {
		e.Before = getters[at-1].username
	}
	if at+1 < len(getters) {
		e.After = getters[at+1].username
	}
	return e, nil
}

// shownLong is how many of the longest sentences are shown.
const shownLong = 3

// measure says how old one has to be to read the words of the mail, and which sentences to shorten if that is too old.
func (e *Example) measure(words string) { e.Age, e.Longest = Measure(words) }

// minMeasured is of how many sentences a text is at least whose age says something: of fewer, one long word makes the
// plainest text hard.
const minMeasured = 3

// Measure says how old somebody has to be to read a text with ease, and which sentences to shorten if that is too old;
// 0 for a text that is too short to tell.
func Measure(words string) (age int, longest []string) {
	measured := reading.Of(words, Terms()...)
	if measured.Sentences < minMeasured {
		return 0, nil
	}
	age = measured.Age()
	if age > MaxAge {
		longest = reading.Longest(words, shownLong)
	}
	return age, longest
}

// meant counts those who were chosen, or else found, within a reach.
func (o Office) meant(ctx context.Context, r db.R, s Selection, within account.Reach) (int, error) {
	if s.chosen() {
		list, err := s.among(ctx, r, within)
		return len(list), err
	}
	found, err := o.find(ctx, r, s, within, account.Place{}, 1)
	return found.Total, err
}

// find finds those of a selection that stand at a place.
func (o Office) find(
	ctx context.Context, r db.R, s Selection, within account.Reach, at account.Place, limit int,
) (account.Results, error) {
	search, err := o.Search(s, within)
	if err != nil {
		return account.Results{}, err
	}
	return account.Find(ctx, r, search, at, limit)
}

// after lists the accounts within a reach that come after those that were looked at.
func (o Office) after(
	ctx context.Context, r db.R, m Mailing, within account.Reach, limit int,
) (list []account.Account, err error) {
	if m.Selection.chosen() {
		list, err = m.Selection.among(ctx, r, within)
		return slices.DeleteFunc(list, func(a account.Account) bool { return a.Username <= m.Reached }), err
	}
	found, err := o.find(ctx, r, m.Selection, within, account.Place{After: m.Reached}, limit)
	for _, one := range found.Accounts {
		list = append(list, one.Account)
	}
	return list, err
}
