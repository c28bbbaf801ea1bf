package site_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/relying/relyingtest"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

// tally counts attacks, so that a table that tried none fails.
type tally struct{ worldtest.Tally }

func (y *tally) attack(t *testing.T, name string, accepted bool) {
	t.Helper()
	y.Refused(t, name, accepted)
}

func (y *tally) report(t *testing.T, what string) {
	t.Helper()
	y.Report(t, what)
}

func TestHonestLink(t *testing.T) {
	w := newWorld(t)
	b := w.link()
	if !w.linked(w.ada.ID) || b.signedIn() || w.sessions(w.ada.ID) != 0 {
		t.Fatalf("linked %v, sessions %d", w.linked(w.ada.ID), w.sessions(w.ada.ID))
	}
	if got := b.careIdentity(); got.location != "/account" || !b.signedIn() { // which was asked for above
		t.Errorf("sign in by Care Identity: %d to %q", got.status, got.location)
	}
	if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = 'account.linked' AND subject_id = $1`, w.ada.ID); n != 1 {
		t.Errorf("link events %d", n)
	}
}

// L34: once an account is linked, its password opens nothing, and the message is that of a wrong password.
func TestPasswordIsDeadAfterLinking(t *testing.T) {
	w := newWorld(t)
	var y tally
	if b := w.browser(); b.withPassword("ada", goodPass).status != http.StatusSeeOther || !b.signedIn() {
		t.Fatal("the password does not work before linking")
	}
	w.link()
	refused := w.browser().withPassword("nobody", goodPass)
	got := w.browser().withPassword("ada", goodPass)
	y.attack(t, "password of a linked account", got.status == http.StatusSeeOther)
	named := strings.Replace(got.body, `value="ada"`, `value="nobody"`, 1)
	if webtest.Unsealed(named) != webtest.Unsealed(refused.body) {
		t.Error("the page tells a linked account from one that is not there")
	}
	stranger := w.browser()
	w.issuer.Person.Subject = "500000000099"
	w.issuer.Person.SID = "other"
	if to := stranger.careIdentity(); to.location != "/sign-in/no-account" {
		t.Fatalf("stranger: %+v", to)
	}
	y.attack(t, "linked account claimed by another Care Identity",
		stranger.claim("ada", goodPass).status == http.StatusSeeOther)
	y.report(t, "L34 password fallback")
}

// L3, L5: anything that was in progress before the link no longer works after it.
func TestCleanSlateAtLink(t *testing.T) {
	w := newWorld(t)
	var y tally
	attacker := w.browser()
	attacker.withPassword("ada", goodPass)
	if !attacker.signedIn() {
		t.Fatal("the session did not work before the link")
	}
	if got := attacker.post("/account/email", "email",
		"attacker@example.nhs.uk"); got.location != "/account/email/code" {
		t.Fatalf("change of address: %d", got.status)
	}
	code := w.code("attacker@example.nhs.uk")
	me := actor.Actor{Kind: actor.Person, ID: w.ada.ID, Session: worldtest.Read(w.World.World,
		func(ctx context.Context, r db.R) (string, error) {
			return db.Value[string](ctx, r, `SELECT id FROM session WHERE subject = $1`, w.ada.ID)
		})}
	w.link()
	y.attack(t, "L3 session from before the link", attacker.signedIn())
	err := mailbox.Confirm(t.Context(), w.d, me, w.linker.Post, w.ada.ID, code)
	y.attack(t, "L5 change of address from before the link", err == nil)
	y.report(t, "L3, L5 what was left from before")
}

// L14, L15: nobody can link a shared account or an account with a team's mailbox.
func TestSharedAccountsAreNotLinked(t *testing.T) {
	w := newWorld(t)
	var y tally
	// Nothing else about the first says that several people use it.
	w.account(account.New{Username: "team", FirstName: "Ada", LastName: "Example", Email: "ada.too@example.nhs.uk",
		Kind: account.Shared, EmailProved: true}, path.Choose)
	w.account(account.New{Username: "desk", FirstName: "D", Email: "reception@example.nhs.uk", EmailProved: true},
		path.Choose)
	for _, name := range []string{"team", "desk"} {
		b := w.browser()
		if b.withPassword(name, goodPass).status != http.StatusSeeOther {
			t.Fatalf("%s cannot sign in", name)
		}
		got := b.careIdentity()
		y.attack(t, "L15 link by "+name+"'s session", got.location == "/link/confirm")
		stranger := w.browser()
		stranger.careIdentity()
		claimed := stranger.claim(name, goodPass)
		y.attack(t, "L14 claim of "+name, claimed.location == "/link/confirm")
	}
	if n := w.count(`SELECT COUNT(*) FROM account_link`); n != 0 {
		t.Errorf("%d links", n)
	}
	w.link()
	y.report(t, "L14, L15 shared accounts")
}

func TestAddressesThatDoNotSpeakForThePerson(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(p *relyingtest.Person)
		wait   time.Duration
		code   bool
	}{
		"the same, proved on both sides": {func(*relyingtest.Person) {}, 0, false},
		"unverified":                     {func(p *relyingtest.Person) { p.EmailVerified = false }, 0, true},
		"not said to be verified":        {func(p *relyingtest.Person) { p.EmailVerified = nil }, 0, true},
		"verified as text":               {func(p *relyingtest.Person) { p.EmailVerified = "true" }, 0, true},
		"verified as a number":           {func(p *relyingtest.Person) { p.EmailVerified = 1 }, 0, true},
		"different":                      {func(p *relyingtest.Person) { p.Email = "ada@oldtrust.example" }, 0, true},
		"another case of letters":        {func(p *relyingtest.Person) { p.Email = "ADA@Example.NHS.uk" }, 0, false},
		"a look-alike":                   {func(p *relyingtest.Person) { p.Email = "аda@example.nhs.uk" }, 0, true},
		"plus form":                      {func(p *relyingtest.Person) { p.Email = "ada+dos@example.nhs.uk" }, 0, true},
		"proved too long ago":            {func(*relyingtest.Person) {}, 21 * 24 * time.Hour, true},
		"none given":                     {func(p *relyingtest.Person) { p.Email = "" }, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.clock.Advance(tt.wait)
			tt.change(&w.issuer.Person)
			b := w.begun()
			direct := b.post("/link/confirm")
			if !tt.code {
				if !w.linked(w.ada.ID) {
					t.Fatalf("not linked: %d %s", direct.status, direct.body)
				}
				return
			}
			if w.linked(w.ada.ID) {
				t.Fatal("linked without a code")
			}
			want := "/linked"
			if name == "a look-alike" {
				want = "/link/held" // until a person has looked at it
			}
			got := b.post("/link/confirm", "code", w.code("ada@example.nhs.uk"))
			if got.location != want || w.linked(w.ada.ID) != (want == "/linked") {
				t.Errorf("with the code: %d to %q %s", got.status, got.location, got.body)
			}
		})
	}
}

// R8: the code goes to the address of 72 hours ago, not to one that was just entered.
func TestFreshAddressDoesNotProve(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.withPassword("ada", goodPass)
	b.post("/account/email", "email", "new@example.nhs.uk")
	if got := b.post("/account/email/code", "code", w.code("new@example.nhs.uk")); got.location != "/account" {
		t.Fatalf("change: %d %s", got.status, got.body)
	}
	w.issuer.Person.Email = "new@example.nhs.uk"
	b.careIdentity()
	b.post("/link/confirm")
	if w.linked(w.ada.ID) {
		t.Fatal("an address changed a moment ago counted as proof")
	}
	if got := b.post("/link/confirm", "code", w.code("ada@example.nhs.uk")); got.location != "/linked" {
		t.Errorf("with the code to the settled address: %d %s", got.status, got.body)
	}
}

// L19, L20, L22, R4: a ceremony works on one browser, for 15 minutes, once.
func TestCeremonyIsBoundAndUsedOnce(t *testing.T) {
	var y tally
	newWorld(t).link()
	steal := func(from, to *browser) {
		for name, value := range from.cookies {
			to.cookies[name] = value
		}
	}
	for name, spoil := range map[string]func(w *world, b *browser) *browser{
		"from a browser without its cookie": func(w *world, _ *browser) *browser { return w.browser() },
		"after 15 minutes": func(w *world, b *browser) *browser {
			w.clock.Advance(15 * time.Minute)
			return b
		},
		"after it was used": func(w *world, b *browser) *browser {
			again := w.browser()
			steal(b, again)
			b.post("/link/confirm")
			w.update(func(ctx context.Context, u *db.W) error { return account.RemoveLink(ctx, u, w.ada.ID, "test") })
			return again
		},
		"after the account was deactivated": func(w *world, b *browser) *browser {
			w.update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, w.ada.ID, "left") })
			return b
		},
	} {
		w := newWorld(t)
		b := spoil(w, w.begun())
		b.post("/link/confirm")
		y.attack(t, name, w.linked(w.ada.ID))
	}
	y.report(t, "L19, L20, L22 the ceremony")
}

// Codes that do not belong to the ceremony are refused, and so are too many attempts.
func TestWrongLinkCodes(t *testing.T) {
	w := newWorld(t)
	w.issuer.Person.EmailVerified = false
	var y tally
	b := w.begun()
	right := w.code("ada@example.nhs.uk")
	for _, code := range []string{"", "WRNG2345", right[:7], right + "2", strings.Repeat("9", 8)} {
		b.post("/link/confirm", "code", code)
		y.attack(t, "code "+code, w.linked(w.ada.ID))
	}
	b.post("/link/confirm", "code", right)
	y.attack(t, "the right code after five wrong ones", w.linked(w.ada.ID))
	y.report(t, "codes")
}

// L21: scanners that follow every link in a mail change nothing and use nothing up.
func TestScannersChangeNothing(t *testing.T) {
	w := newWorld(t)
	w.issuer.Person.EmailVerified = false
	b := w.begun()
	code := w.code("ada@example.nhs.uk")
	events := w.count(`SELECT COUNT(*) FROM event`)
	for _, method := range []string{http.MethodHead, http.MethodGet, http.MethodGet} {
		for _, at := range []string{"/link", "/link/confirm", "/account/email/code", "/linked", "/signed-out", "/",
			"/checklist"} {
			b.do(method, at, nil)
			w.browser().do(method, at+"?code="+url.QueryEscape(code), nil)
		}
	}
	if w.linked(w.ada.ID) || w.count(`SELECT COUNT(*) FROM event`) != events {
		t.Fatal("looking at pages changed something")
	}
	if got := b.post("/link/confirm", "code", code); got.location != "/linked" {
		t.Errorf("after the scanners the person is refused: %d %s", got.status, got.body)
	}
}

// O7, O5: a callback works only in the browser that started it, once, with its own state.
func TestForgedCallbacks(t *testing.T) {
	var y tally
	w := newWorld(t)
	w.link()
	if b := w.browser(); b.careIdentity().location != "/" || !b.signedIn() {
		t.Fatal("the honest callback does not sign in")
	}
	for name, attack := range map[string]func(b *browser) *browser{
		"without a sign-in started": func(b *browser) *browser {
			victim := w.browser()
			victim.get("/signin/callback?" + b.toIssuer().Encode())
			return victim
		},
		"in a browser with a sign-in of its own": func(b *browser) *browser {
			victim := w.browser()
			victim.toIssuer()
			victim.get("/signin/callback?" + b.toIssuer().Encode())
			return victim
		},
		"with another state": func(b *browser) *browser {
			back := b.toIssuer()
			back.Set("state", "x")
			b.get("/signin/callback?" + back.Encode())
			return b
		},
		"twice": func(b *browser) *browser {
			back := b.toIssuer()
			first := w.browser()
			for name, value := range b.cookies {
				first.cookies[name] = value
			}
			first.get("/signin/callback?" + back.Encode())
			b.get("/signin/callback?" + back.Encode())
			return b
		},
		"with a parameter repeated": func(b *browser) *browser {
			back := b.toIssuer()
			b.get("/signin/callback?" + back.Encode() + "&code=x")
			return b
		},
		"with the issuer of another": func(b *browser) *browser {
			back := b.toIssuer()
			back.Set("iss", "https://evil.example")
			b.get("/signin/callback?" + back.Encode())
			return b
		},
	} {
		y.attack(t, name, attack(w.browser()).signedIn())
	}
	y.report(t, "O5, O7 callbacks")
}
