package services_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/db"
)

func TestSearchFormAsksForAPostcodeFirst(t *testing.T) {
	w := newWorld(t)
	page := w.get(w.reader, "/services")
	page.wants(t, http.StatusOK, "Find a service", "Patient's postcode", "Any type", "Pharmacy", "Open now")
	page.lacks(t, "nearest first", "There is a problem")
}

func TestSearchListsTheNearestFirst(t *testing.T) {
	w := newWorld(t)
	page := w.get(w.reader, "/services?postcode=m11ae&miles=10")
	page.wants(t, http.StatusOK, "2 services within 10 miles of M1", "0.1 miles", "About 2.8 miles",
		"Until 1pm", "Opens 9am on Monday", "Not reported")
	if strings.Index(page.text, "Oak Tree") > strings.Index(page.text, "Mill Dental") {
		t.Error("the dentist further off comes first")
	}
	if len(page.all("href", "/services/"+w.pharmacy)) != 1 {
		t.Error("no link to the pharmacy")
	}
	service := w.get(w.reader, attribute(page.all("href", "/services/"+w.pharmacy)[0], "href"))
	service.wants(t, http.StatusOK, "Oak Tree Pharmacy")
	if len(service.all("href", "/services?miles=10&postcode=m11ae")) != 1 {
		t.Error("the service's page does not lead back to what was found")
	}
	w.get(w.reader, "/services/"+w.pharmacy+"?next=//example.org").lacks(t, "example.org")
}

func TestSearchLeavesOutWhatDoesNotFit(t *testing.T) {
	w := newWorld(t)
	for query, want := range map[string]string{
		"miles=10":            "2 services",
		"miles=2":             "1 service within 2 miles",
		"miles=10&type=12":    "1 service within",
		"miles=10&open=now":   "1 service within",
		"miles=10&name=OAK+t": "1 service within",
		"miles=10&name=ree":   "No services",
		"miles=10&name=mill":  "1 service within",
		"miles=10&name=%25":   "2 services",
		"miles=10&type=100":   "No services",
		"miles=9999&type=abc": "2 services within 10 miles",
		"page=99999999999999": "2 services",
	} {
		page := w.get(w.reader, "/services?postcode=M1&"+query)
		page.wants(t, http.StatusOK, want)
		if strings.HasPrefix(want, "No") {
			page.wants(t, http.StatusOK, "No service matches everything you asked for")
		}
	}
}

func TestSearchSaysWhatIsWrongWithAPostcode(t *testing.T) {
	w := newWorld(t)
	w.get(w.reader, "/services?postcode=M1").wants(t, http.StatusOK, "2 services")
	for typed, text := range map[string]string{"nonsense": "Enter a UK postcode",
		"ZE1+0AA": "we do not know where ZE1 is", "M1%00": "Enter a UK postcode"} {
		page := w.get(w.reader, "/services?postcode="+typed+"&name=oak&open=now&type=13")
		page.wants(t, http.StatusUnprocessableEntity, "There is a problem", text)
		if len(page.all("href", "#postcode")) != 1 {
			t.Errorf("%q: the summary does not lead to the field", typed)
		}
		if page.value("name") != "oak" {
			t.Errorf("%q: the name that was typed is lost", typed)
		}
	}
}

func TestSearchTakesAnythingTypedForAName(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"%00", "%FF%FE", "!_%25", "%27%3B+DROP+TABLE+service",
		strings.Repeat("a+", 5000), "%3Cscript%3Ealert(1)%3C/script%3E"} {
		page := w.get(w.reader, "/services?postcode=M1&name="+name)
		if page.status != http.StatusOK {
			t.Errorf("name %.20q: status %d", name, page.status)
		}
	}
}

func TestSearchGoesOverSeveralPages(t *testing.T) {
	w := newWorld(t)
	w.many(30)
	first := w.get(w.reader, "/services?postcode=M1&name=ward")
	first.wants(t, http.StatusOK, "30 services", "Ward 00", "Ward 19", "2 of 2")
	first.lacks(t, "Ward 20")
	next := first.all("rel", "next")
	if len(next) != 1 {
		t.Fatalf("%d links to the next page", len(next))
	}
	second := w.get(w.reader, attribute(next[0], "href"))
	second.wants(t, http.StatusOK, "Ward 20", "Ward 29", "1 of 2")
	if want := "30 services within 10 miles of M1, page 2 of 2 - Directory of Services"; second.title() != want {
		t.Errorf("the title is %q, want %q", second.title(), want)
	}
	second.lacks(t, "Ward 19")
}

func TestNothingFoundOffersWhatWouldBe(t *testing.T) {
	w := newWorld(t)
	w.update(func(u *db.W) error {
		for outcode, place := range map[string]string{"OL1": `{"Latitude":53.70,"Longitude":-2.24}`,
			"EH1": `{"Latitude":55.95,"Longitude":-3.19}`} {
			if err := directory.ImportedPlaces().Put(t.Context(), u, outcode, "", place); err != nil {
				return err
			}
		}
		return nil
	})
	for query, want := range map[string][]string{
		"postcode=M1&miles=2&type=12": {"search up to 5 miles away : 1 service",
			"choose any type of service : 1 service"},
		"postcode=M1&miles=10&name=zebra": {"leave out the name : 2 services"},
		"postcode=OL1&miles=2&name=mill":  {"look for ‘mill’ in all of England : 1 service"},
		"postcode=&name=oak&type=100":     {"choose any type of service : 1 service"},
		"postcode=M1&miles=10&type=12&open=now": {"include services that are closed now : 1 service",
			"choose any type of service : 1 service"},
		"postcode=OL1&miles=2": {"No services within 2 miles of OL1",
			"search up to 20 miles away : 2 services"},
		"postcode=OL1&miles=2&name=zebra&type=12": {"see every service within 37 miles : 2 services"},
		"postcode=EH1&miles=10": {"EH1 is in Scotland. This directory lists " +
			"services in England.", "The directory has no service near EH1"},
		"postcode=EH1&miles=37": {"The directory has no service near EH1, however far you search. " +
			"Check the postcode."},
	} {
		page := w.get(w.reader, "/services?"+query)
		page.wants(t, http.StatusOK, want...)
		links := page.all("href", "/services?")
		for _, link := range links {
			if wider := w.get(w.reader, attribute(link, "href")); len(wider.all("class", "signpost-result")) == 0 {
				t.Errorf("%s: %s finds nothing either", query, attribute(link, "href"))
			}
		}
		if len(links) == 0 && !strings.Contains(query, "EH1") {
			t.Errorf("%s: nothing wider is offered", query)
		}
	}
}
