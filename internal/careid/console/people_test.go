package console_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/careid/identity"
)

// typedPerson is what a registration authority types of somebody.
func typedPerson(more ...string) []string {
	return append([]string{
		"given_name", "Bea", "family_name", "Okafor", "email", "bea@example.nhs.uk", "organisation", "Z90001",
		"photo", "passport", "ending", "4821", "address", "utility-bill", "other", "council-tax", "declaration", "yes",
	}, more...)
}

// A manager makes a Care Identity, gives the position and makes a link, all by pages.
func TestTheRegistrationAuthorityMakesAPerson(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	if p := b.get("/people"); p.status != http.StatusForbidden || strings.Contains(p.text, "People of") {
		t.Errorf("somebody without the job: %d", p.status)
	}
	w.assign(manager)
	b.get("/people").has(t, "People of Fenmarch University Hospitals (ZTR)", "Oak Tree Pharmacy (Z90001)")
	made := b.post("/people/new", typedPerson()...)
	if made.status != http.StatusSeeOther || !strings.HasPrefix(made.location, "/people/person/") {
		t.Fatalf("%d %q %s", made.status, made.location, made.text)
	}
	at := made.location
	b.get(at).has(t, "Care Identity created.", "Bea Okafor",
		"Level 3. Passport ending in 4821, Utility bill, Council tax bill, seen by Ada O'Example <b> on 24 November 2026, "+
			"face to face.", "Cannot be used at CIS2 yet: 2 things are missing", "No position is in force")
	b.get(at+"/positions").has(t, "Bea Okafor has no position.")
	b.post(at+"/position", "position", "directory", "organisation", "Z90001")
	b.get(at+"/positions").has(t, "Position given.", "Directory of Services System", "Oak Tree Pharmacy (Z90001)")
	b.get(at).has(t, "Authenticators", "1 thing is missing")
	b.post(at+"/authenticators/link", "kind", "any").has(t, "Select how you are with them now")
	b.post(at+"/authenticators/link", "kind", "any", "witness", "by-video")
	b.get(at+"/authenticators").has(t, "https://cis2.example.nhs.uk/bind/", "Hand it to Bea Okafor",
		"By Ada O'Example <b> Seen By video For Security Key, Authenticator app State Sent, not opened yet: 24 Nov")
	if p := b.get(at + "/authenticators"); strings.Contains(p.text, "/bind/") {
		t.Error("the link is shown twice")
	}
	b.get("/people?at=Z90001&name=oka").has(t, "Okafor, Bea", "1 person")
	b.post(at+"/status", "move", "suspend", "why", "lost key")
	b.get(at).has(t, "Suspended", "It is suspended. Make it active again, if the person may use it.")
	if got := w.Identity(at[strings.LastIndex(at, "/")+1:]).Status; got != identity.Suspended {
		t.Errorf("they are %s", got)
	}
}

// Somebody who may be the same person is shown before another Care Identity is made.
func TestPossibleMatchesAreShownFirst(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	b.post("/people/new", typedPerson()...)
	people := w.Count(`SELECT COUNT(*) FROM identity`)
	p := b.post("/people/new", typedPerson("given_name", "Beatrice")...)
	if p.status != http.StatusUnprocessableEntity || w.Count(`SELECT COUNT(*) FROM identity`) != people {
		t.Fatalf("%d %s", p.status, p.text)
	}
	p.has(t, "Is it one of these people?", "Bea Okafor", "None of the people listed is this person")
	if p := b.post("/people/new", typedPerson("another", "yes")...); p.status != http.StatusSeeOther {
		t.Errorf("somebody else after a look: %d %s", p.status, p.text)
	}
}

// Who may be the same person at another registration authority is shown without their address, and that they were shown
// is recorded with the names that were typed.
func TestMatchesOfOthersAreShownInPart(t *testing.T) {
	w := open(t)
	w.assign(manager)
	other := personAt("Bea", "Z90002")
	other.FamilyName = "Okafor"
	other.Email = "bea.elsewhere@example.nhs.uk"
	w.Person(other)
	b := w.signedIn()
	if p := b.post("/people/new", typedPerson("given_name", "")...); strings.Contains(p.text, "Is it one of these") {
		t.Error("people are shown without a record of it")
	}
	p := b.post("/people/new", typedPerson()...)
	p.has(t, "Is it one of these people?", "Bea Okafor", "St Anne's Surgery (Z90002)", "Not shown")
	if strings.Contains(p.text, "bea.elsewhere") {
		t.Error("their address is shown")
	}
	if n := len(w.Events("registration.looked-for")); n != 1 {
		t.Errorf("%d events say so", n)
	}
}

// People whom another registration authority looks after are not listed or shown.
func TestOthersPeopleAreNotShown(t *testing.T) {
	w := open(t)
	w.assign(manager)
	dot := w.Person(personAt("Dot", "Z90002")).ID
	b := w.signedIn()
	for at, status := range map[string]int{
		"/people?at=Z90002": http.StatusUnprocessableEntity, "/people?at=NOPE1&name=Dot": http.StatusUnprocessableEntity,
		"/people/person/" + dot: http.StatusForbidden,
	} {
		p := b.get(at)
		if p.status != status || strings.Contains(p.text, "Dot") {
			t.Errorf("%s: %d %s", at, p.status, p.text)
		}
		p.has(t, "Your registration authority does not serve")
	}
	b.get("/people/person/"+w.ada).has(t, "This is your own Care Identity.")
}

// A manager adds an organisation by a page, and creates people there; an agent is told who can.
func TestAManagerAddsAnOrganisationByThePage(t *testing.T) {
	w := open(t)
	w.assign(agent)
	b := w.signedIn()
	b.get("/people").lacks(t, "Add an organisation")
	if p := b.get("/people/organisations/new"); p.status != http.StatusForbidden {
		t.Errorf("an agent sees the form: %d", p.status)
	}
	typed := []string{"code", "z90077", "name", "Walk-in Clinic", "parent", "ZTR"}
	if p := b.post("/people/organisations/new", typed...); p.status != http.StatusForbidden {
		t.Errorf("an agent adds one: %d", p.status)
	}
	w.assign(manager)
	b = w.signedIn()
	b.get("/people").has(t, "Add an organisation")
	if p := b.get("/people/organisations/new"); !strings.Contains(p.markup, `value="ZTR"`) {
		t.Error("the manager's own organisation is not offered as the one above")
	}
	wrong := b.post("/people/organisations/new", "code", "Z90001", "name", "Again", "parent", "ZTR")
	wrong.has(t, "An organisation with this ODS code is here already")
	if !strings.Contains(wrong.markup, `value="Again"`) {
		t.Error("what was typed is lost")
	}
	added := b.post("/people/organisations/new", typed...)
	if added.location != "/people?at=Z90077" {
		t.Fatalf("%d %q %s", added.status, added.location, added.text)
	}
	b.get(added.location).has(t, "Organisation added.", "People of Walk-in Clinic (Z90077)")
	person := typedPerson("organisation", "Z90077")
	if p := b.post("/people/new", person...); p.status != http.StatusSeeOther {
		t.Errorf("a person there: %d %s", p.status, p.text)
	}
}

// A manager mends the code of an organisation by a page. Who works there is found under the new code, and nothing under
// the old one; an agent is not offered it.
func TestAManagerMendsACodeByThePage(t *testing.T) {
	w := open(t)
	w.assign(agent)
	b := w.signedIn()
	b.get("/people?at=Z90001").lacks(t, "Change the ODS code")
	const page = "/people/organisations/Z90077/code"
	if p := b.get("/people/organisations/Z90001/code"); p.status != http.StatusForbidden {
		t.Errorf("an agent sees the form: %d", p.status)
	}
	w.assign(manager)
	b = w.signedIn()
	b.post("/people/organisations/new", "code", "Z90077", "name", "Walk-in Clinic", "parent", "ZTR")
	b.post("/people/new", typedPerson("organisation", "Z90077")...)
	b.get("/people?at=Z90077").has(t, "Change the ODS code of this organisation, if it is wrong")
	b.get(page).has(t, "Change an ODS code", "Walk-in Clinic (Z90077)")
	wrong := b.post(page, "code", "Z9007/8")
	wrong.has(t, "Enter an ODS code of 3 to 12 letters and digits")
	if wrong.status != http.StatusUnprocessableEntity || !strings.Contains(wrong.markup, `value="Z9007/8"`) {
		t.Errorf("what was typed is lost: %d", wrong.status)
	}
	b.post(page, "code", "Z90002").has(t, "another organisation’s here")
	mended := b.post(page, "code", "z90078")
	if mended.location != "/people?at=Z90078" {
		t.Fatalf("%d %q %s", mended.status, mended.location, mended.text)
	}
	b.get(mended.location).has(t, "ODS code changed from Z90077 to Z90078.", "People of Walk-in Clinic (Z90078)",
		"1 person")
	for _, at := range []string{"/people?at=Z90077", page, "/people/organisations/Z90002/code"} {
		if p := b.get(at); p.status < 400 {
			t.Errorf("%s: %d", at, p.status)
		}
	}
}
