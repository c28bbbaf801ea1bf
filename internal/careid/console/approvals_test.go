package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/national/authn"
)

const approvalsPage = "/people/organisations/Z90001/authenticators"

// A manager decides which authenticators an organisation approves after a page said whom that touches, and can take an
// earlier decision again.
func TestAManagerDecidesWhatIsApproved(t *testing.T) {
	w := open(t)
	w.assign(agent)
	b := w.signedIn()
	b.get("/people?at=Z90001").has(t, "Approved authenticators of this organisation")
	b.get(approvalsPage).lacks(t, "Change what is approved")
	b.get(approvalsPage).has(t, "A registration authority manager can change this.",
		"Every kind and model: nobody has decided yet",
		"Nothing that the FIDO Alliance publishes about models was imported here")
	apps := url.Values{"kinds": {string(authn.AuthenticatorApp)}, "rule": {"any"}, "before": {"0"}}
	if p := b.get(approvalsPage + "/change?" + apps.Encode()); p.status != http.StatusForbidden {
		t.Errorf("an agent looks at what would change: %d", p.status)
	}
	w.assign(manager)
	b = w.signedIn()
	lou := w.helped("Lou", "lou@example.nhs.uk") // with a security key, at the pharmacy
	b.get(approvalsPage).has(t, "Change what is approved", "Security Key", "Only the models listed below")
	unruled := b.get(approvalsPage + "/change?kinds=security_key&before=0")
	if unruled.has(t, "Select which models are approved"); unruled.status != http.StatusUnprocessableEntity {
		t.Errorf("no rule: %d", unruled.status)
	}
	none := b.get(approvalsPage + "/change?rule=any&before=0")
	if none.has(t, "Select at least one kind"); none.status != http.StatusUnprocessableEntity {
		t.Errorf("no kind: %d", none.status)
	}
	b.get(approvalsPage+"/change?"+apps.Encode()).has(t, "2 people could not use an authenticator any more", lou,
		"None: locked out", "2 people would be left without an approved authenticator")
	typed := []string{"kinds", string(authn.AuthenticatorApp), "rule", "any", "before", "0", "why", "no more keys"}
	refused := b.post(approvalsPage+"/change", typed...)
	refused.has(t, "Tick the box if these people may be left without an approved authenticator", lou)
	if refused.status != http.StatusUnprocessableEntity || !strings.Contains(refused.markup, `value="no more keys"`) {
		t.Errorf("what was typed is lost: %d", refused.status)
	}
	saved := b.post(approvalsPage+"/change", append(typed, "stranded", "yes")...)
	if saved.location != approvalsPage {
		t.Fatalf("%d %q %s", saved.status, saved.location, saved.text)
	}
	b.get(approvalsPage).has(t, "Saved.", "Authenticator app", "no more keys", "24 November 2026")
	late := b.post(approvalsPage+"/change", append(typed, "stranded", "yes")...)
	late.has(t, "Somebody else has changed which authenticators are approved here")
	wide := []string{"kinds", string(authn.AuthenticatorApp), "kinds", string(authn.SecurityKey), "rule", "any",
		"before", "1", "why", "keys again"}
	if p := b.post(approvalsPage+"/change", wide...); p.location != approvalsPage {
		t.Fatalf("%d %s", p.status, p.text)
	}
	b.get(approvalsPage).has(t, "Earlier decisions", "Fill in decision 1 again", "keys again")
	again := b.get(approvalsPage + "?as=1")
	again.has(t, "Decision 1 is filled in.")
	if strings.Count(again.markup, " checked") != 2 { // the app, and every model
		t.Errorf("filled in are %d", strings.Count(again.markup, " checked"))
	}
}
