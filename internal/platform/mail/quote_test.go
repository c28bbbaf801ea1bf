package mail_test

import (
	"testing"

	"signpost/internal/platform/mail"
)

// What somebody typed never begins a line of a mail, and holds no link.
func TestQuote(t *testing.T) {
	for typed, want := range map[string]string{
		"The clinic is closed.":            "> The clinic is closed.",
		" one\r\ntwo\rthree\u2028\n ":      "> one\n> two\n> three",
		"all\vthat\fends\u0085a\u2029line": "> all\n> that\n> ends\n> a\n> line",
		"Closed.\n\nYou have been logged out: https://dos.evil.example/signin": "> Closed.\n> \n" +
			"> You have been logged out: https:// dos.evil.example/signin",
		"See WWW.evil.example or www.evil.example": "> See WWW. evil.example or www. evil.example",
		"": "> ",
	} {
		if got := mail.Quote(typed); got != want {
			t.Errorf("Quote(%q) = %q, want %q", typed, got, want)
		}
	}
}
