package shared

import (
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/when"
)

// Steps gives what somebody has to do who uses a shared account, of whom nothing else is known: their own checklist.
func Steps(of account.Account) []path.Step {
	return path.Next(path.Facts{Account: path.Shared, MailProved: path.No, Linked: path.No, Username: of.Username})
}

// confirmedMail has somebody's own checklist, and the link to their request.
func confirmedMail(claim Claim, of account.Account, c Case, link string) mail.Message {
	var steps strings.Builder
	for i, s := range Steps(of) {
		fmt.Fprintf(&steps, "%d. %s\n", i+1, s.Title)
	}
	return mail.Message{
		Kind: "shared.confirmed", To: claim.Email,
		Subject: "Request your own account for the Directory of Services (DoS)",
		Text: "Dear " + claim.Name() + ",\n\n" +
			"You said that you use the shared account " + of.Username + " of the Directory of Services, and your DoS " +
			"user administrator has confirmed it. The shared account " + c.stops() + ". " +
			"From then on you need an account of your own, and your Care Identity.\n\n" +
			"Your request for an account is filled in already. Open your own link to look at it and send it:\n\n" +
			link + "\n\nThe link is yours alone. Do not pass it on.\n\n" +
			"What you have to do, in this order:\n\n" + steps.String() +
			"\nIf you did not say this, tell your DoS user administrator.\n",
	}
}

// stops says when the account stops working, or that it has.
func (c Case) stops() string {
	if c.State == Retired {
		return "has stopped working"
	}
	return "stops working on " + when.Date(c.Retires)
}

// saidMail tells whoever reads an address that somebody says that it is theirs.
func saidMail(claim Claim, of account.Account, administrators []account.Account, deny string) mail.Message {
	text := "Somebody logged in to the Directory of Services with the shared account " + of.Username +
		" and said that this email address is theirs.\n\nIf that was you, you need do nothing now: your DoS user " +
		"administrator looks at it, and we write to you again.\n\nIf that was not you, somebody uses your address. " +
		"Say so on this page, and nothing is done in your name:\n\n" + deny + "\n\nYou can also tell a DoS user " +
		"administrator of the account:\n\n"
	for _, a := range administrators[:min(len(administrators), maxNamed)] {
		text += "* " + a.Name() + ", " + a.Email + "\n"
	}
	return mail.Message{
		Kind: "shared.said", To: claim.Email,
		Subject: "Somebody said that they use a shared account with your email address",
		Text:    text + "\nWe write at most once a day.\n",
	}
}

// maxNamed is how many administrators a mail names.
const maxNamed = 5

func unclaimedMail(a account.Account, c Case, since time.Time, list []Use, total int, page string) mail.Message {
	var lines strings.Builder
	for _, u := range list {
		fmt.Fprintf(&lines, "%s, from %s, %s\n", when.DateTime(u.At), u.Network, orUnknown(u.Browser))
	}
	if total > len(list) {
		fmt.Fprintf(&lines, "and %d more\n", total-len(list))
	}
	return mail.Message{
		Kind: "shared.unclaimed", Subject: "Somebody still uses the shared account " + a.Username,
		Text: "Since " + when.DateTime(since) + " somebody logged in with the shared account " + a.Username + " of " +
			"whom we do not know who they are:\n\n" + lines.String() +
			"\nThe account stops working on " + when.Date(c.Retires) +
			", whoever uses it then. Find out who it is, and ask them to say so when they log in. The case:\n\n" +
			page + "\n",
	}
}

func orUnknown(browser string) string {
	if browser == "" {
		return "a browser that is not known"
	}
	return browser
}

func retiredMail(a account.Account) mail.Message {
	return mail.Message{
		Kind: "shared.retired", Subject: "The shared account " + a.Username + " has stopped working",
		Text: "Today was the deactivation date of the shared account " + a.Username + ". Nobody can log in with it " +
			"any more. Whoever still needs access to the Directory of Services requests an account of their own.\n",
	}
}
