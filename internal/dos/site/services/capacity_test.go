package services_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/db"
)

func (w *world) report(path, status, lasts string) {
	w.Helper()
	form := url.Values{"status": {status}, "notes": {"short of staff"}, "lasts": {lasts}}
	if done := w.post(w.editor, path+"/capacity", form); done.status != http.StatusSeeOther {
		w.Fatalf("status %d: %s", done.status, done.text)
	}
}

// later moves the clock on, and keeps the sessions.
func (w *world) later(d time.Duration) {
	w.Helper()
	w.Clock.Advance(d)
	w.update(renewSessions(w))
}

// Nobody is told that a service has capacity before somebody has said so.
func TestCapacityIsNotReportedUntilSomebodyHas(t *testing.T) {
	w := newWorld(t)
	path := "/services/" + w.pharmacy
	for _, at := range []string{path, "/services?postcode=M1"} {
		page := w.get(w.reader, at)
		page.wants(t, http.StatusOK, "Not reported")
		page.lacks(t, "has capacity", "limited", "no capacity")
		if colour := page.colourOf("Not reported"); colour != "grey" {
			t.Errorf("%s: Not reported is %s", at, colour)
		}
	}
	if chosen := w.get(w.editor, path+"/capacity").value("status"); chosen != "" {
		t.Errorf("the form begins with %q chosen", chosen)
	}
	w.report(path, "GREEN", "0")
	w.later(5 * time.Minute)
	for _, at := range []string{path, "/services?postcode=M1"} {
		w.get(w.reader, at).wants(t, http.StatusOK, "Green: has capacity Reported by Sam editor 5 minutes ago")
	}
}

func TestCapacityIsOutdatedAfterADay(t *testing.T) {
	w := newWorld(t)
	path := "/services/" + w.pharmacy
	w.report(path, "RED", "0")
	w.later(24*time.Hour - time.Minute)
	w.get(w.reader, path).wants(t, http.StatusOK, "Red: no capacity Reported by Sam editor 23 hours ago")
	w.later(time.Minute)
	page := w.get(w.reader, path)
	page.wants(t, http.StatusOK, "Not reported since 24 November 2026 Last reported by Sam editor 24 hours ago",
		"Last report Red: no capacity")
	if colour := page.colourOf("Not reported since"); colour != "grey" {
		t.Errorf("Not reported since is %s", colour)
	}
	if chosen := w.get(w.editor, path+"/capacity").value("status"); chosen != "" {
		t.Errorf("the form begins with the outdated %q chosen", chosen)
	}
}

// What was said to last for days counts for as long, and not a moment longer.
func TestCapacityCountsAsLongAsItSays(t *testing.T) {
	w := newWorld(t)
	path := "/services/" + w.pharmacy
	w.report(path, "RED", "72")
	w.later(48 * time.Hour)
	w.get(w.reader, path).wants(t, http.StatusOK, "Red: no capacity Reported by Sam editor 2 days ago",
		"Back to green 27 November 2026 at midday")
	w.later(24 * time.Hour)
	page := w.get(w.reader, path)
	page.wants(t, http.StatusOK, "Not reported since 24 November 2026")
	page.lacks(t, "Green: has capacity Back")
}

func TestClosedServiceShowsNoCapacity(t *testing.T) {
	w := newWorld(t)
	path := "/services/" + w.pharmacy
	w.report(path, "GREEN", "0")
	w.get(w.reader, path).wants(t, http.StatusOK, "Green: has capacity")
	w.later(7 * time.Hour) // the pharmacy has closed at 6pm
	for _, at := range []string{path, "/services?postcode=M1"} {
		page := w.get(w.reader, at)
		page.wants(t, http.StatusOK, "Closed")
		page.lacks(t, "has capacity", "Reported by", "Not reported")
	}
	mine := w.get(w.editor, "/services")
	mine.wants(t, http.StatusOK, "My services", "Oak Tree Pharmacy", "Closed, opens")
	mine.lacks(t, "has capacity", "Reported by", "Not reported")
	w.get(w.editor, path).wants(t, http.StatusOK, "Capacity is shown only while", "by Sam editor , 7 hours ago")
}

// A service that is not in use is never said to be open, nor to open, whatever its hours are.
func TestAServiceThatIsNotInUseIsNeverOpen(t *testing.T) {
	for status, words := range map[directory.Status]string{
		directory.Closed: "Closed for good", directory.Commissioning: "Not open yet",
	} {
		w := newWorld(t)
		path := "/services/" + w.pharmacy
		w.report(path, "GREEN", "0")
		w.get(w.reader, path).wants(t, http.StatusOK, "Open until 1pm", "has capacity")
		w.update(func(u *db.W) error {
			return u.Change(t.Context(), `UPDATE service SET status = $2 WHERE id = $1`, w.pharmacy, status)
		})
		page := w.get(w.reader, path)
		page.wants(t, http.StatusOK, words, "960001, "+strings.ToLower(words[:1])+words[1:]+", said at")
		page.lacks(t, "Open until", "open until", "has capacity", "09:00")
	}
}

// Whether a service is open and how much it can take are never told by the same colour.
func TestTagsOfAServiceShareNoColour(t *testing.T) {
	w := newWorld(t)
	path := "/services/" + w.pharmacy
	meanings := map[string]string{}
	note := func(text, meaning string) {
		colour := w.get(w.reader, path).colourOf(text)
		if colour == "" || meanings[colour] != "" && meanings[colour] != meaning {
			t.Errorf("%s has the colour %q, which means %s", text, colour, meanings[colour])
		}
		meanings[colour] = meaning
	}
	note("Open", "open")
	note("Not reported", "nobody has said")
	for status, text := range map[string]string{"GREEN": "Green", "AMBER": "Amber", "RED": "Red"} {
		w.report(path, status, "0")
		note(text, text)
	}
	w.later(8 * time.Hour)
	note("Closed", "closed")
	w.update(func(u *db.W) error {
		return u.Change(t.Context(), `UPDATE service SET hours = $2 WHERE id = $1`, w.pharmacy,
			directory.Week{}.String())
	})
	note("Hours not known", "nobody has said")
}

// colourOf gives the colour of the first tag whose text begins so.
func (s seen) colourOf(text string) string {
	for _, n := range s.all("class", "nhsuk-tag") {
		if n.Type == html.ElementNode && strings.HasPrefix(textOf(n), text) {
			_, colour, _ := strings.Cut(attribute(n, "class"), "nhsuk-tag--")
			return colour
		}
	}
	return ""
}
