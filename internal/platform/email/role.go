package email

import (
	"slices"
	"strings"
	"unicode"
)

// roleWords are names of posts, teams and places rather than of people.
var roleWords = []string{
	"admin", "administrator", "appointments", "bookings", "bureau", "callcentre", "clinic", "contact", "desk",
	"dispensary", "dos", "duty", "dutydoctor", "enquiries", "enquiry", "generic", "hello", "help", "helpdesk",
	"hub", "info", "information", "inbox", "mail", "mailbox", "manager", "nhspharmacy", "noreply", "nurses", "office",
	"ooh", "outofhours", "pharmacy", "postmaster", "practice", "prescriptions", "reception", "receptionist",
	"referrals", "rota", "secretaries", "secretary", "service", "services", "shared", "staff", "support", "surgery",
	"switchboard", "team", "triage", "urgentcare", "walkin", "ward", "webmaster",
}

// RoleMailbox reports whether the address looks like one that several people read, such as
// reception@ or pharmacy.fxx01@. It is a hint for the person who decides: it misses team mailboxes
// with unusual names, and it is wrong about people who are called Ward. The sure sign is that more
// than one care identity was seen to carry the address.
func RoleMailbox(a Address) bool {
	words := strings.FieldsFunc(lowerASCII(a.local), func(r rune) bool { return !unicode.IsLetter(r) })
	if slices.Contains(roleWords, strings.Join(words, "")) {
		return true // such as no-reply, out.of.hours
	}
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(roleWords, w) })
}
