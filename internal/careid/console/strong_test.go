package console_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// atLevel is a browser on which Ada, a manager, is signed in at a level.
func (w *world) atLevel(level string) *browser {
	w.Helper()
	w.issuer.Person.AuthenticationLevel = level
	b := w.signedIn()
	w.issuer.Person.AuthenticationLevel = "3"
	return b
}

// forNoAuthority begin the addresses that are not for what somebody does for a registration authority. All others are.
var forNoAuthority = []string{"/assets/", "/{$}", "/sign", "/log-in-stronger", "/apply", "/find-your-ra", "/ask-your-ra",
	"/my-ask/", "/extract/", "/view-your-profile", "/desk/", "/connections", "/smartcards/",
	"/failed", "/cancel", "/another-person", "/backchannel-logout", "/.well-known/", "/held", "/session"}

// Whoever is logged in at AAL2 and could be at AAL3 is led to log in so by every page and form that is for a
// registration authority, and comes back to it; their own profile needs no more.
func TestWhatIsDoneForAnAuthorityNeedsAAL3(t *testing.T) {
	w := open(t)
	w.assign(manager)
	bea := w.helped("Bea", "bea@example.nhs.uk")
	b := w.atLevel("2")
	var y worldtest.Tally
	for _, route := range w.site.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if slices.ContainsFunc(forNoAuthority, func(begins string) bool { return strings.HasPrefix(path, begins) }) {
			continue
		}
		filled := strings.NewReplacer("{uuid}", bea, "{code}", "Z90001", "{id}", "none", "{file}", "none",
			"{shot}", "face").Replace(path)
		p := b.do(method, filled, nil)
		y.Refused(t, route.Pattern, !strings.HasPrefix(p.location, "/log-in-stronger?back=%2F"))
	}
	y.Report(t, "pages and forms of a registration authority at AAL2")
	if p := b.get("/view-your-profile"); p.status != http.StatusOK {
		t.Errorf("their own profile: %d %q", p.status, p.location)
	}

	const people = "/people?at=Z90001"
	asked := b.get(b.get(people).location)
	asked.has(t, "Log in with a stronger authenticator", "Log in again", "Then you come back to where you were")
	back := func(level string) page {
		w.issuer.Person.AuthenticationLevel = level
		asked := b.post("/log-in-stronger", "back", people)
		for _, part := range []string{"acr_values=AAL3_ANY", "prompt=login"} {
			if !strings.Contains(asked.location, part) {
				t.Fatalf("sent to %q, want %s", asked.location, part)
			}
		}
		return b.get("/signin/callback?" + w.issuer.SignIn(w, asked.location).Encode())
	}
	if p := back("2"); p.location == people || p.status == http.StatusSeeOther {
		t.Errorf("came back at AAL2: %d %q", p.status, p.location)
	}
	if p := back("3"); p.location != people {
		t.Fatalf("came back at AAL3: %d %q %s", p.status, p.location, p.text)
	}
	b.get(people).has(t, "People of Oak Tree Pharmacy")
	for _, elsewhere := range []string{"https://evil.example/", "//evil.example"} {
		again := w.atLevel("2")
		asked := again.post("/log-in-stronger", "back", elsewhere)
		came := again.get("/signin/callback?" + w.issuer.SignIn(w, asked.location).Encode())
		if strings.Contains(came.location, "evil") {
			t.Errorf("led to %q", came.location)
		}
	}
}

// What was sent at AAL2 waits, and is sent at AAL3; later proofs are asked for at AAL3 too.
func TestWhatWasSentWaitsForAAL3(t *testing.T) {
	w := open(t)
	w.assign(manager)
	bea := w.helped("Bea", "bea@example.nhs.uk")
	at := "/people/person/" + bea + "/change/mobile"
	b := w.atLevel("2")
	to := b.post(at, "mobile", "07700 900 123").location
	if !strings.HasPrefix(to, "/log-in-stronger?") {
		t.Fatalf("sent at AAL2: %q", to)
	}
	b.get(to).has(t, "What you typed is kept")
	leads, _ := url.Parse(to)
	asked := b.post("/log-in-stronger", "back", leads.Query().Get("back"))
	came := b.get("/signin/callback?" + w.issuer.SignIn(w, asked.location).Encode())
	if came.location != "/held" {
		t.Fatalf("came back to %q", came.location)
	}
	b.get("/held").has(t, "07700 900 123")
	b.post(at, "mobile", "07700 900 123", "held", "yes")
	b.get("/people/person/"+bea).has(t, "Mobile number updated.")
	w.Clock.Advance(6 * time.Minute)
	if p := b.post(at, "mobile", "07700 900 124"); !strings.Contains(p.location, "acr_values=AAL3_ANY") {
		t.Errorf("a proof of before is asked for at %q", p.location)
	}
	p := b.post("/view-your-profile/email", "email", newEmail)
	if !strings.Contains(p.location, "acr_values=AAL2_OR_AAL3_ANY") {
		t.Errorf("one's own address asks at %q", p.location)
	}
}

// Whoever has no authenticator for AAL3 is not locked out, unless the rules say so; then the page says what to do.
func TestNobodyIsLockedOutForWantOfAnAuthenticator(t *testing.T) {
	w := open(t)
	w.assign(manager)
	w.Update(func(ctx context.Context, u *db.W) error {
		list, err := authenticator.OfIdentity(ctx, u, w.ada)
		if err != nil {
			return err
		}
		return authenticator.SuspendPart(ctx, u, list[0].ID, "lost")
	})
	b := w.atLevel("2")
	b.get("/people").has(t, "People of Fenmarch University Hospitals")
	rules := permission.Usual()
	rules.AlwaysAAL3 = true
	w.Must(officer.Settle(t.Context(), w.DB, worldtest.By, rules))
	p := b.get(b.get("/people").location)
	p.has(t, "You have none.", "signpost admin first-link")
	if strings.Contains(p.markup, "Log in again") {
		t.Error("the page leads to a login that cannot succeed")
	}
}
