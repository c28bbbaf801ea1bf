package held_test

import (
	"net/url"
	"strings"
	"testing"
)

// A page may be older than its author's account: nothing is kept for somebody who may not log in any more.
func TestNothingIsHeldForWhoMayNotLogIn(t *testing.T) {
	s := open(t)
	if _, kept := hold(t, s, plain, "note=x"); !kept {
		t.Fatal("an honest form was not held")
	}
	s.left = true
	if b, kept := hold(t, s, plain, "note=x"); kept || len(b.cookies) > 0 {
		t.Errorf("held: %v", b.cookies)
	}
}

func TestWhatIsNotHeld(t *testing.T) {
	s := open(t)
	if _, kept := hold(t, s, plain, "note="+strings.Repeat("x", 15<<10)); !kept {
		t.Fatal("an honest form was not held")
	}
	for name, tt := range map[string]struct{ kind, body string }{
		"nothing but a password": {plain, "pin=4711"},
		"nothing that was typed": {plain, "seen_version=7&status=&all=yes"},
		"a field of no form":     {plain, "email=ann@example.nhs.uk"},
		"empty":                  {plain, ""},
		"a file":                 {"multipart/form-data; boundary=x", "--x--"},
		"JSON":                   {"application/json", `{"a":1}`},
		"far too much":           {plain, "note=" + strings.Repeat("x", 16<<10)},
	} {
		if b, kept := hold(t, s, tt.kind, tt.body); kept || s.waits(t, b, "ann") {
			t.Errorf("%s was held", name)
		}
	}
}

// Strangers have nothing held: the seal that names an author cannot be made, only got by logging in, and it counts for
// its own form.
func TestWhoseFormsAreNotHeld(t *testing.T) {
	s := open(t)
	stranger := open(t)
	for name, tt := range map[string]struct {
		path, body string
		kept       bool
	}{
		"an author's":                {sevens, s.sealed(t, "note=x", sevens, "ann"), true},
		"without a seal":             {sevens, "note=x", false},
		"of nobody":                  {sevens, s.sealed(t, "note=x", sevens, ""), false},
		"made up":                    {sevens, "note=x&seal=" + url.QueryEscape(`{"id":"ann"}`), false},
		"sealed under another key":   {sevens, stranger.sealed(t, "note=x", sevens, "ann"), false},
		"sealed for another service": {sevens, s.sealed(t, "note=x", "/services/8/hours", "ann"), false},
		"of a form that has another": {sevens, s.sealed(t, "note=x", "/account/email", "ann"), false},
	} {
		b := &browser{cookies: map[string]string{}}
		rec := s.send(b, "", "POST", tt.path, plain, tt.body)
		kept := strings.Contains(rec.Header().Get("Location"), "kept=true")
		if kept != tt.kept || s.waits(t, b, "ann") != tt.kept {
			t.Errorf("%s: held %v", name, kept)
		}
	}
}
