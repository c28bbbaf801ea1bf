// Package email reads email addresses and makes the one form in which they are compared.
//
// An address is kept twice. Mail goes to the address as it was given; whether two are the same is
// asked of the key alone, which a unique column stores, so that no database ever folds case. The key
// is narrow on purpose: what only looks alike is another address. It knows nothing of who reads a
// mailbox, nor whether it exists.
package email

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"signpost/internal/platform/fault"
)

// The longest parts that mail takes (RFC 5321), in bytes.
const (
	longestLocal   = 64
	longestDomain  = 253
	longestLabel   = 63
	longestAddress = 254
)

// What can be wrong with an address.
var (
	errMissing = fault.Keyed("email-missing", fault.OfField("email", "Enter an email address"))
	errFormat  = fault.Keyed("email-format",
		fault.OfField("email", "Enter an email address in the correct format, like name@example.com"))
	errLong = fault.Keyed("email-long", fault.OfField("email",
		fmt.Sprintf("Email address must be %d characters or fewer", longestAddress)), "max",
		strconv.Itoa(longestAddress))
	errLetters = fault.Keyed("email-letters", fault.OfField("email",
		"Enter an email address with plain letters before the @, such as helene@nhs.net. Mail servers take no others"))
	errHidden = fault.Keyed("email-hidden",
		fault.OfField("email", "Email address must not contain hidden characters; delete it and type it again"))
)

// Address is an email address that mail can be sent to. The zero value is none.
type Address struct {
	local  string // as given
	domain string // in ASCII, lower case
}

// Parse reads an address as a person types it. The error is a fault about the field "email".
//
// It takes what mail really uses: no quoted local part, no comment, no name, no address in brackets.
// A domain may be written in any script and is kept in its ASCII form.
func Parse(s string) (Address, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return Address{}, errMissing
	case len(s) > 4*longestAddress:
		return Address{}, errLong
	case !utf8.ValidString(s):
		return Address{}, errFormat
	case strings.ContainsFunc(s, hidden):
		return Address{}, errHidden
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 || !localOK(s[:at]) {
		return Address{}, errFormat
	}
	domain, err := asciiDomain(s[at+1:])
	if err != nil {
		return Address{}, errFormat
	}
	a := Address{local: s[:at], domain: domain}
	if len(a.local) > longestLocal || len(a.String()) > longestAddress {
		return Address{}, errLong
	}
	return a, nil
}

// ParseNew is Parse for an address that is to be written to from now on. Before the @ it takes ASCII only: hardly any
// mail server takes more (RFC 6531), NHSmail's do not, and mail to such an address would be sent back without
// anybody knowing. Parse still reads those that are stored.
func ParseNew(s string) (Address, error) {
	a, err := Parse(s)
	if err == nil && !isASCII(a.local) {
		return Address{}, errLetters
	}
	return a, err
}

// String is the address to send mail to: the local part as it was given, the domain in ASCII.
func (a Address) String() string {
	if a.domain == "" {
		return ""
	}
	return a.local + "@" + a.domain
}

// Canonical is the key by which addresses are compared and made unique, and whether an equal key may
// count as the same address without a person looking at it.
//
// Where the local part is ASCII, the key is the address with its ASCII letters in lower case, and it
// may. No dots are dropped, nothing behind a plus, and there are no aliases between domains.
//
// Anything else never may: too many letters look like others. Its key begins with "look:", which no
// address can, so it equals no key of the first sort; behind that stands the NFC form with ASCII
// letters in lower case, so that the same address cannot be stored twice by two spellings of é. A key
// of this sort is not an address and Parse refuses it.
func (a Address) Canonical() (key string, automatic bool) {
	if a.domain == "" {
		return "", false
	}
	if isASCII(a.local) {
		return lowerASCII(a.local) + "@" + a.domain, true
	}
	return lookPrefix + lowerASCII(norm.NFC.String(a.local)) + "@" + a.domain, false
}

// Beginning gives the beginning of the keys of addresses that begin with what somebody typed; empty if none can.
func Beginning(typed string) string {
	typed = strings.TrimSpace(typed)
	if !isASCII(typed) || strings.ContainsFunc(typed, unicode.IsSpace) || len(typed) > longestAddress {
		return ""
	}
	return lowerASCII(typed)
}

// lookPrefix marks keys that a person has to look at. The colon cannot stand in a local part.
const lookPrefix = "look:"

// hidden reports characters that show nothing or change how the rest is shown.
func hidden(r rune) bool {
	return r == utf8.RuneError || unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Variation_Selector)
}

// localOK takes a dot-atom of RFC 5322, with the further letters that RFC 6532 allows.
func localOK(local string) bool {
	for part := range strings.SplitSeq(local, ".") {
		if part == "" || strings.ContainsFunc(part, notAtom) {
			return false
		}
	}
	return true
}

func notAtom(r rune) bool {
	if r < utf8.RuneSelf {
		return !isLetterOrDigit(byte(r)) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
	}
	return unicode.IsSpace(r) || !unicode.IsGraphic(r)
}

// asciiDomain gives the domain by the look-up profile of IDNA, in lower case and without the dot that
// may end it. A domain of one label, or an IP address, takes no mail here.
func asciiDomain(s string) (string, error) {
	d, err := idna.Lookup.ToASCII(s)
	if err != nil {
		return "", fmt.Errorf("domain to ASCII: %w", err)
	}
	d = strings.TrimSuffix(strings.ToLower(d), ".")
	labels := strings.Split(d, ".")
	if len(d) > longestDomain || len(labels) < 2 {
		return "", fmt.Errorf("domain %q: too long, or one label", d)
	}
	for _, l := range labels {
		if l == "" || len(l) > longestLabel || l[0] == '-' || l[len(l)-1] == '-' || strings.ContainsFunc(l, notHost) {
			return "", fmt.Errorf("domain %q: no host name", d)
		}
	}
	if top := labels[len(labels)-1]; !strings.ContainsFunc(top, unicode.IsLetter) {
		return "", fmt.Errorf("domain %q: ends in a number", d)
	}
	return d, nil
}

func notHost(r rune) bool {
	return r >= utf8.RuneSelf || (!isLetterOrDigit(byte(r)) && r != '-')
}

func isLetterOrDigit(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// lowerASCII lowers the 26 letters and no other; the letters of Unicode fold into each other.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + ('a' - 'A')
		}
	}
	return string(b)
}
