package console_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/careid/hosting"
	"signpost/internal/careid/importing"
	"signpost/internal/platform/db"
	"signpost/internal/platform/records"
)

func (w *world) importOrganisations(text string) {
	w.Helper()
	r, err := importing.Read(strings.NewReader(text), func(int) {})
	w.Must(err)
	plan, err := db.Read(w.Context(), w.DB, func(read db.R) (records.Plan, error) {
		return records.Compare(w.Context(), read, r.Source().Table, r.Wanted)
	})
	w.Must(err)
	quiet := func(int, int) {}
	_, err = importing.Imports().Apply(w.Context(), w.DB, r.Source(), plan, quiet, quiet)
	w.Must(err)
}

// authorityOf names the organisation whose registration authority serves one; nothing if none does.
func (w *world) authorityOf(code string) (found string) {
	w.View(func(ctx context.Context, r db.R) error {
		list, err := hosting.RegistrationAuthorities(ctx, r, []string{code})
		found = list[code].Code
		return err
	})
	return found
}

// A manager takes on an organisation that none serves, sees who served it, and hands it over; nobody takes what another
// authority serves.
func TestOrganisationsAreTakenOnAndHandedOver(t *testing.T) {
	w := open(t)
	w.assign(agent)
	b := w.signedIn()
	if p := b.get("/people/organisations/take-on"); p.status != http.StatusForbidden {
		t.Errorf("an agent sees the form: %d", p.status)
	}
	if p := b.post("/people/organisations/take-on", "code", "Z90002", "reason", "RA08"); w.authorityOf("Z90002") != "" {
		t.Errorf("an agent takes an organisation on: %d", p.status)
	}
	w.assign(manager)
	b = w.signedIn()
	if p := b.get("/people/organisations/Z90002"); p.status != http.StatusForbidden {
		t.Errorf("an organisation of nobody is shown: %d", p.status)
	}
	for code, problem := range map[string]string{
		"Z90001": "serves this organisation already", "Z94444": "is known here", "?": "Enter an ODS code",
	} {
		p := b.post("/people/organisations/take-on", "code", code, "reason", "RA08")
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text, problem) {
			t.Errorf("%s: %d %s", code, p.status, p.text)
		}
	}
	taken := b.post("/people/organisations/take-on", "code", "z90002", "reason", "form RA08 of today")
	if taken.location != "/people/organisations/Z90002" || w.authorityOf("Z90002") != "ZTR" {
		t.Fatalf("taken on: %d to %q, %s", taken.status, taken.location, taken.text)
	}
	b.get(taken.location).has(t, "St Anne's Surgery (Z90002)", "Served through",
		"Ada O'Example <b>: form RA08 of today")
	b.get("/people").has(t, "St Anne's Surgery (Z90002)", "Take on an organisation")
	p := b.post(taken.location+"/host", "host", "Z90001", "reason", "moved")
	if p.location != "/people" || w.authorityOf("Z90002") != "ZTR" {
		t.Errorf("handed over to a pharmacy that the trust serves: %d to %q", p.status, p.location)
	}
	for host, problem := range map[string]string{
		"Z90002": "", "Z93333": "has no registration authority", "!": "ODS code",
	} {
		p := b.post(taken.location+"/host", "host", host, "reason", "moved")
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text, problem) {
			t.Errorf("handed over to %s: %d %s", host, p.status, p.text)
		}
	}
	b.post(taken.location+"/host", "host", "", "reason", "left the NHS")
	if got := w.authorityOf("Z90002"); got != "" {
		t.Errorf("after the end %s serves it", got)
	}
	if p := b.post("/people/organisations/ZTR/host", "host", "", "reason", "x"); p.status == http.StatusSeeOther &&
		p.location == "/people" {
		t.Error("the authority's own organisation was given away")
	}
}

// An organisation that another authority serves cannot be taken from it.
func TestNobodyTakesWhatAnotherAuthorityServes(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	w.Update(func(ctx context.Context, u *db.W) error {
		return hosting.SetReach(ctx, u, hosting.Reach{Code: "Z90002", Email: "ra@anne.example"})
	})
	p := b.post("/people/organisations/take-on", "code", "Z90002", "reason", "RA08")
	if w.authorityOf("Z90002") != "Z90002" || !strings.Contains(p.text, "Ask it to hand the organisation") {
		t.Errorf("%d %s", p.status, p.text)
	}
}

// The page says what the Organisation Data Service says, and of one that has closed who is still there.
func TestAnOrganisationThatHasClosed(t *testing.T) {
	w := open(t)
	w.assign(manager)
	w.importOrganisations("code,name,postcode,status,roles,close_date,target_org_code,address_1\n" +
		"Z90001,Oak Tree Pharmacy,FM2 1CD,INACTIVE,RO182,20261101,ZTR,1 Mill Lane\n")
	b := w.signedIn()
	b.get("/people/organisations/Z90001").has(t, "This organisation closed on 1 November 2026",
		"1 person’s Care Identity is still there", "Pharmacy", "1 Mill Lane, FM2 1CD", "Commissioned by",
		"Fenmarch University Hospitals (ZTR)")
	b.get("/people?at=Z90001").has(t, "About this organisation")
}

// Managers say how their authority is reached; the finder and whoever asks whom to turn to say it from then on.
func TestHowAnAuthorityIsReached(t *testing.T) {
	w := open(t)
	w.assign(agent)
	const at = "/people/organisations/reach"
	if p := w.signedIn().get(at); p.status != http.StatusForbidden {
		t.Errorf("an agent is asked how the authority is reached: %d", p.status)
	}
	w.assign(manager)
	b := w.signedIn()
	wrong := b.post(at, "email", "nowhere", "web", "http://x", "monday", "9 to 5", "tuesday", "17:00-09:00",
		"wednesday", "09:00-12:00,11:00-13:00")
	wrong.has(t, "in the correct format", "begins with https://", "Enter times like 09:00-17:00")
	if n := strings.Count(wrong.markup, "Enter times like 09:00-17:00, or 09:00-12:30"); n != 6 {
		t.Errorf("%d messages about times, want one at each of 3 days and in the summary", n)
	}
	saved := b.post(at, "email", "ra@trust.example", "phone", "01632 960 001", "place", "Room 12",
		"monday", "09:00 - 17:00", "tuesday", "09:00-17:00",
		"saturday", "10:00-12:00, 13:00-14:00", "holidays", "Closed")
	if saved.location != "/people/organisations/ZTR" {
		t.Fatalf("saved: %d to %q %s", saved.status, saved.location, saved.text)
	}
	b.get(saved.location).has(t, "ra@trust.example", "Monday to Tuesday", "09:00 to 17:00",
		"10:00 to 12:00, 13:00 to 14:00",
		"Wednesday to Friday", "Bank holidays")
	if p := b.get(at); !strings.Contains(p.markup, `value="01632 960 001"`) {
		t.Error("what was said is not in the form")
	}
	w.browser().get("/find-your-ra?"+url.Values{"q": {"Z90001"}}.Encode()).has(t, "ra@trust.example")
}
