package page

import (
	"strings"
	"testing"
)

func TestContact(t *testing.T) {
	for text, want := range map[string]string{
		"ra@ztr.example":                  `<a href="mailto:ra@ztr.example">ra@ztr.example</a>`,
		"01632 960001":                    `<a href="tel:01632960001">01632 960001</a>`,
		"Call +44 (0)1632 960001 at once": `Call <a href="tel:+441632960001">+44 (0)1632 960001</a> at once`,
		"ra@ztr.example, 01632 960001.": `<a href="mailto:ra@ztr.example">ra@ztr.example</a>, ` +
			`<a href="tel:01632960001">01632 960001</a>.`,
		"Ask your line manager":      "Ask your line manager",
		"Room 0163, code 1234567890": "Room 0163, code 1234567890",
		"<b>a@b.example?bcc=x</b>":   `&lt;b&gt;<a href="mailto:a@b.example">a@b.example</a>?bcc=x&lt;/b&gt;`,
		"":                           "",
	} {
		var html strings.Builder
		if err := Contact(text).Render(t.Context(), &html); err != nil {
			t.Fatal(err)
		}
		if got := html.String(); got != want {
			t.Errorf("Contact(%q)\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestMailTo(t *testing.T) {
	got := MailTo("ra@ztr.example", "R8008 & B0166", "Please + thanks\nAda")
	want := "mailto:ra@ztr.example?subject=R8008%20%26%20B0166&body=Please%20%2B%20thanks%0D%0AAda"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := FirstEmail("01632 960001, ra@ztr.example or b@ztr.example"); got != "ra@ztr.example" {
		t.Errorf("first email %q", got)
	}
}
