package mailing

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing/reminder"
	"signpost/internal/dos/wave/guidance"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/name"
)

// Kind says which text is written.
type Kind string

// The kinds. All but Own are written already.
const (
	Steps     Kind = "steps"     // what each person has to do next, in a text of their own
	Checklist Kind = "checklist" // to go through one's checklist
	Prove     Kind = "prove"     // to confirm the email address
	Ending    Kind = "ending"    // the account may be deactivated
	Own       Kind = "own"
)

// kind is what is known of a kind.
type kind struct {
	kind           Kind
	title          string                   // for people
	subject, words string                   // of those that are written already
	link           func(home string) string // where its last line leads
}

// kinds are all of them, in the order in which they are offered.
var kinds = []kind{
	{kind: Steps, title: "To each their own next step, or that they are done",
		subject: "Your next step in the Directory of Services",
		words: "Each person reads the one thing that they have to do now, in the words of their checklist, and what " +
			"the next phase means for them.",
		link: checklistAt},
	{kind: Checklist, title: "A reminder of their checklist",
		subject: "Get ready to log in to the Directory of Services with your Care Identity",
		words: "Passwords for the Directory of Services are going away. Your checklist says what you still have " +
			"to do, and who helps you:",
		link: checklistAt},
	{kind: Prove, title: "A request to confirm their email address",
		subject: "Confirm your email address for the Directory of Services",
		words: "Your email address was not confirmed lately, and you need that to link your Care Identity. Log " +
			"in, choose \"Confirm the address I have\" and type the code that we send:",
		link: func(home string) string { return home + "/account" }},
	{kind: Ending, title: "A notice that the account may be deactivated",
		subject: "Your Directory of Services account may be deactivated",
		words: "Your account does not seem to be used, and an administrator may deactivate it. If you still need it, " +
			"log in, or write to the administrator who is named below:",
		link: func(home string) string { return home }},
	{kind: Own, title: "A text of my own"},
}

func checklistAt(home string) string { return home + "/checklist" }

// guides reports whether a mail says what the next phase means.
func (k Kind) guides() bool { return k == Steps || k == Checklist }

// Kinds lists them all.
func Kinds() (list []Kind) {
	for _, one := range kinds {
		list = append(list, one.kind)
	}
	return list
}

// known gives what is known of a kind, and whether there is such a one.
func (k Kind) known() (kind, bool) {
	at := slices.IndexFunc(kinds, func(one kind) bool { return one.kind == k })
	if at < 0 {
		return kind{}, false
	}
	return kinds[at], true
}

// Title names the kind for people.
func (k Kind) Title() string {
	known, _ := k.known()
	return known.title
}

// ready gives the text of a kind that is written already.
func (k kind) ready(home string) Text {
	return Text{Kind: k.kind, Subject: k.subject, Words: k.words + "\n\n" + k.link(home)}
}

// MaxAge is how old somebody has to be at most to read with ease what goes to many, in years.
const MaxAge = 12

// Terms are words that nobody can avoid who writes about the move, and that its readers know from their work. They
// count as easy where it is measured how old one has to be to read a text.
func Terms() []string {
	return []string{"Directory of Services", "DoS user administrator", "Care Identity Management", "Care Identity",
		"registration authority", "Microsoft Authenticator", "authenticator", "smartcard", "MFA-DoS", "username"}
}

// The most that an own text has, in characters.
const (
	maxSubject = 120
	maxWords   = 2000
)

var (
	errKind    = fault.OfField("text", "Choose what you want to write")
	errSubject = fault.OfField("subject",
		fmt.Sprintf("Enter a subject, in %d characters or fewer and on one line", maxSubject))
	errWords = fault.OfField("words",
		fmt.Sprintf("Enter what you want to write, in %d characters or fewer", maxWords))
)

// checked gives the text that is sent, of what was chosen and typed, or what is wrong with it.
func (t Text) checked(home string) (Text, error) {
	known, found := t.Kind.known()
	if !found {
		return t, errKind
	}
	if known.link != nil {
		return known.ready(home), nil
	}
	t.Subject = strings.TrimSpace(t.Subject)
	t.Words = strings.TrimSpace(strings.ReplaceAll(t.Words, "\r\n", "\n"))
	if err := errors.Join(name.CheckText("subject", t.Subject), name.CheckText("words", t.Words)); err != nil {
		return t, err
	}
	switch {
	case t.Subject == "" || utf8.RuneCountInString(t.Subject) > maxSubject || strings.ContainsAny(t.Subject, "\r\n"):
		return t, errSubject
	case t.Words == "" || utf8.RuneCountInString(t.Words) > maxWords:
		return t, errWords
	}
	return t, nil
}

// written is a mail as somebody gets it, in its parts.
type written struct {
	subject string
	words   string
	lead    string // what stands above the link to the checklist; empty where there is none
	after   []string
	done    bool // it says that nothing is left to do, so no reminder follows
}

// write writes a mail to somebody.
func (m Mailing) write(a account.Account, k known) written {
	t := written{subject: m.Text.Subject, words: m.Text.Words}
	if m.Text.Kind == Steps {
		own := k.own[a.ID]
		t.subject = own.Subject
		t.words = own.Words
		t.lead = own.Lead
		t.done = own.Done
	}
	if wrong := m.Selection.Corrects; wrong != nil {
		t.words = wrong.sentence() + "\n\n" + t.words
	}
	if phase := guidance.Words(k.waves[a.ID]); m.Text.Kind.guides() && phase != "" {
		t.after = append(t.after, phase)
	}
	t.after = append(t.after, "Your account is "+a.Username+".",
		m.Writer+", DoS user administrator"+m.Text.Contact+", wrote this to several people. Nobody ever asks for your "+
			"password or for a code by email. If this looks wrong to you, tell the service desk. Begin the title of "+
			"your ticket with MFA-DoS.")
	return t
}

// to gives the mail as somebody gets it.
func (o Office) to(m Mailing, a account.Account, k known) mail.Message {
	link := o.reminders().Link(a.ID)
	message := o.compose(m, a, k, link)
	if m.Text.Kind.guides() {
		message.Unsubscribe = link + reminder.OneClick
	}
	return message
}

// shown gives the mail as its writer looks at it, without the link that is its reader's own.
func (o Office) shown(m Mailing, a account.Account, k known) mail.Message {
	return o.compose(m, a, k, "(a link of their own)")
}

func (o Office) reminders() reminder.Desk { return reminder.Desk{DB: o.DB, Post: o.Post, Home: o.Home} }

// compose puts a mail together, with a link by which its reader stops reminders.
func (o Office) compose(m Mailing, a account.Account, k known, link string) mail.Message {
	t := m.write(a, k)
	parts := []string{"Dear " + a.Name() + ",", t.words}
	if t.lead != "" {
		parts = append(parts, t.lead, checklistAt(o.Home))
	}
	parts = append(parts, t.after...)
	switch {
	case k.stopped[a.ID]:
		parts = append(parts,
			"You asked us for no reminders. This is something you must know, so you get it all the same.")
	case m.Text.Kind.guides() && !t.done:
		parts = append(parts, "To get no more reminders, open this page and press the button:", link)
	}
	return mail.Message{
		Kind:    "mailing." + string(m.Text.Kind),
		To:      a.Email,
		Batch:   m.ID,
		Subject: t.subject,
		Text:    strings.Join(parts, "\n\n") + "\n",
	}
}
