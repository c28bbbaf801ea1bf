package console_test

import (
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

// scanned is how many codes scanners have: 1,000 to prove, and some among all the checks.
func scanned() int {
	switch {
	case os.Getenv("PROVE") != "":
		return 1000
	case os.Getenv("TEST_LONG") != "":
		return 100
	}
	return 3
}

// L21: whatever scanners of mail do with the code by which somebody confirms the new address of their Care Identity,
// they confirm nothing, and the reader still can.
func TestScannersConfirmNoAddress(t *testing.T) {
	w := open(t)
	const at = "/view-your-profile/email/code"
	var visits, confirmed, able int
	for n := range scanned() {
		to := fmt.Sprintf("ada%d@example.nhs.uk", n)
		b := w.signedIn()
		b.post("/view-your-profile/email", "email", to)
		code := w.code(to)
		s := w.scan(at, code, func() bool { return w.identity().Email == to })
		s.Visit(t, at, at+"?code="+url.QueryEscape(code), "/view-your-profile/email")
		visits += s.Visits
		confirmed += s.Confirmed
		if b.post(at, "code", code).location == "/view-your-profile" && w.identity().Email == to {
			able++
		}
		w.Clock.Advance(time.Hour) // codes are for a few addresses at once
	}
	worldtest.Linking(t, "L21 address of a Care Identity: %d codes, visited %d times by 5 kinds of scanner; confirmed by a "+
		"scanner %d, reader still able %d", scanned(), visits, confirmed, able)
	if confirmed != 0 || able != scanned() || visits < 20*scanned() {
		t.Error("a scanner confirmed something, kept a reader from it, or tried nothing")
	}
}

// scan is the visits of scanners, each in a browser of its own.
func (w *world) scan(at, code string, confirmed func() bool) *webtest.Scan {
	return &webtest.Scan{At: at, Code: code,
		Open: func() (func(method, place string, form url.Values) string, func() bool) {
			b := w.browser()
			send := func(method, place string, form url.Values) string { return b.do(method, place, form).markup }
			return send, confirmed
		},
	}
}
