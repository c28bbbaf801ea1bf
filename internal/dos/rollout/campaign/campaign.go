// Package campaign writes to each person what is next on their own way to their Care Identity, for what goes to many:
// the one thing to do now, in the words of their checklist.
//
// It sends nothing, and does not choose to whom: package mailing does.
package campaign

import (
	"context"
	"fmt"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/review"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/checklist"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
)

// The texts that are about no step.
const (
	done    mailing.Sort = "done"    // nothing is left to do
	waiting mailing.Sort = "waiting" // others are at work
	mailbox mailing.Sort = "mailbox" // several people read it, and what one of them has to do is not for all
)

// Author writes the texts.
func Author() mailing.Author { return mailing.Author{Sorts: sorts(), Write: write} }

// sorts lists all texts in the order of the path.
func sorts() []mailing.SortOf {
	var list []mailing.SortOf
	for _, what := range path.Whole() {
		if step := (path.Step{What: what}); !step.Waits() {
			list = append(list, mailing.SortOf{ID: mailing.Sort(what), Title: what.Title()})
		}
	}
	return append(list,
		mailing.SortOf{ID: waiting, Title: "Nothing to do now: others are working on it"},
		mailing.SortOf{ID: done, Title: "You are done, nothing to do"},
		mailing.SortOf{ID: mailbox, Title: "A reminder of the checklist, to mailboxes that several people read"})
}

// write gives the text of each of some accounts, by their ids.
func write(ctx context.Context, r db.R, list []account.Account) (map[string]mailing.Personal, error) {
	people, err := rollout.Each(ctx, r, list)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var ids []string
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	asks, err := checklist.AsksOf(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	looked, err := review.LookedAtAmong(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	texts := make(map[string]mailing.Personal, len(list))
	for id, p := range people {
		now := checklist.Now(p.Facts, asks[id], looked[id], r.Now())
		texts[id] = textOf(p, now, asks[id])
	}
	return texts, nil
}

// Of gives the text of one person, of whom more may be known than was noted.
func Of(ctx context.Context, r db.R, p rollout.Person) (mailing.Personal, error) {
	asks, err := checklist.Asks(ctx, r, p.Account.ID)
	if err != nil {
		return mailing.Personal{}, err
	}
	looked, err := review.LookedAtAmong(ctx, r, []string{p.Account.ID})
	if err != nil {
		return mailing.Personal{}, err
	}
	return textOf(p, checklist.Now(p.Facts, asks, looked[p.Account.ID], r.Now()), asks), nil
}

// textOf gives the text of one person whose checklist says what is to be done now.
func textOf(p rollout.Person, now path.Now, asks []checklist.Ask) mailing.Personal {
	switch {
	case p.Account.Kind == account.Individual && mailing.ReadByTeam(p.Account):
		return mailing.Personal{Sort: mailbox, Subject: reminderSubject, Words: reminder, Lead: reminderLead}
	case p.Facts.Finished():
		return mailing.Personal{Sort: done, Subject: doneSubject, Words: doneWords, Done: true}
	case now.Do.What == "":
		return mailing.Personal{Sort: waiting, Subject: waitingSubject, Words: waitingWords(now, asks),
			Lead: lead(p.Facts, waitingLead)}
	}
	return mailing.Personal{Sort: mailing.Sort(now.Do.What), Subject: stepSubject, Words: stepWords(p.Facts, now),
		Lead: lead(p.Facts, stepLead)}
}

const (
	reminderSubject = "Get ready to log in to the Directory of Services with your Care Identity"
	reminder        = "Passwords for the Directory of Services (DoS) are going away. Each of you has a checklist. It " +
		"says what to do next, and who helps."
	reminderLead = "Log in, and your checklist shows it:"

	doneSubject = "You are done: nothing left to do for the Directory of Services"
	doneWords   = "You are done. Your Directory of Services (DoS) account is linked to your Care Identity.\n\n" +
		"There is nothing left to do. Log in with your Care Identity, as you do now. You get no more reminders."

	waitingSubject = "Nothing to do for now: your move in the Directory of Services"
	waitingLead    = "Your checklist shows how far it is:"
	stepSubject    = "Your next step in the Directory of Services"
	stepLead       = "Your checklist has a button for it:"

	passwordsWent = "Your password no longer opens the Directory of Services (DoS), unless an administrator lets it " +
		"work for a while. You log in with your Care Identity."
	triedLead = "Try to log in. The page then says what to do next:"

	passwordsGo = "Passwords for the Directory of Services (DoS) are going away. Soon you will log in with your Care " +
		"Identity."
)

// waitingWords say to somebody who else is at work for them.
func waitingWords(now path.Now, asks []checklist.Ask) string {
	list := []string{"There is nothing for you to do now. Others are at work on your move in the Directory of " +
		"Services (DoS)."}
	for _, s := range now.Working {
		who := s.Owner.ToPerson()
		if ask, is := checklist.AskOf(asks, s.What); is {
			who = ask.Of
		}
		line := who + ": " + s.For[0].Title() + "."
		if s.What == path.AwaitLinking {
			line += " Linking opens: " + s.By.Message + "."
		}
		list = append(list, line)
	}
	list = append(list, "We look again every hour. We write when there is something for you to do.")
	return strings.Join(list, "\n\n")
}

// begin says what the step is for.
func begin(f path.Facts) string {
	if f.PasswordWorks() {
		return passwordsGo
	}
	return passwordsWent
}

// lead says what the link to the checklist is for. Whoever cannot log in does not get there, but is told the same.
func lead(f path.Facts, checklist string) string {
	if f.PasswordWorks() || f.Linked == path.Yes {
		return checklist
	}
	return triedLead
}

// stepWords say to somebody what they do now, as their checklist does.
func stepWords(f path.Facts, now path.Now) string {
	s := now.Do
	list := []string{begin(f) + " There is one thing to do now.",
		fmt.Sprintf("Step %d of %d: %s", now.Number, now.Of, s.Title)}
	if len(s.Detail) > 0 {
		list = append(list, strings.Join(s.Detail, " "))
	}
	if s.Say != "" {
		list = append(list, `The words to use: "`+s.Say+`"`)
	}
	who := s.Owner.ToPerson()
	if s.OfAuthority() && f.Authority != "" {
		who += ", with " + f.Authority
		if s.Owner == path.RegistrationAuthority {
			who = s.Owner.ToPerson() + ": " + f.Authority
		}
	}
	facts := []string{"Who does it: " + who, "By when: " + s.By.Message, "How long it takes: " + s.Takes}
	if s.OfAuthority() && f.Contact != "" {
		facts = append(facts, "How to reach them: "+f.Contact)
	}
	return strings.Join(append(list, strings.Join(facts, "\n")), "\n\n")
}
