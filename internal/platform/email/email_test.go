package email_test

import (
	"errors"
	"strings"
	"testing"

	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
)

func TestParse(t *testing.T) {
	tests := []struct{ in, send string }{
		{"ann@nhs.net", "ann@nhs.net"},
		{" Ann.Smith3@NHS.NET ", "Ann.Smith3@nhs.net"},
		{"o'neill+dos@trust.nhs.uk", "o'neill+dos@trust.nhs.uk"},
		{"ann@nhs.net.", "ann@nhs.net"},
		{"ann@nhs。net", "ann@nhs.net"},
		{"élan@example.com", "élan@example.com"},
		{"ann@faß.de", "ann@xn--fa-hia.de"},
		{strings.Repeat("a", 64) + "@nhs.net", strings.Repeat("a", 64) + "@nhs.net"},
	}
	for _, tt := range tests {
		a, err := email.Parse(tt.in)
		if err != nil || a.String() != tt.send {
			t.Errorf("Parse(%q) = %q, %v; want %q", tt.in, a, err, tt.send)
		}
	}
}

// An address to which hardly any server takes mail is refused where it comes in, and the words name what is wrong.
func TestParseNew(t *testing.T) {
	for in, want := range map[string]string{
		"ann@nhs.net": "", "o'neill+dos@trust.nhs.uk": "", "ann@faß.de": "", "ann": "correct format",
		"hélène@nhs.net": "with plain letters before the @", "анна@nhs.net": "with plain letters before the @",
	} {
		a, err := email.ParseNew(in)
		f, _ := fault.From(err)
		if want == "" && (err != nil || a.String() == "") ||
			want != "" && (f == nil || f.Field != "email" || !strings.Contains(f.Message, want)) {
			t.Errorf("ParseNew(%q) = %q, %v; want %q", in, a, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	const format = "Enter an email address in the correct format, like name@example.com"
	tests := []struct{ name, in, message string }{
		{"nothing", "  ", "Enter an email address"},
		{"no at", "ann", format},
		{"no local part", "@nhs.net", format},
		{"no domain", "ann@", format},
		{"one label", "ann@localhost", format},
		{"two ats", "ann@smith@nhs.net", format},
		{"space inside", "ann smith@nhs.net", format},
		{"two dots", "ann..smith@nhs.net", format},
		{"dot at the end of the local part", "ann.@nhs.net", format},
		{"with a name", "Ann <ann@nhs.net>", format},
		{"quoted", `"ann smith"@nhs.net`, format},
		{"two addresses", "ann@nhs.net,bob@nhs.net", format},
		{"IP address", "ann@127.0.0.1", format},
		{"bracketed IP address", "ann@[127.0.0.1]", format},
		{"underscore in the domain", "ann@nhs_uk.net", format},
		{"hyphen first", "ann@-nhs.net", format},
		{"two dots at the end", "ann@nhs.net..", format},
		{"wide at", "ann＠nhs.net", format},
		{"not text", "\xffann@nhs.net", format},
		{"bad punycode", "ann@xn--a.net", format},
		{"the key of a strange address", "look:élan@nhs.net", format},
		{"header injection", "ann@nhs.net\r\nBcc: bob@nhs.net", "Email address must not contain hidden characters; delete it and type it again"},
		{"NUL", "ann\x00@nhs.net", "Email address must not contain hidden characters; delete it and type it again"},
		{"zero-width space before", "\u200bann@nhs.net", "Email address must not contain hidden characters; delete it and type it again"},
		{"right-to-left override", "ann\u202e@nhs.net", "Email address must not contain hidden characters; delete it and type it again"},
		{"long local part", strings.Repeat("a", 65) + "@nhs.net", "Email address must be 254 characters or fewer"},
		{"long", "ann@" + strings.Repeat(strings.Repeat("a", 60)+".", 4) + "nhs.net", "Email address must be 254 characters or fewer"},
		{"very long", strings.Repeat("a", 5000) + "@nhs.net", "Email address must be 254 characters or fewer"},
	}
	for _, tt := range tests {
		a, err := email.Parse(tt.in)
		f, ok := fault.From(err)
		if !ok || !errors.Is(err, fault.Invalid) || f.Field != "email" || f.Message != tt.message {
			t.Errorf("%s: Parse(%q) = %q, %v; want %q", tt.name, tt.in, a, err, tt.message)
		}
	}
}

// The table of look-alike addresses: the only ones that match by themselves are those that mail
// itself takes for one.
func TestLookAlikes(t *testing.T) {
	tests := []struct {
		name, first, second string
		same                bool // matched without a person
	}{
		{"capitals", "ann@nhs.net", "ANN@NHS.NET", true},
		{"ideographic stop in the domain", "ann@nhs.net", "ann@nhs。net", true},
		{"trailing dot", "ann@nhs.net", "ann@nhs.net.", true},
		{"Kelvin sign", "kate@nhs.net", "\u212aate@nhs.net", false},
		{"dotless i", "mike@nhs.net", "m\u0131ke@nhs.net", false},
		{"combining accent", "ren\u00e9@nhs.net", "rene\u0301@nhs.net", false},
		{"Cyrillic a", "ann@nhs.net", "\u0430nn@nhs.net", false},
		{"sharp s", "strasse@nhs.net", "stra\u00dfe@nhs.net", false},
		{"ligature", "fi@nhs.net", "\ufb01@nhs.net", false},
		{"sharp s in the domain", "ann@fass.de", "ann@fa\u00df.de", false},
		{"Greek question mark, which NFC makes a semicolon", "ann@nhs.net", "ann\u037e@nhs.net", false},
		{"plus", "ann@nhs.net", "ann+dos@nhs.net", false},
		{"dots", "ann@nhs.net", "a.nn@nhs.net", false},
		{"alias of the domain", "ann@nhs.net", "ann@trust.nhs.uk", false},
	}
	for _, tt := range tests {
		one, first := canonical(t, tt.first)
		two, second := canonical(t, tt.second)
		if got := one == two && first && second; got != tt.same {
			t.Errorf("%s: %q and %q match by themselves: %v", tt.name, one, two, got)
		}
	}
}

func TestCanonical(t *testing.T) {
	tests := []struct {
		in, key   string
		automatic bool
	}{
		{"Ann@NHS.net", "ann@nhs.net", true},
		{"RENÉ@nhs.net", "look:renÉ@nhs.net", false},
		{"rene\u0301@nhs.net", "look:ren\u00e9@nhs.net", false},
		{"\u212aate@nhs.net", "look:kate@nhs.net", false},
	}
	for _, tt := range tests {
		if key, automatic := canonical(t, tt.in); key != tt.key || automatic != tt.automatic {
			t.Errorf("Canonical(%q) = %q, %v; want %q, %v", tt.in, key, automatic, tt.key, tt.automatic)
		}
	}
	if key, automatic := (email.Address{}).Canonical(); key != "" || automatic {
		t.Errorf("no address has the key %q, %v", key, automatic)
	}
	if s := (email.Address{}).String(); s != "" {
		t.Errorf("no address is written %q", s)
	}
}

func TestRoleMailbox(t *testing.T) {
	shared := []string{
		"info@example.com", "Reception@nhs.net", "p84040.reception@nhs.net", "pharmacy.fxx01@nhs.net", "pharmacy.FM664@nhs.net",
		"nhspharmacy.leigh@nhs.net", "no-reply@nhs.net", "out.of.hours@nhs.net", "duty-team@trust.nhs.uk", "admin2@nhs.net",
	}
	for _, s := range shared {
		if a := parse(t, s); !email.RoleMailbox(a) {
			t.Errorf("%s looks like a person's", s)
		}
	}
	for _, s := range []string{"ann@nhs.net", "ann.smith3@nhs.net", "j.informan@nhs.net", "o'neill@nhs.net", "teamer@nhs.net", "ann@info.example.com"} {
		if a := parse(t, s); email.RoleMailbox(a) {
			t.Errorf("%s looks like a team's", s)
		}
	}
}

func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"Ann@NHS.NET", "\u212aate@nhs.net", "rene\u0301@nhs.net", "ann@fa\u00df.de", "ann@nhs。net", "a@xn--fa-hia.de", "ann@nhs.net."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := email.Parse(s)
		if err != nil {
			return
		}
		key, automatic := a.Canonical()
		again, err := email.Parse(key)
		if !automatic {
			if err == nil {
				t.Errorf("%q has the key %q, which is an address", s, key)
			}
			return
		}
		if err != nil {
			t.Fatalf("%q has the key %q, which does not parse: %v", s, key, err)
		}
		if k, ok := again.Canonical(); k != key || !ok {
			t.Errorf("%q has the key %q, which has the key %q", s, key, k)
		}
		if sent, err := email.Parse(a.String()); err != nil || sent != a {
			t.Errorf("%q is sent to %q, which reads as %q, %v", s, a, sent, err)
		}
	})
}

// Two local parts that differ in a letter that is not ASCII never match by themselves.
func FuzzLetters(f *testing.F) {
	for _, pair := range [][2]string{{"kate", "\u212aate"}, {"mike", "m\u0131ke"}, {"ren\u00e9", "rene\u0301"}, {"ann", "\u0430nn"}, {"fi", "\ufb01"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		a, errA := email.Parse(one + "@nhs.net")
		b, errB := email.Parse(two + "@nhs.net")
		if errA != nil || errB != nil {
			return
		}
		keyA, autoA := a.Canonical()
		keyB, autoB := b.Canonical()
		if keyA != keyB {
			return
		}
		if autoA != autoB {
			t.Errorf("%q and %q share the key %q, one of them alone for matching", one, two, keyA)
		}
		if autoA && strings.TrimSpace(letters(one)) != strings.TrimSpace(letters(two)) {
			t.Errorf("%q and %q differ in letters that are not ASCII, and share the key %q", one, two, keyA)
		}
	})
}

// letters leaves only what is not ASCII.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 {
			return -1
		}
		return r
	}, s)
}

func parse(t *testing.T, s string) email.Address {
	t.Helper()
	a, err := email.Parse(s)
	if err != nil {
		t.Fatalf("Parse(%q): %v", s, err)
	}
	return a
}

func canonical(t *testing.T, s string) (string, bool) {
	t.Helper()
	return parse(t, s).Canonical()
}
