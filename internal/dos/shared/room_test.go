package shared_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/shared"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

const building = "192.0.2.1/32" // the network of everybody who works there

// namesake gives the first name of the n-th person.
func namesake(n int) string { return fmt.Sprintf("Ann%c%c", 'a'+n/26, 'a'+n%26) }

// claimsIn has the n-th person say who they are, in a browser on a network.
func (w *world) claimsIn(n int, network, browser string) error {
	w.Helper()
	at := shared.Sitting{Session: worldtest.Must(w.logsIn())(w), Browser: browser}
	return w.cases.Claim(w.Context(), w.from(network), w.team.ID, at, typed(namesake(n)))
}

// confirms has the administrator confirm the n-th person.
func (w *world) confirms(n int) {
	w.Helper()
	for _, c := range w.claims() {
		if c.FirstName == namesake(n) {
			w.Must(w.cases.Confirm(w.Context(), by(w.admin), w.team.ID, w.pick(c.ID)))
		}
	}
}

// noRoom checks that somebody is refused because there is no room, and reads where.
func noRoom(t *testing.T, name, where string, err error) {
	t.Helper()
	said, is := fault.From(err)
	if !is || !errors.Is(err, fault.TooMany) || !strings.Contains(said.Message, "Too many people"+where+" have said") {
		t.Errorf("%s: %v", name, err)
	}
}

// The 50 colleagues who have one computer say who they are on one day. From the next day that computer has room of its
// own, whatever anybody does on the same network who makes each claim in a new browser; so has one on which somebody
// was confirmed. Each takes 50 at most, and all of a network leave room to others.
func TestABrowserThatIsKnownHasRoomOfItsOwn(t *testing.T) {
	w := open(t)
	for n := range 50 {
		w.Must(w.claimsIn(n, building, "tea room"))
	}
	noRoom(t, "a 51st in one browser", " in this browser", w.claimsIn(50, building, "tea room"))
	noRoom(t, "in a new browser beside it", " on your network", w.claimsIn(50, building, "new"))
	w.Must(w.claimsIn(50, "203.0.113.9/32", "elsewhere"))
	w.Clock.Advance(24*time.Hour - time.Millisecond)
	noRoom(t, "within a day", " on your network", w.claimsIn(51, building, "new"))
	w.Clock.Advance(time.Millisecond)

	stranger := func(n int) error { return w.claimsIn(n, building, fmt.Sprint("stranger ", n)) }
	for n := 100; n < 150; n++ {
		w.Must(stranger(n))
	}
	noRoom(t, "in one more new browser", " on your network", stranger(150))
	noRoom(t, "in none", " on your network", w.claimsIn(150, building, ""))
	w.confirms(0)
	w.Must(w.claimsIn(51, building, "tea room"))
	noRoom(t, "in the browser of 50", " in this browser", w.claimsIn(52, building, "tea room"))

	w.confirms(100)
	w.confirms(101)
	w.Must(stranger(150))
	w.Must(stranger(151))
	for n := 200; n < 249; n++ {
		w.Must(w.claimsIn(n, building, "stranger 100"))
	}
	w.Must(w.claimsIn(249, building, "stranger 101"))
	noRoom(t, "of the network in all", " on your network", w.claimsIn(250, building, "stranger 100"))
	w.Must(w.claimsIn(250, "198.51.100.7/32", "reception"))
	w.Must(w.claimsIn(7, building, "stranger 100")) // who said so before
}

// A browser whose claims were rejected is as new as before.
func TestABrowserOfMadeUpNamesStaysNew(t *testing.T) {
	w := open(t)
	w.Must(w.claimsIn(0, building, "stranger"))
	w.Clock.Advance(24 * time.Hour)
	w.Must(w.cases.Reject(t.Context(), by(w.admin), w.team.ID, w.pick(w.claims()[0].ID), "nobody knows them"))
	for n := 1; n <= 50; n++ {
		w.Must(w.claimsIn(n, building, fmt.Sprint("another ", n)))
	}
	noRoom(t, "in the rejected one's browser", " on your network", w.claimsIn(51, building, "stranger"))
}
