package site_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	cases "signpost/internal/dos/shared"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// Whoever follows a link that was mailed to them and does not work any more is told so, and what to do; and not that
// there is no such page. Every link of the site with a secret in it is tried, opened and sent.
func TestLinksThatDoNotWorkAnyMore(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	tried := 0
	for _, route := range w.site.Routes() {
		method, pattern, _ := strings.Cut(route.Pattern, " ")
		at, secret := strings.CutSuffix(pattern, "/{secret}")
		if !secret {
			continue
		}
		at = at[:strings.LastIndex(at, "{")] + "nobody/nothing"
		got := b.get(at)
		if method == http.MethodPost {
			got = b.post(at)
		}
		if got.status != http.StatusGone || !strings.Contains(got.body, "<title>This has expired") {
			t.Errorf("%s: %d %s", route.Pattern, got.status, webtest.Text(got.body))
		}
		tried++
	}
	if tried != 14 {
		t.Errorf("tried %d links, opened and sent", tried)
	}
}

// A link in a mail about a claim says what came of it, whoever opens it, and however often.
func TestALinkAboutAClaimSaysWhatCameOfIt(t *testing.T) {
	w := newWorld(t)
	team := w.reception()
	w.account(account.New{
		Username: "all", Email: "all@example.nhs.uk", Grants: account.Everywhere.Of(account.ManageUsers),
	}, path.Choose)
	own := w.ownOf(team, 1)
	deny := w.mailedLink("ann1@riverside.example", "/not-me/")
	ann := w.browser()
	ann.get(deny).mustHave(t, "Was this not you?")
	for range 2 { // their own link works until somebody decides otherwise
		ann.get(own).mustHave(t, "Your own account")
		if p := ann.post(own); p.location != "/request-account" {
			t.Fatalf("%d to %q", p.status, p.location)
		}
	}
	ann.get(deny).mustHave(t, "Somebody who reads the emails to this address has opened the link")
	if p := ann.post(deny); p.status != http.StatusConflict {
		t.Errorf("denied after it was proved: %d", p.status)
	}
	id := strings.Split(own, "/")[2]
	list := w.sharers(team)
	claim := list[slices.IndexFunc(list, func(c cases.Claim) bool { return c.ID == id })]
	w.manager().post(cases.CasePath(team.ID)+"/reject", "claim", picked(t, claim).Value(), "reason", "nobody knows her")
	if p := ann.get(own); p.status != http.StatusGone || !strings.Contains(p.body, "Use the newest email") {
		t.Errorf("rejected: %d", p.status)
	}
	if p := w.browser().get("/request-account?invitation=none.nothing"); !strings.Contains(p.body, "This invitation") {
		t.Errorf("an invitation that has ended: %d", p.status)
	}
	if p := w.browser().get("/request-account"); strings.Contains(p.body, "This invitation") {
		t.Error("nobody was invited")
	}
}
