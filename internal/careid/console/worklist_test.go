package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// The list is of one organisation that is served, fifty to a page, and as a file; an empty one says why.
func TestTheWorklistByThePage(t *testing.T) {
	w := open(t)
	w.assign(manager)
	for n := range 51 {
		w.another(fmt.Sprintf("P%02d", n))
	}
	b := w.signedIn()
	b.get("/people?at=Z90001").has(t, "Authenticators to look after")
	b.get("/people/worklist?at=Z90001").has(t, "Authenticators to look after at Oak Tree Pharmacy (Z90001)",
		"1 to 50 of 52 people", "Example, P00", "Nothing that works", "Download the list")
	b.get("/people/worklist?at=Z90001&page=2").has(t, "51 to 52 of 52 people",
		"Only one that works. Blue key was never used")
	b.get("/people/worklist?at=ZTR").has(t, "Nobody is here: everybody who is registered at this organisation")
	b.get("/people/worklist?at=Z90001&why=expiring").has(t, "Nobody is here for this reason.")
	elsewhere := b.get("/people/worklist?at=Z90002")
	elsewhere.has(t, "Your registration authority does not serve this organisation")
	if elsewhere.status != http.StatusUnprocessableEntity {
		t.Errorf("elsewhere: %d", elsewhere.status)
	}
	elsewhere.has(t, "The page People lists those that it serves")
	for _, at := range []string{"/people/worklist", "/people/worklist.csv"} {
		unknown := b.get(at + "?at=Z90001&why=lost")
		unknown.has(t, "Select one of the reasons")
		if unknown.status != http.StatusUnprocessableEntity {
			t.Errorf("%s for a reason that there is not: %d", at, unknown.status)
		}
	}
	file := b.get("/people/worklist.csv?at=Z90001&why=one")
	if lines := strings.Split(strings.TrimSpace(file.markup), "\n"); len(lines) != 2 ||
		!strings.Contains(lines[1], w.ada) || !strings.HasPrefix(file.header.Get("Content-Type"), "text/csv") {
		t.Errorf("the file: %v %q", file.header, file.markup)
	}
	if p := b.get("/people/worklist.csv?at=Z90002"); p.status == http.StatusOK {
		t.Errorf("the file of an organisation that is not served: %s", p.markup)
	}
}
