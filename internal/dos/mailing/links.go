package mailing

import (
	"context"
	"errors"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
)

// leading finds the words of a text that mail programs make links of, or may, and that lead elsewhere than to the site:
// all that looks like an address is one, unless it is known to be none.
func leading(text, home string) (elsewhere, mailboxes []string) {
	for word := range strings.FieldsSeq(name.Plain(text)) {
		word = strings.TrimFunc(word, surrounds)
		switch {
		case OwnPage(word, home):
		case strings.ContainsAny(word, "@") && !strings.ContainsAny(word, ":/?"):
			mailboxes = append(mailboxes, word)
		case leads(word):
			elsewhere = append(elsewhere, word)
		}
	}
	return elsewhere, mailboxes
}

// surrounds reports whether a mark before or after a word is no part of an address.
func surrounds(c rune) bool {
	return strings.ContainsRune(".,;:!?()[]{}<>*_", c) || unicode.Is(unicode.Quotation_Mark, c)
}

// Leads reports whether a text has what mail programs or people take for an address, of a page or of a mailbox.
func Leads(text string) bool {
	elsewhere, mailboxes := leading(text, nowhere)
	return len(elsewhere)+len(mailboxes) > 0
}

// nowhere begins the address of no page, so that none counts as one of the site.
const nowhere = "\x00"

var afterHome = regexp.MustCompile(`^(/[\w.~%=&?#+-]+)*/?$`)

// OwnPage reports whether a word is the address of a page of the site at home.
func OwnPage(word, home string) bool {
	rest, found := strings.CutPrefix(word, home)
	return found && afterHome.MatchString(rest)
}

var (
	dotted = regexp.MustCompile(`[\pL\pM\pN_-]+(?:\.[\pL\pM\pN_-]+)+`)
	beyond = regexp.MustCompile(`^(?:[/\\?#]|:\d)`) // what stands after a domain in an address
)

// leads reports whether a word is an address, or holds one.
func leads(word string) bool {
	if strings.Contains(word, "//") || strings.ContainsAny(word, "@\\") {
		return true
	}
	for _, at := range dotted.FindAllStringIndex(word, -1) {
		if beyond.MatchString(word[at[1]:]) && !number(word[at[0]:at[1]]) || isHost(word[at[0]:at[1]]) {
			return true
		}
	}
	return false
}

// number reports whether a text with full stops has digits alone, as a time or a date has.
func number(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool { return c != '.' && (c < '0' || c > '9') })
}

// isHost reports whether a text with full stops is what a computer is called by: it ends as domains do, or is four
// numbers. Usernames such as ann.smith, times, dates and abbreviations do not.
func isHost(text string) bool {
	if number(text) {
		_, err := netip.ParseAddr(text)
		return err == nil
	}
	domain, err := idna.ToASCII(strings.ToLower(text))
	if err != nil {
		return true
	}
	ending, known := publicsuffix.PublicSuffix(domain)
	return known || strings.Contains(ending, ".")
}

var (
	errLink = fault.OfField("words", "Take out the links that do not lead to this site. People are told never to "+
		"follow others. Words that look like one, such as those with no space after a full stop, count too")
	errMailbox = fault.OfField("words", "Take out the email addresses that are not those of DoS user administrators")
	errMarked  = fault.OfField("subject", "Enter a subject without a link and without an email address")
)

// linkProblem says what is wrong with where a text of somebody's own leads, or nil.
func (t Text) linkProblem(ctx context.Context, r db.R, home string) error {
	if t.Kind != Own {
		return nil
	}
	if elsewhere, mailboxes := leading(t.Subject, home); len(elsewhere)+len(mailboxes) > 0 {
		return errMarked
	}
	elsewhere, mailboxes := leading(t.Words, home)
	if len(elsewhere) > 0 {
		return errLink
	}
	slices.Sort(mailboxes)
	for _, one := range slices.Compact(mailboxes) {
		known, err := administers(ctx, r, one)
		if err != nil {
			return err
		}
		if !known {
			return errMailbox
		}
	}
	return nil
}

// administers reports whether an address is the one of an active account that manages users.
func administers(ctx context.Context, r db.R, typed string) (bool, error) {
	key, has := keyOf(typed)
	if !has {
		return false, nil
	}
	a, err := account.ByEmail(ctx, r, key)
	if errors.Is(err, fault.NotFound) {
		return false, nil
	}
	if err == nil {
		err = account.RequireFor(ctx, r, a.ID, account.ManageUsers)
	}
	if errors.Is(err, fault.Forbidden) {
		return false, nil
	}
	return err == nil, err
}

// keyOf gives the canonical form of an address, if it is one and has one.
func keyOf(typed string) (key string, has bool) {
	address, err := email.Parse(typed)
	if err != nil {
		return "", false
	}
	return address.Canonical()
}
