package password

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"signpost/internal/platform/fault"
)

// Use says what a password is for, by which its least length differs (NIST SP 800-63B-4 §3.1.1.2).
type Use int

// The uses.
const (
	Alone    Use = 15 // nothing else is asked for
	WithCode Use = 8  // with the code of an authenticator app
)

// maxLength is in characters; the standard asks for at least 64.
const maxLength = 128

// Breached knows passwords that are known from breaches.
type Breached interface {
	Has(plain string) (bool, error)
}

// What can be wrong with a new password.
var (
	errCommon = fault.Keyed("password-common", fault.OfField("password",
		"Enter another password, such as three random words. This one is known to people who guess passwords"))
	errOwn = fault.Keyed("password-name", fault.OfField("password",
		"Enter a password that does not contain your name, username or email address, or the name of this service"))
)

func errLength(use Use) error {
	return fault.Keyed("password-length", fault.OfField("password",
		fmt.Sprintf("Enter a password between %d and %d characters long", use, maxLength)),
		"min", strconv.Itoa(int(use)), "max", strconv.Itoa(maxLength))
}

// services are the names of ours that no password contains.
var services = []string{"directoryofservices", "careidentity", "signpost"}

// minOwn is how long a name is that no password contains: shorter ones are parts of many words.
const minOwn = 4

// Acceptable says whether plain may become somebody's password, given words that belong to them such as the user name.
// What is wrong is a fault about the field "password". Which characters it has is its owner's choice, and it is good
// until it is known to others.
func (h *Hasher) Acceptable(use Use, plain string, own ...string) error {
	plain = normal(plain)
	if n := utf8.RuneCountInString(plain); n < int(use) || n > maxLength {
		return errLength(use)
	}
	if guessable(plain) {
		return errCommon
	}
	lower := strings.ToLower(plain)
	for _, word := range words(own) {
		if strings.Contains(lower, word) {
			return errOwn
		}
	}
	for _, name := range services {
		if strings.Contains(letters(lower), name) {
			return errOwn
		}
	}
	return h.notBreached(plain, lower)
}

// notBreached refuses a password that is on the list of the operator, as it is or in small letters.
func (h *Hasher) notBreached(plain, lower string) error {
	if h.Breached == nil {
		return nil
	}
	for _, form := range []string{plain, lower} {
		listed, err := h.Breached.Has(form)
		if err != nil {
			return err
		}
		if listed {
			return errCommon
		}
	}
	return nil
}

// words gives each word of what belongs to somebody, in small letters: of an email address, what is before the @.
func words(own []string) (list []string) {
	for _, text := range own {
		local, _, _ := strings.Cut(strings.ToLower(normal(text)), "@")
		for _, word := range append(strings.FieldsFunc(local, noLetter), local) {
			if utf8.RuneCountInString(word) >= minOwn {
				list = append(list, word)
			}
		}
	}
	return list
}

func noLetter(r rune) bool { return !unicode.IsLetter(r) }

// letters gives a text without what is no letter.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if noLetter(r) {
			return -1
		}
		return r
	}, text)
}

// normal gives the one form of a password in which it is hashed and compared, as keyboards send some characters in two
// ways (RFC 8265, OpaqueString).
func normal(plain string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, plain))
}
