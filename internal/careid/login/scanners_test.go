package login_test

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

// scanned is how many links and codes scanners visit: 1,000 to prove, and some among all the checks.
func scanned() int {
	switch {
	case os.Getenv("PROVE") != "":
		return 1000
	case os.Getenv("TEST_LONG") != "":
		return 100
	}
	return 3
}

// L21: whatever scanners of mail do with the link by which an authenticator is added, and with the code that is mailed
// then, they confirm nothing, and the reader still can.
func TestScannersAddNoAuthenticator(t *testing.T) {
	w := open(t)
	var visits, confirmed, able int
	for range scanned() {
		link := w.Invite(w.UUID, authn.AuthenticatorApp)
		mails := len(w.Mails.All())
		s := w.scan("", "", func(*logintest.Browser) bool { return len(w.Mails.All()) != mails })
		s.Visit(t, link)
		b := w.Browser()
		at := b.Send(link, "email", "ada@example.nhs.uk")
		c := w.scan(at+"/code", w.Mailed("Ada@example.nhs.uk"), func(b *logintest.Browser) bool {
			return b.Get(at).StatusCode == http.StatusOK
		})
		c.Visit(t, at+"/code", at)
		visits += s.Visits + c.Visits
		confirmed += s.Confirmed + c.Confirmed
		if b.Send(at+"/code", "code", w.Mailed("Ada@example.nhs.uk")) == at &&
			strings.Contains(logintest.Text(b.Get(at)), "assword") {
			able++
		}
	}
	worldtest.Linking(t, "L21 authenticator: %d links and codes, visited %d times by 5 kinds of scanner; confirmed by a "+
		"scanner %d, reader still able %d", scanned(), visits, confirmed, able)
	if confirmed != 0 || able != scanned() || visits < 20*scanned() {
		t.Error("a scanner confirmed something, kept a reader from it, or tried nothing")
	}
}

func (w *world) scan(at, code string, confirmed func(b *logintest.Browser) bool) *webtest.Scan {
	return &webtest.Scan{At: at, Code: code,
		Open: func() (func(method, place string, form url.Values) string, func() bool) {
			b := w.Browser()
			send := func(method, place string, form url.Values) string {
				answer := b.SendOnly(method, place, form)
				page, err := io.ReadAll(answer.Body)
				w.Must(err)
				return string(page)
			}
			return send, func() bool { return confirmed(b) }
		},
	}
}
