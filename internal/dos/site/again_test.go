package site_test

import (
	"strings"
	"testing"

	"signpost/internal/platform/job/jobtest"
)

// Saving the address that the account has sends nothing, and says so. Another code is sent from the page of the code.
func TestAnUnchangedAddressAndAnotherCode(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.withPassword("ada", goodPass)
	b.post("/account/email", "email", w.ada.Email)
	if page := b.get("/account").body; !strings.Contains(page, "Nothing changed") {
		t.Error("it does not say that nothing changed")
	}
	if n := w.count(`SELECT COUNT(*) FROM mailed_code`); n != 0 {
		t.Errorf("%d codes", n)
	}
	b.post("/account/email", "email", "ada.new@example.nhs.uk")
	first := w.code("ada.new@example.nhs.uk")
	if got := b.post("/account/email/code", "another", "yes"); got.location != "/account/email/code" {
		t.Fatalf("another code: %d %s", got.status, got.location)
	}
	jobtest.Settle(t, w.Jobs)
	if got := b.post("/account/email/code", "code", first); !strings.Contains(got.body, "newest email") {
		t.Errorf("the first code: %d", got.status)
	}
	if got := b.post("/account/email/code", "code", w.code("ada.new@example.nhs.uk")); got.location != "/account" {
		t.Errorf("the newest code: %d", got.status)
	}
}
