package mailing

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
)

// Kind says which text is written.
type Kind string

// The kinds. All but Own are written already.
const (
	Checklist Kind = "checklist" // to go through one's checklist
	Prove     Kind = "prove"     // to confirm the email address
	Ending    Kind = "ending"    // the account will be deactivated
	Own       Kind = "own"
)

// Kinds lists them all.
func Kinds() []Kind { return []Kind{Checklist, Prove, Ending, Own} }

// Title names the kind for people.
func (k Kind) Title() string {
	switch k {
	case Checklist:
		return "A reminder of their checklist"
	case Prove:
		return "A request to confirm their email address"
	case Ending:
		return "A notice that the account will be deactivated"
	}
	return "A text of my own"
}

// ready gives the text of a kind that is written already.
func (k Kind) ready(home string) Text {
	switch k {
	case Checklist:
		return Text{Kind: k, Subject: "Get ready to log in to the Directory of Services with your Care Identity",
			Words: "Passwords for the Directory of Services are going away. Your checklist says what you still have " +
				"to do, and who helps you:\n\n" + home + "/checklist"}
	case Prove:
		return Text{Kind: k, Subject: "Confirm your email address for the Directory of Services",
			Words: "Your email address was not confirmed lately, and you need that to link your Care Identity. Log " +
				"in, choose \"Confirm the address I have\" and type the code that we send:\n\n" + home + "/account"}
	case Ending:
		return Text{Kind: k, Subject: "Your Directory of Services account will be deactivated",
			Words: "Your account does not seem to be used, and will be deactivated. If you still need it, log in in " +
				"the next 14 days, or write to the administrator who is named below:\n\n" + home}
	}
	return Text{Kind: k}
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
	errLink = fault.OfField("words",
		"Take out the links that do not lead to this site. People are told never to follow others")
	errMarked = fault.OfField("subject", "Enter a subject without a link")
)

// address finds what mail programs make a link of.
var address = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://\S*|\bwww\.\S+|` +
	`(?:^|[^\w@.-])((?:[\w-]+\.)+(?:com|net|org|info|io|co|uk|eu|me|link|click|site|online|xyz|app|dev|biz|ru|cn)` +
	`\b\S*)`)

// links reports whether a text leads anywhere but to a site.
func links(text, home string) bool {
	for _, found := range address.FindAllStringSubmatch(text, -1) {
		one := found[0]
		if found[1] != "" {
			one = found[1]
		}
		one = strings.TrimRight(one, ".,;:!?)")
		if one != home && !strings.HasPrefix(one, home+"/") {
			return true
		}
	}
	return false
}

// checked gives the text that is sent, of what was chosen and typed, or what is wrong with it.
func (t Text) checked(home string) (Text, error) {
	switch t.Kind {
	case Checklist, Prove, Ending:
		return t.Kind.ready(home), nil
	case Own:
	default:
		return t, errKind
	}
	t.Subject = strings.TrimSpace(t.Subject)
	t.Words = strings.TrimSpace(strings.ReplaceAll(t.Words, "\r\n", "\n"))
	switch {
	case t.Subject == "" || utf8.RuneCountInString(t.Subject) > maxSubject || strings.ContainsAny(t.Subject, "\r\n"):
		return t, errSubject
	case links(t.Subject, home):
		return t, errMarked
	case t.Words == "" || utf8.RuneCountInString(t.Words) > maxWords:
		return t, errWords
	case links(t.Words, home):
		return t, errLink
	}
	return t, nil
}

// To gives the mail as somebody gets it.
func (m Mailing) To(a account.Account) mail.Message {
	return mail.Message{
		Kind:    "mailing." + string(m.Text.Kind),
		To:      a.Email,
		Subject: m.Text.Subject,
		Text: "Dear " + a.Name() + ",\n\n" + m.Text.Words + "\n\nYour account is " + a.Username + ".\n\n" +
			m.Writer + ", DoS user administrator, wrote this to several people. Nobody ever asks for your " +
			"password or for a code by email. If this looks wrong to you, tell the service desk. Begin the title " +
			"of your ticket with MFA-DoS.\n",
	}
}
