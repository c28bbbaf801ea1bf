package services_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/search"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
)

// neighbours adds services of each group, from near to far.
func (w *world) neighbours() {
	w.Helper()
	w.update(func(u *db.W) error {
		for i, s := range []directory.Service{
			{Name: "Night Clinic", Hours: directory.Week{directory.Tuesday: {{From: 1200, To: 1440}}}},
			{Name: "Thursday Clinic", Hours: directory.Week{directory.Thursday: {{From: 540, To: 600}}}},
			{Name: "Silent Clinic"},
			{Name: "Always Clinic", AllHours: true},
		} {
			s.Type = 17
			s.Place = &postcode.Point{Latitude: 53.48, Longitude: -2.24 + 0.02*float64(i+1)}
			w.add(u, s)
		}
		return nil
	})
}

// texts gives the text of every element of a class.
func (s seen) texts(class string) (list []string) {
	for _, n := range s.all("class", class) {
		list = append(list, textOf(n))
	}
	return list
}

// Whoever has a caller on the phone sees first what is open, the nearest first.
func TestResultsStandInGroups(t *testing.T) {
	w := newWorld(t)
	w.neighbours()
	page := w.get(w.reader, "/services?postcode=M1")
	want := []string{"Open now (2)", "Opens next, within 24 hours (1)", "Closed (2)",
		"Hours not known, telephone first (1)"}
	if got := page.texts("signpost-find__group"); !slices.Equal(got, want) {
		t.Errorf("groups %q, want %q", got, want)
	}
	at := 0
	for _, name := range []string{"Oak Tree Pharmacy", "Always Clinic", "Night Clinic", "Thursday Clinic", "Mill Dental",
		"Silent Clinic"} {
		next := strings.Index(page.text, name)
		if next < at {
			t.Errorf("%s comes too early", name)
		}
		at = next
	}
	page.wants(t, http.StatusOK, "2 open now 1 open next 2 closed 1 hours not known", "Until 1pm", "Opens 8pm",
		"Opens 9am on Thursday", "Telephone to ask when it is open")
	if page.title() != "6 services within 10 miles of M1 - Directory of Services" {
		t.Errorf("the title is %q", page.title())
	}
	w.get(w.reader, "/services?postcode=M1&type=12").wants(t, http.StatusOK, "None open now 1 closed")
	w.get(w.reader, "/services?postcode=M1&open=now").wants(t, http.StatusOK, "2 open now 1 hours not known")
}

// The line of the counts leads to the page on which a group begins.
func TestCountsLeadToTheirGroups(t *testing.T) {
	w := newWorld(t)
	w.many(1) // its hours are not known
	w.update(func(u *db.W) error {
		for i := range search.PageSize {
			w.add(u, directory.Service{Name: fmt.Sprintf("Always %02d", i), Type: 17, AllHours: true,
				Place: &postcode.Point{Latitude: 53.48, Longitude: -2.24}})
		}
		return nil
	})
	page := w.get(w.reader, "/services?postcode=M1")
	for _, id := range []string{"open-now", "closed", "hours-not-known"} {
		links := page.all("href", "#"+id)
		if len(links) != 1 {
			t.Fatalf("%d links to %s", len(links), id)
		}
		path, _, _ := strings.Cut(attribute(links[0], "href"), "#")
		if len(w.get(w.reader, path).all("id", id)) == 0 {
			t.Errorf("%s does not begin on %s", id, path)
		}
	}
}

func TestTelephoneNumbersAreLinks(t *testing.T) {
	w := newWorld(t)
	page := w.get(w.reader, "/services?postcode=M1")
	for href, text := range map[string]string{"tel:01632960001": "01632 960001",
		"tel:01632960002": "Professionals 01632 960002"} {
		if links := page.all("href", href); len(links) != 1 || textOf(links[0]) != text {
			t.Errorf("%s: %d links", href, len(links))
		}
	}
}

// What is copied for the note of a call says what the caller was told and when, and neither a number for professionals
// nor who of the staff reported what.
func TestCallNote(t *testing.T) {
	w := newWorld(t)
	w.post(w.editor, "/services/"+w.pharmacy+"/capacity", map[string][]string{"status": {"AMBER"}, "lasts": {"4"}})
	page := w.get(w.reader, "/services?postcode=M1")
	page.wants(t, http.StatusOK, "Capacity: Amber: limited Reported by Sam editor less than a minute ago")
	var notes []string
	for _, n := range page.all("class", "signpost-copy") {
		notes = append(notes, attribute(n, "data-copy"))
	}
	want := []string{
		"Oak Tree Pharmacy, 1 High Street, M1 1AE, 01632 960001, open until 1pm, capacity amber: limited (reported " +
			"less than a minute ago), said at 12:00 on 24 November 2026",
		"Mill Dental, 2 Mill Road, M2 2BB, closed, opens 9am on Monday, said at 12:00 on 24 November 2026",
	}
	if !slices.Equal(notes, want) {
		t.Errorf("notes %q, want %q", notes, want)
	}
	w.get(w.reader, "/services/"+w.pharmacy).wants(t, http.StatusOK,
		strings.TrimPrefix(want[0], "Oak Tree Pharmacy"))
}

// After the first search of a shift the form is one line, also on the page that people come to first.
func TestFormFoldsAfterTheFirstSearch(t *testing.T) {
	w := newWorld(t)
	whole := w.get(w.reader, "/services")
	if len(whole.all("class", "signpost-find__more")) != 0 {
		t.Error("the form is folded before anything was searched for")
	}
	w.get(w.reader, "/services?postcode=nonsense")
	if w.searched {
		t.Error("a search that was refused counts as one")
	}
	found := w.get(w.reader, "/services?postcode=M1+1AE&miles=5&type=13&name=oak&open=now")
	found.wants(t, http.StatusOK, "Change: up to 5 miles, Pharmacy, called ‘oak’, open now")
	for name, want := range map[string]string{"postcode": "M1 1AE", "miles": "5", "type": "13", "name": "oak"} {
		if got := found.value(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	again := w.get(w.reader, "/services")
	if len(again.all("class", "signpost-find__more")) != 1 || again.value("postcode") != "" {
		t.Error("the form is not folded for the next caller, or has the postcode of the last one")
	}
	refused := w.get(w.reader, "/services?postcode=nonsense")
	if len(refused.all("class", "signpost-find__more")) != 0 {
		t.Error("what is wrong with the form is behind a fold")
	}
}

func TestSearchByNameAlone(t *testing.T) {
	w := newWorld(t)
	w.update(func(u *db.W) error {
		for i := range 25 {
			w.add(u, directory.Service{Name: fmt.Sprintf("Zebra Clinic %02d", i), Type: 17})
		}
		return nil
	})
	page := w.get(w.reader, "/services?postcode=&miles=10&type=0&name=zeb")
	page.wants(t, http.StatusOK, "25 services in England called ‘zeb’", "Zebra Clinic 00", "Zebra Clinic 19", "2 of 2")
	page.lacks(t, "Zebra Clinic 20", " miles Pharmacy", "straight line")
	w.get(w.reader, "/services?name=zebra&page=2").wants(t, http.StatusOK, "Zebra Clinic 24")
	w.get(w.reader, "/services?name=mill").wants(t, http.StatusOK, "1 service in England", "Mill Dental")
	w.get(w.reader, "/services?name=okapi").wants(t, http.StatusOK, "No services in England called ‘okapi’",
		"Check the spelling")
	for typed, field := range map[string]string{"": "postcode", "z": "name", "a+b+c": "name", "%21%21": "name"} {
		page := w.get(w.reader, "/services?postcode=&name="+typed)
		page.wants(t, http.StatusUnprocessableEntity, "There is a problem", "Enter a postcode, or ")
		if len(page.all("href", "#"+field)) != 1 {
			t.Errorf("%q: the summary does not lead to the %s", typed, field)
		}
	}
}
