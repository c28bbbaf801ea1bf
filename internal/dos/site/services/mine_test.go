package services_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

// capacity reads the capacity of the pharmacy.
func (w *world) capacity() directory.CapacityNow {
	w.Helper()
	s, err := db.Read(w.Context(), w.DB, func(r db.R) (directory.Service, error) {
		return directory.ByID(w.Context(), r, w.pharmacy)
	})
	if err != nil {
		w.Fatal(err)
	}
	return s.Capacity
}

// Whoever keeps the capacity of services sets it on the first page, with one tap.
func TestMyServices(t *testing.T) {
	w := newWorld(t)
	front := w.get(w.editor, "/services")
	front.wants(t, http.StatusOK, "My services", "Oak Tree Pharmacy", "Not reported")
	front.lacks(t, "Mill Dental")
	w.get(w.reader, "/services").lacks(t, "My services")
	path := "/services/" + w.pharmacy + "/capacity/now"
	if len(front.all("action", path)) != 1 {
		t.Fatal("no form to set the capacity")
	}
	tap := func(status string) seen {
		return w.post(w.editor, path, url.Values{"status": {status},
			"seen": {attribute(w.get(w.editor, "/services").all("name", "seen")[0], "value")}})
	}
	if done := tap("AMBER"); done.status != http.StatusSeeOther || done.location != "/services" {
		t.Fatalf("status %d: %s", done.status, done.text)
	}
	now := w.capacity()
	if now.Status != directory.Amber || !now.Until.Equal(noon.Add(4*time.Hour)) || now.By != "Sam editor" {
		t.Errorf("after a tap on amber: %+v", now)
	}
	w.get(w.editor, "/services").wants(t, http.StatusOK, "Amber: limited", "Amber , as it is now",
		"Reported by Sam editor less than a minute ago")
	w.post(w.editor, "/services/"+w.pharmacy+"/capacity",
		url.Values{"status": {"AMBER"}, "notes": {"two ill"}, "lasts": {"8"}})
	if tap("RED"); w.capacity().Status != directory.Red || w.capacity().Notes != "two ill" {
		t.Errorf("after a tap on red: %+v", w.capacity())
	}
	if tap("GREEN"); w.capacity().Status != directory.Green || w.capacity().Notes != "" ||
		!w.capacity().Until.IsZero() {
		t.Errorf("after a tap on green: %+v", w.capacity())
	}
}

func TestATapThatCannotBeTaken(t *testing.T) {
	w := newWorld(t)
	path := "/services/" + w.pharmacy + "/capacity/now"
	seen := attribute(w.get(w.editor, "/services").all("name", "seen")[0], "value")
	w.post(w.editor, path, url.Values{"status": {"RED"}, "seen": {seen}})
	late := w.post(w.editor, path, url.Values{"status": {"AMBER"}, "seen": {seen}})
	late.wants(t, http.StatusUnprocessableEntity, "changed the capacity while you were writing", "The capacity now")
	w.post(w.editor, path, url.Values{"status": {"BLUE"}, "seen": {seen}}).
		wants(t, http.StatusUnprocessableEntity, "Choose green, amber or red")
	if w.capacity().Status != directory.Red {
		t.Errorf("the capacity is %v", w.capacity().Status)
	}
	other := "/services/" + w.dentist + "/capacity/now"
	w.post(w.editor, other, url.Values{"status": {"RED"}}).wants(t, http.StatusForbidden,
		"This service belongs to another organisation")
	w.post(w.reader, path, url.Values{"status": {"GREEN"}}).wants(t, http.StatusForbidden)
}

// Whoever keeps the capacity of many services reaches all of them, and a tap comes back to the page it was made on. The
// database is asked no more often for more of them.
func TestMyServicesGoThroughPages(t *testing.T) {
	w := newWorld(t)
	w.get(w.editor, "/services").wants(t, http.StatusOK) // reads the messages of every page, for some seconds
	asked := map[int]int{}
	for _, n := range []int{2, 41} {
		w.addOurServices(n)
		asked[n] = len(dbtest.Statements(t, w.DB, func() { w.get(w.editor, "/services").wants(t, http.StatusOK) }))
	}
	if asked[2] != asked[41] {
		t.Errorf("statements by rows: %v", asked)
	}
	w.get(w.editor, "/services").wants(t, http.StatusOK, "1 to 20 of 44 services", "Ward 00", "Next : 2 of 3")
	last := w.get(w.editor, "/services?page=3")
	last.wants(t, http.StatusOK, "41 to 44 of 44 services", "Ward 40", "Previous : 2 of 3")
	forms := last.all("method", "post")
	done := w.post(w.editor, attribute(forms[len(forms)-1], "action"), url.Values{"status": {"RED"},
		"seen": {attribute(last.all("name", "seen")[0], "value")},
		"page": {attribute(last.all("name", "page")[0], "value")}})
	if done.location != "/services?page=3" {
		t.Errorf("after a tap: %d %s", done.status, done.location)
	}
}

// addOurServices adds services of the editor's organisation.
func (w *world) addOurServices(n int) {
	w.Helper()
	w.update(func(u *db.W) error {
		for i := range n {
			w.add(u, directory.Service{
				Name: fmt.Sprintf("Ward %02d of %d", i, n), Type: 13, ODSCode: "FA001", Postcode: "M1 1AE",
				Place: &postcode.Point{Latitude: 53.481, Longitude: -2.241},
			})
		}
		return nil
	})
}

// All changes of a service can be read, a page at a time.
func TestTheHistoryOfAServiceGoesThroughPages(t *testing.T) {
	w := newWorld(t)
	path := "/services/" + w.pharmacy
	for n := range 23 {
		w.post(w.editor, path+"/capacity", url.Values{"status": {"RED"}, "lasts": {"8"}, "notes": {fmt.Sprint("Note ", n)}})
	}
	w.get(w.reader, path+"/history").wants(t, http.StatusOK, "1 to 20 of 23 changes", "Note 22", "Next : 2 of 2")
	w.get(w.reader, path+"/history?page=2").wants(t, http.StatusOK, "21 to 23 of 23 changes", "Not reported",
		"Previous : 1 of 2")
}
