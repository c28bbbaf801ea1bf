package site_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/relying/relyingtest"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// holder is somebody who may do much and logs in with a Care Identity.
type holder struct {
	*browser
}

const holderSubject = "500000000777"

// holder gives the browser of openingForms on which most forms are opened, with a Care Identity linked to its account.
func (w *world) holder(open func(web.Route) (*webtest.Browser, string)) holder {
	w.Helper()
	usual, _ := open(web.Route{Pattern: "POST /account/email"})
	w.update(func(ctx context.Context, u *db.W) error {
		a, err := account.ByUsername(ctx, u, "all")
		if err != nil {
			return err
		}
		return account.AddLink(ctx, u, account.Link{AccountID: a.ID, Issuer: w.issuer.Name, Subject: holderSubject,
			How: "test", Linked: u.Now()})
	})
	return holder{&browser{Browser: usual, w: w, cookies: usual.Cookies}}
}

// comes logs the holder in, and gives where they come to.
func (h holder) comes() string {
	h.w.Helper()
	delete(h.cookies, "__Host-dos")
	h.w.issuer.Person = relyingtest.Ada()
	h.w.issuer.Person.Subject = holderSubject
	h.w.issuer.Person.Roles = positionsAt("FXX01")
	got := h.careIdentity()
	if !h.signedIn() {
		h.w.Fatalf("not logged in: %d to %q %s", got.status, got.location, got.body)
	}
	return got.location
}

// samplesOfToken are what is typed where the usual example would be refused.
var samplesOfToken = map[string]string{"group": "provider-user", "phone": "0113 496 0000"}

// An hour after somebody came with their Care Identity, CIS2 has to be asked for anew. What they had typed into
// whatever form waits for them, and is sent once they are back. Where nothing was typed, they come back to the page.
func TestWhatWasTypedIntoAnyFormOutlivesTheToken(t *testing.T) {
	w := newWorld(t)
	open := w.openingForms()
	h := w.holder(open)
	kept := 0
	var chosen, ofOthers []string // forms of buttons alone, and those of who is not logged in so
	for _, route := range w.site.Routes() {
		if !route.Sealed || route.Pattern == "POST /sign-out" { // who wants to log out need not log in
			continue
		}
		h.comes()
		b, at := open(route)
		all, typed := webtest.Filled(t, h.Browser, route, at, samplesOfToken)
		if b != h.Browser || all == nil {
			ofOthers = append(ofOthers, route.Pattern)
			continue
		}
		for range 4 {
			w.clock.Advance(14 * time.Minute)
			if !h.signedIn() {
				t.Fatalf("%s: logged out before", route.Pattern)
			}
		}
		w.clock.Advance(5 * time.Minute)
		late := h.do(http.MethodPost, at, all)
		front := h.get("/").body
		if late.location != "/" || !strings.Contains(front, "asked for again after an hour") {
			t.Errorf("%s: the token has ended, and the form goes to %q: %s", route.Pattern, late.location,
				webtest.Text(front))
			continue
		}
		to := h.comes()
		if len(typed) == 0 {
			chosen = append(chosen, route.Pattern)
			if want := webtest.PageOf(route, at); to != want {
				t.Errorf("%s: back from CIS2 they come to %q, not to %q", route.Pattern, to, want)
			}
			continue
		}
		if to != "/held" {
			t.Errorf("%s: back from CIS2 they come to %q", route.Pattern, to)
			continue
		}
		again, _ := webtest.Filled(t, h.Browser, web.Route{Pattern: "POST " + at, Page: "/held"}, at, nil)
		sent := h.do(http.MethodPost, at, again)
		if sent.location == "/" && !h.signedIn() || sent.status == http.StatusForbidden {
			t.Errorf("%s: sent once more: %d to %q: %s", route.Pattern, sent.status, sent.location,
				webtest.Text(sent.body))
		}
		for name, values := range typed {
			// a choice whose words are its page's alone is sent with the others, and not shown
			sentUnseen := again[name] == nil && sent.status != http.StatusUnprocessableEntity
			if !sentUnseen && !slices.Equal(again[name], values) {
				t.Errorf("%s: of what was typed into %s, %q, is kept %q", route.Pattern, name, values, again[name])
			}
		}
		kept++
	}
	t.Logf("forms that outlive the token: %d; buttons to whose page they come back: %d; not of somebody "+
		"who came so: %d", kept, len(chosen), len(ofOthers))
	if kept < 25 || len(chosen) < 15 {
		t.Errorf("only %d forms tried: the check would prove nothing", kept)
	}
}
