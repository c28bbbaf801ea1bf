package console_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/platform/web/webtest"
)

// found searches for somebody and gives the page that shows who was found.
func (b *browser) found(typed string) page {
	b.w.Helper()
	p := b.post("/people/find", "find", typed)
	if p.status != http.StatusSeeOther || !strings.HasPrefix(p.location, "/people/find?search=") {
		return p
	}
	return b.get(p.location)
}

// People are found by any of their names, their number, an address of today or before and their National Insurance
// number. Of those whom others look after only the name and their registration authority is shown.
func TestPeopleAreFoundByWhatIsKnownOfThem(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	bea := w.helped("Beá", "bea@example.nhs.uk")
	at := "/people/person/" + bea
	for path, typed := range map[string][]string{
		"ni-number": {"ni_number", "AB123456C"}, "email": {"email", "bea.new@example.nhs.uk"},
		"name": {"given_name", "Beá", "middle_names", "Siân", "family_name", "Example", "preferred_name", "Trixie"},
	} {
		if p := b.post(at+"/change/"+path, typed...); p.location != at {
			t.Fatalf("%s: %d %s", path, p.status, p.text)
		}
	}
	other := personAt("Dot", "Z90002")
	other.FamilyName = "Elsewhere"
	other.Email = "dot@example.nhs.uk"
	dot := w.Person(other).ID
	searches := 0
	for _, typed := range []string{
		"bea", "SIAN", "trix", "exam bea", bea, bea[:4] + " " + bea[4:8] + " " + bea[8:], "bea@example.nhs.uk", "BEA.NEW@example.nhs.uk",
		"bea.n", "ab 12 34 56 c",
	} {
		p := b.found(typed)
		searches++
		if !strings.Contains(p.markup, `href="`+at+`"`) {
			t.Errorf("%q does not find her: %d %s", typed, p.status, p.text)
		}
	}
	for _, typed := range []string{"elsew", dot, "dot@example.nhs.uk"} {
		p := b.found(typed)
		searches++
		p.has(t, "Dot Elsewhere", "Not shown")
		shown := strings.Contains(strings.ReplaceAll(p.text, typed, ""), dot) ||
			strings.Contains(p.markup, "/person/"+dot)
		if shown || typed != "dot@example.nhs.uk" && strings.Contains(p.text, "dot@") {
			t.Errorf("%q shows more of somebody elsewhere: %s", typed, p.text)
		}
	}
	for typed, want := range map[string]string{
		"": "Enter whom to find", "b": "at least 2 letters", "12345": "A Care Identity number has 12 digits",
		"AB123456D": "Nobody was found", "AB123456": "Nobody was found", "zzyzx": "Nobody was found", "!!": "Enter a name, an email address",
	} {
		b.found(typed).has(t, want)
	}
	searches += 4 // that found nobody, or too many
	if n := w.events("registration.searched"); n != searches {
		t.Errorf("%d events, want %d", n, searches)
	}
	n := w.Count(`SELECT COUNT(*) FROM event_detail WHERE after_json LIKE '%AB123456%' OR after_json LIKE '%ab 12%'`)
	if n > 0 {
		t.Errorf("a National Insurance number stands in %d events", n)
	}
	link := b.post("/people/find", "find", "ab 12 34 56 c").location
	if strings.Contains(link, "12") && strings.Contains(link, "56%20c") || strings.Contains(w.log.String(), "34 56") {
		t.Errorf("it stands in the address: %s", link)
	}
	forged := b.get("/people/find?search=abc")
	if forged.status != http.StatusOK || strings.Contains(forged.text, "Nobody was found") {
		t.Errorf("what nobody sealed: %d %s", forged.status, forged.text)
	}
}

// Whoever has no job at a registration authority any more finds nobody.
func TestOnlyRegistrationAuthoritiesFindPeople(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	if p := b.post("/people/find", "find", "bea"); p.status != http.StatusForbidden {
		t.Errorf("somebody without the job: %d", p.status)
	}
	w.assign(manager)
	b = w.signedIn()
	link := b.post("/people/find", "find", "ada").location
	w.issuer.Person.Subject = w.another("Ben")
	ben := w.browser()
	ben.arrive()
	if p := ben.get(link); p.status != http.StatusForbidden {
		t.Errorf("the link of somebody else: %d %s", p.status, webtest.Text(p.markup))
	}
}
