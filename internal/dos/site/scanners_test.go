package site_test

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

// letter is a mail that something can be confirmed with, after it was sent.
type letter struct {
	to        string                // its address
	at        string                // the path where its code is typed; empty if it has a link
	link      string                // the path of its link, where nobody mails it
	confirmed func(b *browser) bool // whether what it is for has happened, or is open to a browser
	goOn      func() bool           // what its reader does; reports whether that leads them on
}

// scanned is how many mails of each kind scanners visit: 1,000 to prove, and 1,000 of all kinds among all the checks.
func scanned() int {
	switch {
	case os.Getenv("PROVE") != "":
		return 1000
	case os.Getenv("TEST_LONG") != "":
		return (1000 + len(letters) - 1) / len(letters)
	}
	return 2
}

// L21: whatever scanners of mail do with the links and codes of 1,000 mails before their readers, they confirm nothing,
// and each reader still can.
func TestScannersConfirmNothing(t *testing.T) {
	t.Parallel()
	for name, send := range letters {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			var visits, confirmed, able int
			for n := range scanned() {
				l := send(w, n)
				s := w.scan(l, n)
				visits += s.Visits
				confirmed += s.Confirmed
				if l.goOn() {
					able++
				}
			}
			worldtest.Linking(t, "L21 %s: %d mails, visited %d times by 5 kinds of scanner; confirmed by a scanner %d, "+
				"reader still able %d", name, scanned(), visits, confirmed, able)
			if confirmed != 0 || able != scanned() || visits < 10*scanned() {
				t.Error("a scanner confirmed something, kept a reader from it, or tried nothing")
			}
		})
	}
}

var inMail = regexp.MustCompile(home + `(/[^\s>)]*)`)

// scan lets scanners visit each address that a mail names, and the page where its code is typed.
func (w *world) scan(l letter, n int) *webtest.Scan {
	w.Helper()
	var places []string
	if l.link != "" {
		places = append(places, l.link)
	}
	if l.to != "" {
		w.Settle()
		for _, found := range inMail.FindAllStringSubmatch(w.mailsTo(l.to), -1) {
			places = append(places, strings.TrimSuffix(found[1], "."))
		}
	}
	s := &webtest.Scan{At: l.at}
	if l.at != "" {
		s.Code = w.code(l.to)
		places = append(places, l.at+"?code="+url.QueryEscape(s.Code))
	}
	if len(places) == 0 {
		w.Fatalf("the mail to %s has nothing to visit", l.to)
	}
	var browsers atomic.Int32
	s.Open = func() (func(method, place string, form url.Values) string, func() bool) {
		b := w.browser()
		b.Address = fmt.Sprintf("198.18.%d.%d:443", n%250, browsers.Add(1)%250)
		send := func(method, place string, form url.Values) string {
			return b.Send(webtest.Request(method, home+place, form)).Body.String()
		}
		return send, func() bool { return l.confirmed(b) }
	}
	s.Visit(w, places...)
	return s
}
