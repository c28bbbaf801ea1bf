package provider_test

import (
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/worldtest"
)

// Whoever has not logged in to a service for a year comes to it for the first time again; logins in between count, and
// leave nothing more than once a day.
func TestWhoeverStaysAwayForLongComesForTheFirstTimeAgain(t *testing.T) {
	w, _, bos := trial(t)
	w.approve()
	const keep = 365 * 24 * time.Hour
	since := func() int64 { return w.Count(`SELECT COALESCE(MAX(since), 0) FROM provider_client_met`) }
	come := func() {
		t.Helper()
		if code(w.Browser().SignIn(logintest.Request(), bos)) == "" {
			t.Fatal("not logged in")
		}
	}
	sweep := func() {
		worldtest.Must(client.Sweeper(w.DB, keep).Sweep(t.Context(), worldtest.By))(t)
	}
	come()
	first := since()
	w.Clock.Advance(24*time.Hour - time.Minute)
	come()
	if since() != first {
		t.Error("a second login on one day wrote again when it was")
	}
	w.Clock.Advance(keep / 2)
	come()
	last := since()
	if last == first {
		t.Error("a login half a year later did not count")
	}
	w.Clock.Advance(keep - time.Hour)
	sweep()
	b := w.Browser()
	b.SignIn(atAnother(), bos)
	if got, errorCode := b.Silently(logintest.Request()); got == "" {
		t.Errorf("silently, within a year of the last login: %s", errorCode)
	}
	w.Clock.Advance(keep)
	sweep()
	b = w.Browser()
	b.SignIn(atAnother(), bos)
	if got, errorCode := b.Silently(logintest.Request()); got != "" || errorCode != "interaction_required" {
		t.Errorf("silently, after a year away: code %q, error %q", got, errorCode)
	}
	if n := len(w.Events("client.visits-swept")); n != 1 {
		t.Errorf("%d events tell of the sweep, want 1", n)
	}
}
