package console_test

import (
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/identity"
)

const waits = "changed less than 72 hours ago"

// Whoever changes the address of a Care Identity cannot add an authenticator by it for 72 hours, in which its owner can
// object. The profile says until when.
func TestAChangedAddressWaits(t *testing.T) {
	w := open(t)
	w.Clock.Advance(time.Minute)
	b := w.signedIn()
	b.get("/view-your-profile").lacks(t, waits)
	add := []string{"kind", "authenticator_app", "declaration", "yes"}
	if p := b.post("/view-your-profile/authenticators/add", add...); !strings.HasSuffix(p.location, "/add") {
		t.Fatalf("honest twin: %d %q %s", p.status, p.location, p.text)
	}
	b.post("/view-your-profile/email", "email", oldEmail)
	b.post("/view-your-profile/email/code", "code", w.code(oldEmail))
	b.get("/view-your-profile").lacks(t, waits) // the same one, confirmed
	b.post("/view-your-profile/email", "email", newEmail)
	b.post("/view-your-profile/email/code", "code", w.code(newEmail))
	b.get("/view-your-profile").has(t, newEmail, waits, "From 27 November 2026 at 9:01am")
	b.post("/view-your-profile/authenticators/add", add...).has(t, waits)
	w.Clock.Advance(identity.Settled - time.Minute)
	b = w.signedIn()
	b.post("/view-your-profile/authenticators/add", add...).has(t, waits)
	w.Clock.Advance(time.Minute)
	b = w.signedIn()
	b.get("/view-your-profile").lacks(t, waits)
	if p := b.post("/view-your-profile/authenticators/add", add...); !strings.HasSuffix(p.location, "/add") {
		t.Errorf("after 72 hours: %d %q %s", p.status, p.location, p.text)
	}
}

// A registration authority that changes the address of somebody who can log in makes no link for them at once, and
// those made before mail no code to it. Of somebody who cannot log in yet the address is mended.
func TestAnAuthoritysChangeWaitsToo(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	bea := "/people/person/" + w.helped("Bea", "bea@example.nhs.uk")
	mo := "/people/person/" + w.migrated("Mo")
	w.Clock.Advance(time.Minute)
	link := []string{"kind", "any", "witness", "in-person"}
	for _, at := range []string{bea, mo} {
		if p := b.post(at+"/change/email", "email", "new@example.nhs.uk"); p.location != at {
			t.Fatalf("%d %s", p.status, p.text)
		}
	}
	b.get(bea).has(t, waits)
	b.post(bea+"/authenticators/link", link...).has(t, waits)
	b.post(bea+"/access-pass", "hours", "1", "why_pass", "seen").has(t, waits)
	b.get(mo).lacks(t, waits)
	if p := b.post(mo+"/authenticators/link", link...); strings.Contains(p.text, waits) || p.location == "" {
		t.Errorf("of somebody who cannot log in yet: %d %s", p.status, p.text)
	}
	w.Clock.Advance(identity.Settled)
	b = w.signedIn()
	if p := b.post(bea+"/authenticators/link", link...); strings.Contains(p.text, waits) || p.location == "" {
		t.Errorf("after 72 hours: %d %s", p.status, p.text)
	}
}

// A change by a registration authority is told at the new address, and at the old one that its owner had confirmed.
func TestAChangeByAnAuthorityIsToldAtBothAddresses(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	bea := w.helped("Bea", "bea@example.nhs.uk") // who confirmed it
	b.post("/people/person/"+bea+"/change/email", "email", "new@example.nhs.uk")
	w.Settle()
	for _, to := range []string{"bea@example.nhs.uk", "new@example.nhs.uk"} {
		if n := len(w.Mails.To(to)); n != 1 {
			t.Errorf("%s got %d mails", to, n)
		}
	}
	if w.Identity(bea).EmailVerified.Done() {
		t.Error("the new address counts as confirmed")
	}
}
