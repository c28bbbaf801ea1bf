package site_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/dos/account"
)

// Whoever has somebody on the telephone reads on one page what to say, what is left to do and their tickets, and can
// log them out and end a lock. They read it in their activity.
func TestOnePageForACaller(t *testing.T) {
	w := newWorld(t)
	raised := w.ticketOf(w.ada)
	ada := w.browser()
	ada.withPassword("ada", goodPass)
	wrong := w.browser()
	wrong.Address = "198.51.100.7:1234"
	for range 11 {
		wrong.withPassword("ada", "wrong")
	}
	desk := w.loggedIn("desk", account.Desk.In(account.Everywhere))
	at := "/users/" + w.ada.ID
	desk.get(at).mustHave(t, "If they telephone", "What to say now", "Link your DoS account to your Care Identity",
		raised.Show()+": It fails", "/tickets/new?account="+w.ada.ID, "Locked until", "(sessions: 1)",
		"cannot change an email address")
	for form, field := range map[string]string{"/end-sessions": "ending", "/unlock": "unlock"} {
		if got := desk.post(at+form, field, ""); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s without a reason: %d", form, got.status)
		}
		long := desk.post(at+form, field, strings.Repeat("x", 501))
		if !strings.Contains(long.body, "500 letters") || !strings.Contains(long.body, `name="`+field+`"`) {
			t.Errorf("%s with a reason that is too long: %d", form, long.status)
		}
		if got := desk.post(at+form, field, "She asked me on the telephone"); got.location != at {
			t.Errorf("%s: %d %s", form, got.status, got.body)
		}
	}
	if ada.signedIn() {
		t.Error("she is still logged in")
	}
	if got := wrong.withPassword("ada", goodPass); got.location != "/" {
		t.Errorf("after the lock was ended: %d", got.status)
	}
	wrong.get("/account/activity").mustHave(t, "Sessions ended by the service desk", "Lock after wrong passwords ended",
		"She asked me on the telephone")
	for range 2 {
		desk.post(at+"/unlock", "unlock", "again")
	}
	if got := desk.post(at+"/unlock", "unlock", "again"); got.status != http.StatusTooManyRequests {
		t.Errorf("a fourth end of a lock in a day: %d", got.status)
	}
	if got := wrong.post(at+"/unlock", "unlock", "my own"); got.status != http.StatusForbidden {
		t.Errorf("somebody without the permission: %d", got.status)
	}
}

// The desk mails a caller their next step by a button, to the address of the account whatever a form says. Where that
// would reach nobody there is no button, but the reason and what to do instead. An administrator does not read that the
// service desk cannot do what they can.
func TestTheDeskMailsTheNextStep(t *testing.T) {
	w := newWorld(t)
	at := "/users/" + w.ada.ID
	desk := w.loggedIn("desk", account.Desk.In(account.Everywhere))
	desk.get(at).mustHave(t, "Email them their next step", "cannot change an email address")
	got := desk.post(at+"/next-step-mail", "email", "mallory@evil.example", "id", "other")
	if got.location != at {
		t.Fatalf("not sent: %d %s", got.status, got.body)
	}
	w.Settle()
	if n := len(w.Mails.To("mallory@evil.example")); n != 0 || w.Mailed("stepmail", w.ada.Email) != 1 {
		t.Errorf("%d mails went to an address that was typed, and %d to hers", n, w.Mailed("stepmail", w.ada.Email))
	}
	ada := w.browser()
	ada.withPassword("ada", goodPass)
	ada.get("/account/activity").mustHave(t, "Next step sent by email, by the service desk")
	if got := ada.post(at + "/next-step-mail"); got.status != http.StatusForbidden {
		t.Errorf("by herself: %d", got.status)
	}
	w.sql(`UPDATE account SET email_proved_at = NULL WHERE username = 'ada'`)
	page := desk.get(at)
	page.mustHave(t, "Nobody has shown that they read the email address of the account. Read out")
	if strings.Contains(page.body, "/next-step-mail") {
		t.Error("a button that sends nothing is shown")
	}
	boss := w.loggedIn("boss", account.Everywhere.Of(account.ManageUsers, account.ServiceDesk))
	if text := boss.get(at).body; strings.Contains(text, "service desk cannot") ||
		!strings.Contains(text, "recovered by two people") {
		t.Error("an administrator reads what the desk alone cannot do")
	}
}
