package console_test

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

var olderLink = regexp.MustCompile(`href="(/view-your-profile/activity\?before=[^"]+)"`)

// People see what was done with their own Care Identity: by themselves, and by whom else as the job that they have.
func TestYourActivity(t *testing.T) {
	w := open(t)
	w.assign(manager)
	bea := w.another("Bea")
	ada := w.signedIn()
	ada.get("/people/person/" + bea)
	w.Update(func(ctx context.Context, u *db.W) error {
		return u.Record(ctx, audit.Event{Kind: "test.done", Subject: identity.Ref(w.ada)})
	})
	stranger := actor.Actor{Kind: actor.Stranger, ID: "somebody"}
	w.Must(w.DB.Update(t.Context(), stranger, func(u *db.W) error {
		e := audit.Event{Kind: "signin.granted", Subject: identity.Ref(bea), After: map[string]string{"client": "none"}}
		return u.Record(context.WithoutCancel(t.Context()), e)
	}))
	ada.get("/people/person/" + w.helped("Cy", "cy@example.nhs.uk"))
	b := w.signedInAs(bea)
	page := b.get("/view-your-profile/activity")
	page.has(t, "Profile looked at", "Registration authority manager", "Logged in to Care Identity Management", "You",
		"Logged in to a service", "Whoever logged in as you",
		"Something was not you", "registration authority at once")
	page.lacks(t, "Ada", "Test: done")
	if n := strings.Count(page.text, "Profile looked at"); n != 1 {
		t.Errorf("%d looks: those at others are shown, or none", n)
	}
	b.get("/view-your-profile").has(t, "See what was done with your Care Identity")
}

// What was before is on further pages, each event once, whatever happens meanwhile.
func TestYourActivityFurtherBack(t *testing.T) {
	w := open(t)
	happens := func(n int) {
		err := w.DB.Update(t.Context(), actor.ForCommand("test"), func(u *db.W) error {
			return u.Record(context.WithoutCancel(t.Context()), audit.Event{
				Kind: audit.Kind(fmt.Sprintf("test.n%03d", n)), Subject: identity.Ref(w.ada),
			})
		})
		w.Must(err)
	}
	for n := range 120 { // all in one millisecond
		happens(n)
	}
	b := w.signedIn()
	seen := map[string]int{}
	at := "/view-your-profile/activity"
	pages := 0
	for ; at != ""; pages++ {
		p := b.get(at)
		for _, text := range regexp.MustCompile(`Test: n\d{3}`).FindAllString(p.text, -1) {
			seen[text]++
		}
		at = ""
		if link := olderLink.FindStringSubmatch(p.markup); link != nil {
			at = html.UnescapeString(link[1])
		}
		happens(200 + pages)
	}
	if pages != 3 || len(seen) != 120 {
		t.Errorf("%d events on %d pages", len(seen), pages)
	}
	for text, n := range seen {
		if n != 1 {
			t.Errorf("%s: %d times", text, n)
		}
	}
	for _, before := range []string{"x", "-1.y", "99999999999999999999.z", "."} {
		b.get("/view-your-profile/activity?before="+before).has(t, "Your activity", "Test: n20")
	}
}
