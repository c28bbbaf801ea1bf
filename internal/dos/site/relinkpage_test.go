package site_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
)

// Where no more codes can be made within the hour, the page says from when on one can, and does not offer one.
func TestACodeIsOfferedWhenItCanBeMade(t *testing.T) {
	w := newWorld(t)
	bo := w.account(account.New{Username: "bo", FirstName: "Bo", Email: "Bo@example.nhs.uk", Organisation: "ZIB"},
		path.Choose)
	b := w.loggedIn("admin", account.UserAdministrator.In(account.Everywhere))
	at := "/users/" + bo.ID
	for range 3 {
		b.get(at).mustHave(t, "Make a code for them")
		b.makeCode(bo.ID)
		w.clock.Advance(time.Minute)
	}
	full := b.get(at)
	full.mustHave(t, "You can make another one from 10am.", "They have a code that works until 1 December 2026.")
	if strings.Contains(full.body, "Make a code for them") || strings.Contains(full.body, "If you make another one") {
		t.Error("a code is offered though none can be made")
	}
	if got := b.post(at + "/relink"); got.status != http.StatusTooManyRequests {
		t.Errorf("a code all the same: %d", got.status)
	}
	w.clock.Advance(time.Hour - 3*time.Minute)
	b.withPassword("admin", goodPass)
	b.get(at).mustHave(t, "Make a code for them", "If you make another one")
	b.makeCode(bo.ID)
}
