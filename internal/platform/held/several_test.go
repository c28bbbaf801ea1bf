package held_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"signpost/internal/platform/db"
)

// late sends a form of somebody's to a path from a browser after their session has ended.
func (s *site) late(t *testing.T, b *browser, author, path, body string) {
	t.Helper()
	s.clock.Advance(time.Second)
	s.send(b, "", "POST", path, plain, s.sealed(t, body, path, author))
}

// stored is how many forms are held, for whomever.
func (s *site) stored(t *testing.T) int64 {
	t.Helper()
	n, err := db.Read(t.Context(), s.DB, func(r db.R) (int64, error) {
		return db.Value[int64](t.Context(), r, `SELECT COUNT(*) FROM flow`)
	})
	if err != nil {
		t.Error(err)
	}
	return n
}

// The forms of two tabs wait both, each with its record and its own button, and each goes its own way.
func TestSeveralFormsOfAPersonAreHeld(t *testing.T) {
	s := open(t)
	b := &browser{cookies: map[string]string{}}
	s.late(t, b, "ann", sevens, "note=apple&seen_version=one")
	s.late(t, b, "ann", "/services/8/hours", "note=berry&seen_version=two")
	s.late(t, b, "ann", sevens, "note=cherry&again=Yes")
	s.late(t, b, "ann", sevens, "note=cherry&again=Yes") // pressed twice
	page := s.page(b, "ann")
	var order []int
	for _, want := range []string{"3 forms that you sent are kept", "cherry", "berry", "apple"} {
		order = append(order, strings.Index(page, want))
	}
	if !slices.IsSorted(order) || order[0] < 0 || strings.Count(page, "Oak Tree</bdi>") != 3 {
		t.Errorf("for ann waits %v of %s", order, page)
	}
	for text, want := range map[string]int{">Save</button>": 2, ">Send another</button>": 1,
		"Send it now": 0, "takes the place of the oldest": 0} {
		if n := strings.Count(page, text); n != want {
			t.Errorf("%q stands there %d times, not %d: %s", text, n, want, page)
		}
	}
	s.send(b, "ann", "POST", "/services/8/hours", plain, s.sealed(t, "note=berry&held=1", "/services/8/hours", "ann"))
	if s.got.Get("seen_version") != "two" {
		t.Errorf("the second arrived as %v", s.got)
	}
	s.send(b, "ann", "POST", "/held/drop", plain, s.sealed(t, "held=2", "/held/drop", "ann"))
	if page := s.page(b, "ann"); !strings.Contains(page, "apple") || strings.Contains(page, "berry") ||
		strings.Contains(page, "cherry") {
		t.Errorf("beside those that were sent and discarded waits %s", page)
	}
	s.send(b, "ann", "POST", sevens, plain, s.sealed(t, "note=apple&held=0", sevens, "ann"))
	if s.page(b, "ann") != "" {
		t.Error("all were sent, and one waits")
	}
}

// A person has five forms held, whichever browsers they use: the newest takes the place of the oldest, and those of
// others wait beside them.
func TestHowManyFormsOfAPersonAreHeld(t *testing.T) {
	s := open(t)
	b := &browser{cookies: map[string]string{}}
	elsewhere := &browser{cookies: map[string]string{}}
	s.late(t, elsewhere, "ann", sevens, "note=elsewhere")
	for i := range 4 { // the same text about several services
		s.late(t, b, "ann", "/services/"+strconv.Itoa(i)+"/hours", "note=same")
	}
	if s.page(elsewhere, "ann") == "" || strings.Count(s.page(b, "ann"), "<h2") != 4 {
		t.Fatal("five are not held")
	}
	s.late(t, b, "ann", sevens, "note=form4")
	if page := s.page(b, "ann"); s.page(elsewhere, "ann") != "" || strings.Count(page, "<h2") != 5 ||
		!strings.Contains(page, "takes the place of the oldest") {
		t.Errorf("the sixth took another place: %s", page)
	}
	for i := range 20 {
		s.late(t, b, "ann", sevens, "note=more"+strconv.Itoa(i))
	}
	s.late(t, b, "bob", sevens, "note=his")
	if n := s.stored(t); n != 6 {
		t.Errorf("%d forms are stored", n)
	}
	page := s.page(b, "ann")
	for i := range 20 {
		if want := i >= 15; strings.Contains(page, "more"+strconv.Itoa(i)+"<") != want {
			t.Errorf("more%d is there: %v", i, !want)
		}
	}
	if page := s.page(b, "bob"); !strings.Contains(page, "his") || strings.Contains(page, "more") {
		t.Errorf("for bob waits %s", page)
	}
}

// Whoever fills in once more what is held, and sends it, has it held no longer.
func TestAFormThatIsFilledInAgainWaitsNoLonger(t *testing.T) {
	s := open(t)
	b := &browser{cookies: map[string]string{}}
	s.late(t, b, "ann", sevens, "note=apple")
	s.late(t, b, "ann", sevens, "note=berry")
	s.send(b, "ann", "POST", sevens, plain, s.sealed(t, "note=berry", sevens, "ann"))
	if page := s.page(b, "ann"); !strings.Contains(page, "apple") || strings.Contains(page, "berry") {
		t.Errorf("for ann waits %s", page)
	}
}
