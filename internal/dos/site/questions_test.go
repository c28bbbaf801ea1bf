package site_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
)

// The notice's three cases of a shared account, each reached by what the person says, and each in their session alone.
func TestSharedAccountReachesTheNoticesThreeCases(t *testing.T) {
	w := newWorld(t)
	team := w.account(account.New{Username: "riverside", Email: "team@example.nhs.uk", Kind: account.Shared}, path.Choose)
	const (
		asks       = "Do you already have a Care Identity?"
		request    = "Request your own DoS account"
		reactivate = "reactivate your Care Identity"
		apply      = "Apply for a Care Identity"
	)
	for answer, wants := range map[string][]string{
		"active": {request}, "inactive": {request, reactivate}, "none": {request, apply}, "unsure": {request, asks},
	} {
		b := w.browser()
		b.withPassword("riverside", goodPass)
		first := b.get("/").body
		if !strings.Contains(first, asks) || strings.Contains(first, apply) {
			t.Errorf("%s: before anything is said, somebody is told to apply, or is not asked", answer)
		}
		got := b.post("/questions", "identity", answer)
		if answer == "active" {
			if !asksForProof(t, got.location) {
				t.Errorf("the login that answers is not proved now: %q", got.location)
			}
			got = b.get("/signin/callback?" + w.issuer.SignIn(t, got.location).Encode())
		}
		if got.status != http.StatusSeeOther || got.location != "/" {
			t.Fatalf("%s: %d to %q %s", answer, got.status, got.location, got.body)
		}
		page := b.get("/").body
		for _, text := range []string{asks, request, reactivate, apply} {
			wanted := false
			for _, want := range wants {
				wanted = wanted || want == text
			}
			if strings.Contains(page, text) != wanted {
				t.Errorf("%s: the list says %q: %v", answer, text, !wanted)
			}
		}
		colleague := w.browser()
		colleague.withPassword("riverside", goodPass)
		if got := colleague.get("/").body; !strings.Contains(got, asks) || strings.Contains(got, apply) {
			t.Errorf("%s: a colleague sees it as their own", answer)
		}
		b.post("/sign-out")
		b.withPassword("riverside", goodPass)
		if got := b.get("/").body; !strings.Contains(got, asks) {
			t.Errorf("%s: whoever comes next on the computer sees it as their own", answer)
		}
	}
	if w.linked(team.ID) || w.count(`SELECT COUNT(*) FROM account_link`) != 0 {
		t.Error("an answer linked something")
	}
}

// A login with a Care Identity answers everything and links nothing; the person stays logged in as they were.
func TestALoginAnswersTheChecklist(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.withPassword("ada", goodPass)
	to := b.post("/questions", "identity", "active")
	back := "/signin/callback?" + w.issuer.SignIn(t, to.location).Encode()
	if got := b.get(back); got.location != "/" || w.linked(w.ada.ID) {
		t.Fatalf("%d to %q %s", got.status, got.location, got.body)
	}
	page := b.get("/").body
	for _, words := range []string{"You logged in as <bdi>Ada Example</bdi>, number ending 017. Nothing was linked.",
		`href="/link"`, `href="/questions"`} {
		if !strings.Contains(page, words) {
			t.Errorf("the list lacks %q", words)
		}
	}
	if strings.Contains(page, "Not known") || !b.signedIn() {
		t.Errorf("signed in %v; something is not known: %s", b.signedIn(), page)
	}
	to = b.post("/questions", "identity", "active", "email", "different", "access", "neither")
	if !asksForProof(t, to.location) {
		t.Errorf("with more answers, nobody is asked to log in: %q", to.location)
	}
	back = "/signin/callback?" + w.issuer.SignIn(t, to.location).Encode()
	b.post("/sign-out")
	if got := b.get(back); got.status != http.StatusGone {
		t.Errorf("after logging out it still answers: %d to %q", got.status, got.location)
	}
}
