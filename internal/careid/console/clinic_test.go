package console_test

import (
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/population"
	"signpost/internal/careid/registration/clinic"
	"signpost/internal/careid/request"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// clinicOf makes a clinic of Ada's for people, and gives its path.
func (w *world) clinicOf(uuids ...string) string {
	w.Helper()
	id := worldtest.Must(clinic.Make(w.Context(), w.DB, actor.Actor{Kind: actor.Person, ID: w.ada}, clinic.New{
		Name: "Friday", Room: "Room 2", Day: w.Clock.Now().Add(time.Hour), People: strings.Join(uuids, " ,"),
	}))(w)
	return "/clinics/" + id
}

// bare makes somebody without an authenticator.
func (w *world) bare(name string) string {
	w.Helper()
	return w.Person(population.Person{GivenName: name, FamilyName: "Example", Organisation: "Z90001",
		Email: strings.ToLower(name) + "@example.nhs.uk", EmailVerified: true}).ID
}

// A clinic goes from the ticks in the queue to its end: each page has one main thing to do, which has the focus, and
// only what is left is on it.
func TestAClinicOnPages(t *testing.T) {
	w := open(t)
	w.assign(manager)
	sponsor := actor.Actor{Kind: actor.Person, ID: w.another("Sue")}
	armed := w.Person(population.Person{GivenName: "Armed", FamilyName: "Example", Organisation: "Z90001",
		Email: "armed@example.nhs.uk", EmailVerified: true,
		Authenticators: []population.Authenticator{{Kind: authn.SecurityKey, Name: "Key"}}}).ID
	bare := w.bare("Bare")
	w.Must(w.DB.Update(w.Context(), sponsor, func(u *db.W) error {
		_, err := request.Open(w.Context(), u, request.New{Subject: request.Subject{UUID: armed},
			Organisation: "Z90001", What: request.Grant{Template: "directory"}, Reason: "works on the desk"})
		return err
	}))
	b := w.signedInAs(w.ada)
	b.get("/queue").has(t, "Make a clinic with those ticked", "Put Armed Example into a clinic")
	if p := b.get("/clinics/new?person=" + armed); !strings.Contains(p.markup, armed) {
		t.Error("who was ticked is not in the form")
	}
	b.post("/clinics/new", "name", "Friday", "day", "tomorrow", "people", armed).has(t,
		"Enter the day as day, month and year")
	made := b.post("/clinics/new", "name", "Friday", "room", "Room 2", "day", "30 11 2026", "people", armed+"\n"+bare)
	at := made.location
	b.get(at).has(t, "Friday", "Room 2", "Next: Armed Example", "Add an authenticator", "Expected")
	b.get("/clinics").has(t, "Friday", "30 November 2026", "Open")
	one, other := at+"/people/"+armed, at+"/people/"+bare
	main := func(at, want string) {
		t.Helper()
		markup := b.get(at).markup
		focused := between(markup, "autofocus", "</")
		if !strings.Contains(focused, want) || strings.Count(markup, "autofocus") != 1 {
			t.Errorf("%s: the focus is on %q, want %q", at, focused, want)
		}
	}
	step := func(at, button, leads string, typed ...string) {
		t.Helper()
		if p := b.post(at, append(typed, button, "yes")...); p.location != leads {
			t.Errorf("%s: to %q, want %q: %s", button, p.location, leads, p.text)
		}
	}
	main(one, "Check in")
	step(one, "here", one)
	main(one, "Give the position that was asked for")
	asked := between(b.get(one).markup, `name="request" value="`, `"`)
	step(one, "give", one, "request", asked)
	b.get(one).has(t, "Nothing is left to do for them")
	main(one, "Done, next person")
	step(one, "done", other)
	main(one, "Next person")
	step(other, "here", other)
	main(other, "Make a link to add an authenticator")
	step(other, "link", other)
	page := b.get(other)
	page.has(t, "https://cis2.example.nhs.uk/bind/")
	if !strings.Contains(page.markup, "The link as a picture for a camera") {
		t.Error("the link is not a picture")
	}
	if again := b.get(other); strings.Contains(again.text, "/bind/") {
		t.Error("the link is shown twice")
	}
	main(other, "They have added it: look again")
	b.get(other).has(t, "Make another link")
	step(other, "done", at)
	b.get(at).has(t, "Nobody is left who is here or expected")
	b.get(at+"/list").has(t, "Bare Example", bare, "Add an authenticator", "Destroy this list")
	row := "Bare Example," + bare + ",Add an authenticator,Done\r\n"
	if file := b.get(at + "/list.csv"); !strings.Contains(file.markup, row) {
		t.Errorf("%q", file.markup)
	}
	w.Clock.Advance(6 * time.Minute)
	for _, button := range []string{"link", "give"} {
		if p := b.post(other, button, "yes"); !strings.Contains(p.location, "prompt=login") {
			t.Errorf("%s with an old proof: to %q", button, p.location)
		}
	}
	b = w.signedInAs(w.ada)
	if n := len(w.Events("clinic.listed")); n != 2 {
		t.Errorf("%d events of lists that were taken out", n)
	}
	step(at+"/end", "sure", at)
	b.get(at).has(t, "This clinic has ended")
	b.get(one).lacks(t, "Next person")
	stranger := w.holding("Far", "Z90002", rbac.RegistrationManager)
	for _, path := range []string{at, one, at + "/list", at + "/list.csv"} {
		if p := stranger.get(path); p.status < 400 || strings.Contains(p.text, "Armed") {
			t.Errorf("a manager of elsewhere at %s: %d", path, p.status)
		}
	}
}

// Whom somebody else looks after is shown with their name, and with nothing to press but the next person.
func TestWhomSomebodyElseLooksAfter(t *testing.T) {
	w := open(t)
	w.assign(manager)
	bea, cy := w.bare("Bea"), w.bare("Cy")
	at := w.clinicOf(bea, cy)
	agent := w.holding("Ben", "ZTR", rbac.RegistrationAgent)
	ada := w.signedInAs(w.ada)
	ada.post(at+"/people/"+bea, "here", "yes")
	p := agent.get(at + "/people/" + bea)
	p.has(t, "looks after them until", "Next person")
	p.lacks(t, "Check in", "Done, next person")
	taken := agent.post(at+"/people/"+bea, "here", "yes")
	if !strings.Contains(taken.text+agent.get(taken.location).text, "Somebody else looks after this person") {
		t.Errorf("%d %q %s", taken.status, taken.location, taken.text)
	}
	agent.post(at+"/people/"+cy, "here", "yes")
	agent.get(at+"/people/"+cy).has(t, "Your job does not let you give them an authenticator")
}
