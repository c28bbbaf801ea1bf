package site_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// importsAnOrganisation has one organisation known here, FXX01.
func (w *world) importsAnOrganisation() {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO ods_organisation (code, name, status, setting, address, postcode, phone)
			VALUES ('FXX01', 'Oak Tree Pharmacy', '', '', '', '', '')`)
		return errors.Join(err, u.Record(ctx, audit.Event{Kind: "test", Subject: audit.Ref{Kind: "test", ID: "test"}}))
	})
}

// An ODS code that nobody knows is asked about once, on each form on which people type their own. What they typed
// stays, the code that they keep is sent as it is, and another unknown one is asked about anew. A malformed one is
// refused whatever box is ticked, and where no organisation was imported nobody is asked.
func TestUnknownCodesAreAskedAboutOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		at, to string
		typed  func(code string, other ...string) []string
		open   func(w *world) *browser
		sent   string // where the code stands that was sent
	}{
		"a request": {"/request-account", "/request-account/code", func(code string, other ...string) []string {
			return append(asked("organisation", code), other...)
		}, func(w *world) *browser { return w.browser() }, `request WHERE organisation = 'FA999'`},
		"who are you": {"/who-are-you", "/", func(code string, other ...string) []string {
			typed := whoSays("Annabella")
			typed[7] = code
			return append(typed, other...)
		}, func(w *world) *browser {
			w.reception()
			b := w.browser()
			b.withPassword("reception", goodPass)
			return b
		}, `shared_claim WHERE organisation = 'FA999'`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if got := tt.open(w).post(tt.at, tt.typed("FA123")...); got.location != tt.to {
				t.Errorf("where nobody imported anything: %d to %q", got.status, got.location)
			}
			w = newWorld(t)
			w.importsAnOrganisation()
			b := tt.open(w)
			b.post(tt.at, tt.typed(" fa999 ")...)
			page := b.get(tt.at + "?again=1")
			page.mustHave(t, "We do not know an organisation with the ODS code FA999",
				"FA999 is right, send it as it is", `name="unknown_code"`, `value="FA999"`)
			if !strings.Contains(page.body, `value="Nia"`) && !strings.Contains(page.body, `value="Annabella"`) {
				t.Error("what was typed is lost")
			}
			if n := w.Count(`SELECT COUNT(*) FROM ` + tt.sent); n != 0 {
				t.Error("it was sent before they were asked")
			}
			for _, refused := range []struct{ code, box, text string }{
				{"FA998", "FA999", "We do not know an organisation with the ODS code FA998"},
				{"FA/99", "FA/99", "Enter an ODS code of 3 to 12 letters and digits, such as RXK"},
			} {
				got := b.post(tt.at, tt.typed(refused.code, "unknown_code", refused.box)...)
				if got.location == tt.to {
					t.Errorf("%s is sent", refused.code)
				}
				b.get(tt.at+"?again=1").mustHave(t, refused.text)
			}
			if got := b.post(tt.at, tt.typed("fa999", "unknown_code", "FA999")...); got.location != tt.to {
				t.Errorf("checked, and sent as it is: %d to %q %s", got.status, got.location, got.body)
			}
			if n := w.Count(`SELECT COUNT(*) FROM ` + tt.sent); n != 1 {
				t.Errorf("it was sent %d times", n)
			}
			if got := tt.open(newKnown(t)).post(tt.at, tt.typed("fxx01")...); got.location != tt.to {
				t.Errorf("a known one: %d to %q", got.status, got.location)
			}
		})
	}
}

// newKnown is a world in which one organisation is known.
func newKnown(t *testing.T) *world {
	w := newWorld(t)
	w.importsAnOrganisation()
	return w
}

// Somebody who said that their code is right, and mistyped something else, is not asked about it again.
func TestACodeThatIsRightStaysSo(t *testing.T) {
	w := newKnown(t)
	b := w.browser()
	typed := append(asked("organisation", "FA999", "email", "not an address"), "unknown_code", "FA999")
	if got := b.post("/request-account", typed...); got.location == "/request-account/code" {
		t.Error("it is sent with an address that is none")
	}
	page := b.get("/request-account?again=1")
	page.mustHave(t, `value="not an address"`, "FA999 is right, send it as it is")
	if strings.Contains(page.body, "We do not know") || !strings.Contains(page.body, "checked") {
		t.Error("they are asked again")
	}
}

// Whoever goes on to a request from a shared account was asked about their code when they said who they are, and is not
// asked again. The page shows that they said so, and nothing of it where somebody knows the code by now.
func TestARequestAfterAClaimAsksAboutNoCode(t *testing.T) {
	for name, known := range map[string]bool{"nobody knows it": false, "it was imported since": true} {
		t.Run(name, func(t *testing.T) {
			w := newKnown(t)
			w.loggedIn("all", account.Everywhere.Of(account.ManageUsers))
			own := w.ownOf(w.reception(), 1)
			if known {
				w.organisation("A81001", "Riverside Surgery")
			}
			b := w.browser()
			b.post(own)
			page := b.get("/request-account")
			page.mustHave(t, `value="A81001"`)
			ticked := regexp.MustCompile(`name="unknown_code"[^>]* value="A81001"[^>]* checked`).MatchString(page.body)
			if ticked == known {
				t.Errorf("the box is ticked: %t", ticked)
			}
			if strings.Contains(page.body, "We do not know") {
				t.Error("they are asked again")
			}
			typed := asked("organisation", "A81001")
			if ticked {
				typed = append(typed, "unknown_code", "A81001")
			}
			if got := b.post("/request-account", typed...); got.location != "/request-account/code" {
				t.Errorf("sent as it was filled in: %d to %q", got.status, got.location)
			}
		})
	}
}

// A request came with a code that nobody knows: whoever approves the services of it is asked once, and can put the
// right code in, which is asked about as well.
func TestACodeThatNobodyKnowsIsAskedAboutBeforeItsServicesAreGiven(t *testing.T) {
	w := newKnown(t)
	w.account(account.New{Username: "rex", FirstName: "Rex", Email: "rex@example.nhs.uk",
		Grants: account.Everywhere.Of(account.All()...)}, path.Choose)
	rex := w.browser()
	rex.withPassword("rex", goodPass)
	id := w.requestToDecide(rex, 1)
	w.sql(`UPDATE request SET organisation = 'FA999' WHERE id = '` + id + `'`)
	at := "/requests/" + id
	approve := func(typed ...string) page {
		typed = append(typed, "group", string(account.ProviderUser), "where", string(account.KindOwnOrganisation))
		return rex.post(at+"/approve", rex.seeing(at, typed...)...)
	}
	box := `value="FA999"`
	mustLack(t, rex.get(at), box)
	asked := approve()
	asked.mustHave(t, "We do not know an organisation with the ODS code FA999", box, "Change the ODS code")
	if asked.status != http.StatusUnprocessableEntity || w.requestState(id) == "approved" {
		t.Errorf("it is approved without a question: %d", asked.status)
	}
	place := func(code string, more ...string) page {
		return rex.post(at+"/organisation", append([]string{"organisation", code}, more...)...)
	}
	for code, text := range map[string]string{"": "Enter the ODS code", "FA/99": "Enter an ODS code of 3 to 12",
		"FA998": "We do not know an organisation with the ODS code FA998"} {
		got := place(code)
		got.mustHave(t, text)
		if got.status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", code, got.status)
		}
	}
	if got := place("fxx01"); got.status != http.StatusSeeOther {
		t.Errorf("the right code: %d %s", got.status, webtest.Text(got.body))
	}
	rex.post(at + "/look")
	rex.get(at).mustHave(t, "The services of", "FXX01")
	if got := approve(); got.status != http.StatusSeeOther {
		t.Errorf("with the right code: %d %s", got.status, webtest.Text(got.body))
	}
	other := w.requestToDecide(rex, 2)
	w.sql(`UPDATE request SET organisation = 'FA999' WHERE id = '` + other + `'`)
	at = "/requests/" + other
	if got := approve("unknown_code", "FA999"); got.status != http.StatusSeeOther {
		t.Errorf("said to be right: %d %s", got.status, webtest.Text(got.body))
	}
}

// requestState is the state of a request.
func (w *world) requestState(id string) (state string) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		state, err = db.Value[string](ctx, r, `SELECT state FROM request WHERE id = $1`, id)
		return err
	})
	return state
}
