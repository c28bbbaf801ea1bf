package mailing

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing/reminder"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/guidance"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
)

// Reason says why somebody who was found or chosen does not get a mail.
type Reason string

// The reasons, of which the first that is true counts.
const (
	NotActive    Reason = "not-active"
	ForProgram   Reason = "for-program"
	NoAddress    Reason = "no-address"
	Bounces      Reason = "bounces"      // mail to the address came back
	TeamReads    Reason = "team-reads"   // several people read what is mailed to it, and such were not chosen
	Linked       Reason = "linked"       // has linked the account, so is not reminded to
	OtherText    Reason = "other-text"   // would get another text than the one that was chosen
	ToldDone     Reason = "told-done"    // was told already that nothing is left to do
	Unsubscribed Reason = "no-reminders" // wants no reminders, and knows what the next phase means
	HadOne       Reason = "had-one"      // had such a mail less than Often ago, which this one does not correct
)

// Reasons lists them all, in their order.
func Reasons() []Reason {
	return []Reason{
		NotActive, ForProgram, NoAddress, Bounces, TeamReads, Linked, OtherText, ToldDone, Unsubscribed, HadOne,
	}
}

// Unreached are the reasons for which somebody can get a letter.
func Unreached() []Reason { return []Reason{NoAddress, Bounces} }

// leftOut says why an account does not get the mail, or nothing. A mailbox that several people read is written to only
// where such were chosen, whatever the kind of account: the mail says what is one person's affair.
func (m Mailing) leftOut(a account.Account, k known) Reason {
	switch {
	case !a.Active:
		return NotActive
	case a.Kind == account.Machine:
		return ForProgram
	case a.Email == "":
		return NoAddress
	case k.bounces[a.Email].Status != "":
		return Bounces
	case ReadByTeam(a) && !m.Selection.Teams:
		return TeamReads
	case m.Text.Kind == Checklist && k.linked[a.ID]:
		return Linked
	case m.Selection.Sort != "" && k.own[a.ID].Sort != m.Selection.Sort:
		return OtherText
	case k.own[a.ID].Done && k.toldDone[a.ID]:
		return ToldDone
	case m.Text.Kind.guides() && k.stopped[a.ID] && !k.toTell[a.ID]:
		return Unsubscribed
	case m.Selection.Corrects == nil && !k.hadOne[a.ID].IsZero():
		return HadOne
	}
	return ""
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

// toldDone gives those of some accounts that were told that nothing is left to do: by a letter, or by a mail that did
// not come back.
func toldDone(ctx context.Context, r db.R, ids []string) (map[string]bool, error) {
	var args db.Arguments
	posted, err := db.All(ctx, r, db.Column[string], `SELECT account_id FROM mailing_letter WHERE said_done AND
		posted_at IS NOT NULL AND account_id IN (`+db.AddEach(&args, ids)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("look who was told by letter that they are done: %w", err)
	}
	mailed, err := mailedDone(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	told := map[string]bool{}
	for _, id := range posted {
		told[id] = true
	}
	back := returned{}
	for _, one := range mailed {
		came, err := back.has(ctx, r, one)
		if err != nil {
			return nil, err
		}
		told[one.account] = told[one.account] || !came
	}
	return told, nil
}

// receipt is that somebody had a mail to many at an address.
type receipt struct{ mailing, account, to string }

// mailedDone lists the mails that told some accounts that nothing is left to do.
func mailedDone(ctx context.Context, r db.R, ids []string) ([]receipt, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, func(scan db.Scanner) (one receipt, err error) {
		err = scan(&one.mailing, &one.account, &one.to)
		return one, err
	}, `SELECT mailing_id, account_id, mailed_to FROM mailing_recipient WHERE said_done AND
		account_id IN (`+db.AddEach(&args, ids)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("look who was told by mail that they are done: %w", err)
	}
	return list, nil
}

// returned has the addresses from which mail of a mailing came back, by the mailing's id, of those that were asked for.
type returned map[string]map[string]bool

// has reports whether a mail came back.
func (m returned) has(ctx context.Context, r db.R, one receipt) (bool, error) {
	if m[one.mailing] == nil {
		list, err := mail.CameBack(ctx, r, one.mailing)
		if err != nil {
			return false, err
		}
		m[one.mailing] = map[string]bool{}
		for _, address := range list {
			m[one.mailing][address] = true
		}
	}
	return one.to != "" && m[one.mailing][one.to], nil // where it went to is not known of mails of before
}

// known is what is known of some accounts to which a mail may go, by their ids.
type known struct {
	hadOne   map[string]time.Time // when those were mailed who were less than Often ago
	linked   map[string]bool
	waves    map[string]wave.Wave // of those that are not linked
	own      map[string]Personal  // of a mail whose text is each person's own
	toldDone map[string]bool
	stopped  map[string]bool        // want no reminders
	toTell   map[string]bool        // were not told what the next phase means
	bounces  map[string]mail.Bounce // by their addresses
}

// know reads what is known of some accounts.
func (o Office) know(ctx context.Context, r db.R, m Mailing, list []account.Account) (k known, err error) {
	ids := idsOf(list)
	if k.hadOne, err = hadOne(ctx, r, ids, r.Now().Add(-Often)); err != nil {
		return k, err
	}
	if k.bounces, err = mail.Bouncing(ctx, r, addressesOf(list)); err != nil {
		return k, err
	}
	k.forgetReturned(list)
	if k.waves, err = wave.EachNow(ctx, r, ids); err != nil {
		return k, err
	}
	links, err := account.LinksOf(ctx, r, ids)
	if err != nil {
		return k, err
	}
	k.linked = map[string]bool{}
	for id := range links {
		k.linked[id] = true
		delete(k.waves, id)
	}
	if k.stopped, err = reminder.Stopped(ctx, r, ids); err != nil {
		return k, err
	}
	if k.toTell, err = toTell(ctx, r, list, k); err != nil || m.Text.Kind != Steps {
		return k, err
	}
	if k.own, err = o.Author.Write(ctx, r, list); err != nil {
		return k, err
	}
	k.toldDone, err = toldDone(ctx, r, ids)
	return k, err
}

// forgetReturned takes out who had an earlier mail only by what came back.
func (k known) forgetReturned(list []account.Account) {
	for _, a := range list {
		if b, bounces := k.bounces[a.Email]; bounces && !k.hadOne[a.ID].Before(b.Since) {
			delete(k.hadOne, a.ID)
		}
	}
}

// toTell gives those of some accounts that want no reminders, and were not told yet what the next phase means. What
// several people read tells none of them.
func toTell(ctx context.Context, r db.R, list []account.Account, k known) (map[string]bool, error) {
	byPhase := map[path.Phase][]string{}
	for _, a := range list {
		if of := k.waves[a.ID]; k.stopped[a.ID] && !ReadByTeam(a) && guidance.Words(of) != "" {
			byPhase[of.Phase+1] = append(byPhase[of.Phase+1], a.ID)
		}
	}
	missing := map[string]bool{}
	for phase, ids := range byPhase {
		told, err := guidance.Told(ctx, r, ids, phase)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			missing[id] = told[id].IsZero()
		}
	}
	return missing, nil
}

func addressesOf(list []account.Account) (addresses []string) {
	for _, a := range list {
		if a.Email != "" {
			addresses = append(addresses, a.Email)
		}
	}
	return addresses
}

func idsOf(list []account.Account) (ids []string) {
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	return ids
}
