package site_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	cases "signpost/internal/dos/shared"
)

// The page of a case that is full offers all of a network, its new browsers, and each known browser from which several
// wait, says of each who waits where they came from, and rejects what was chosen alone.
func TestACaseThatIsFullOffersBrowsers(t *testing.T) {
	w := newWorld(t)
	team := w.reception()
	w.fill()
	w.sql(`UPDATE shared_claim SET made_at = ` + fmt.Sprint(w.clock.Now().UnixMilli()))
	w.sql(`UPDATE shared_claim SET browser = 'tea', last_name = 'Colleague' WHERE id IN ('made1', 'made2', 'made3')`)
	w.sql(`UPDATE shared_claim SET state = 'confirmed' WHERE id = 'made3'`)
	w.sql(`UPDATE shared_claim SET browser = 'new' || id WHERE browser = ''`)
	mia := w.manager()
	at := cases.CasePath(team.ID)
	page := mia.get(at)
	page.mustHave(t, "Reject all from one network or browser", "203.0.113.7/32, new browsers", "197 people",
		"203.0.113.7/32, browser 1", "Somebody who said in this browser who they are was confirmed.",
		"From: 203.0.113.7/32, browser 1")
	offered := regexp.MustCompile(`name="part"[^>]* value="([^"]*,,true~[^"]*)"`).FindStringSubmatch(page.body)
	if offered == nil {
		t.Fatal("the new browsers are not offered")
	}
	if p := mia.post(at+"/reject-all", "part", offered[1], "why", "nobody knows them"); p.location != at {
		t.Fatalf("rejected: %d to %q %s", p.status, p.location, p.body)
	}
	if n := w.count(`SELECT COUNT(*) FROM shared_claim WHERE state = 'claimed'`); n != 2 {
		t.Errorf("%d wait still", n)
	}
	if after := mia.get(at).body; !strings.Contains(after, "Made Colleague") || strings.Contains(after, "From: ") {
		t.Error("the colleagues are gone, or the case is full still")
	}
}
