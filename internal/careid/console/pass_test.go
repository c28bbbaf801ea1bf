package console_test

import (
	"net/http"
	"regexp"
	"testing"

	"signpost/internal/careid/population"
	"signpost/internal/national/rbac"
)

var passShown = regexp.MustCompile(`class="signpost-code">([A-Z0-9]{4} [A-Z0-9]{4})<`)

// A pass is shown once to whoever makes it. For a colleague of the registration authority it takes another manager.
func TestAPassIsMadeByThePage(t *testing.T) {
	w := open(t)
	w.assign(manager)
	bea := w.another("Bea")
	b := w.signedIn()
	at := "/people/person/" + bea + "/access-pass"
	b.get("/people/person/"+bea+"/authenticators").has(t, "Temporary access pass: if none of theirs works")
	b.post(at, "hours", "1").has(t, "Enter how you know that it is them")
	if p := b.post(at, "hours", "1", "why_pass", "seen by video"); p.location != at {
		t.Fatalf("%d %s", p.status, p.text)
	}
	p := b.get(at)
	if passShown.FindString(p.markup) == "" {
		t.Errorf("no pass is shown: %s", p.text)
	}
	p.has(t, "It works once, until 24 November 2026 at 10am", "cis2.example.nhs.uk/access-pass",
		"Works, not used yet, until 24 November 2026 at 10am")
	if passShown.MatchString(b.get(at).markup) {
		t.Error("the pass is shown twice")
	}
	cy := w.Person(population.Person{GivenName: "Cy", FamilyName: "Agent", Organisation: "ZTR",
		Positions: []population.Position{{Organisation: "ZTR", Role: rbac.RegistrationAgent}}}).ID
	at = "/people/person/" + cy + "/access-pass"
	b.get(at).has(t, "Cy Agent works for a registration authority.")
	b.post(at, "hours", "1", "why_pass", "seen")
	waits := b.get(at)
	waits.has(t, "Asked for. Another registration authority manager or agent makes the pass",
		"Waits for a second person", "The pass that you asked for waits. Tell a colleague")
	if passShown.MatchString(waits.markup) {
		t.Error("one person makes a pass for a colleague")
	}
	id := w.passes(cy)[0].ID
	if p := b.post(at+"/confirm", "pass", id); p.status != http.StatusForbidden {
		t.Errorf("who asked makes it: %d %s", p.status, p.text)
	}
	w.issuer.Person.Subject = w.Person(population.Person{GivenName: "Eve", FamilyName: "Manager", Organisation: "ZTR",
		Positions: []population.Position{{Organisation: "ZTR", Role: rbac.RegistrationManager}}}).ID
	second := w.signedIn()
	second.get(at).has(t, "asked for it. How they know that it is Cy Agent: “seen”. Make it only if you know it too.",
		"It works for 1 hour from then on.")
	second.post(at+"/confirm", "pass", id)
	if p := second.get(at); !passShown.MatchString(p.markup) {
		t.Errorf("the second person sees no pass: %s", p.text)
	}
	second.post(at+"/confirm", "pass", id)
	second.get(at).has(t, "Nothing was changed. That pass was made")
}
