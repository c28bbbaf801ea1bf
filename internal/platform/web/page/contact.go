package page

import (
	"net/url"
	"regexp"
	"strings"
)

// contact finds the email addresses and the telephone numbers of the United Kingdom in a text.
var contact = regexp.MustCompile(`[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+|(?:\+44[ ()-]*\d|\b0)(?:[ ()-]*\d){9,10}\b`)

// contactPart is a part of a text about how to reach somebody. Href is empty for plain words.
type contactPart struct{ Text, Href string }

func contactParts(text string) (parts []contactPart) {
	from := 0
	for _, found := range contact.FindAllStringIndex(text, -1) {
		if found[0] > from {
			parts = append(parts, contactPart{Text: text[from:found[0]]})
		}
		one := text[found[0]:found[1]]
		parts = append(parts, contactPart{Text: one, Href: reach(one)})
		from = found[1]
	}
	if from < len(text) {
		parts = append(parts, contactPart{Text: text[from:]})
	}
	return parts
}

// reach gives the address that opens a mail to an email address, or telephones a number.
func reach(one string) string {
	if strings.Contains(one, "@") {
		return MailTo(one, "", "")
	}
	number := strings.ReplaceAll(one, "(0)", "")
	return "tel:" + strings.NewReplacer(" ", "", "(", "", ")", "", "-", "").Replace(number)
}

// MailTo gives the address that opens a mail with the subject and the text ready written.
func MailTo(address, subject, body string) string {
	to := "mailto:" + strings.ReplaceAll(url.PathEscape(address), "%40", "@")
	if subject == "" && body == "" {
		return to
	}
	return to + "?subject=" + escape(subject) + "&body=" + escape(strings.ReplaceAll(body, "\n", "\r\n"))
}

// escape encodes a text as mail programs read it, which take a plus for itself.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// FirstEmail gives the first email address in a text; empty if there is none.
func FirstEmail(text string) string { return firstContact(text, true) }

// FirstPhone gives the first telephone number in a text; empty if there is none.
func FirstPhone(text string) string { return firstContact(text, false) }

func firstContact(text string, email bool) string {
	for _, one := range contact.FindAllString(text, -1) {
		if strings.Contains(one, "@") == email {
			return one
		}
	}
	return ""
}

// Call gives the address that telephones a number.
func Call(number string) string { return reach(number) }

// Helper is somebody who can help, with how to reach them.
type Helper struct{ Name, Contact string }

// Help is what a page of a failure says of who can help.
type Help struct {
	Heading string
	Helpers []Helper
	Nobody  string // said where there are none
}
