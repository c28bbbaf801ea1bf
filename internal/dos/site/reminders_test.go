package site_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	pathof "path"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing/reminder"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
)

// reminderLink is the path of the link by which somebody stops reminders.
func (w *world) reminderLink(username string) string {
	w.Helper()
	return strings.TrimPrefix(w.reminders().Link(w.byUsername(username).ID), home)
}

func (w *world) reminders() reminder.Desk { return reminder.Desk{DB: w.DB, Post: w.Post, Home: home} }

// The page by the link asks, a button stops reminders, and another begins them again. Looking stops nothing.
func TestRemindersAreStoppedByAPage(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	at := w.reminderLink("bo")
	b := w.browser()
	for range 3 {
		page := b.get(at)
		page.mustHave(t, "Stop reminders?", ">Stop reminders</button>")
		mustLack(t, page, "bo@example.nhs.uk")
		b.get(at + reminder.OneClick)
	}
	b.post(at, "want", "")
	b.get(at).mustHave(t, "<title>Reminders are stopped", "Send me reminders again")
	b.post(at, "want", "again")
	b.get(at).mustHave(t, "<title>Stop reminders?", "You get reminders again.")
	wrong := b.get("/reminders/nobody/" + strings.Repeat("0", 32))
	wrong.mustHave(t, "This link does not work")
	if got := b.get(at + "0"); got.status != wrong.status || !strings.Contains(got.body, "This link does not work") {
		t.Errorf("a wrong link of an account: %d", got.status)
	}
}

// A mail program stops reminders by what its standard has it post, and by nothing else.
func TestMailProgramsStopReminders(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	at := w.reminderLink("bo")
	post := func(at, kind, body string) int {
		to := home + at + reminder.OneClick
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, to, strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		answer := httptest.NewRecorder()
		w.site.ServeHTTP(answer, r)
		return answer.Code
	}
	const usual = "application/x-www-form-urlencoded"
	right := url.Values{"List-Unsubscribe": {"One-Click"}}.Encode()
	if got := post(at, usual, ""); got != http.StatusUnprocessableEntity && got != http.StatusBadRequest {
		t.Errorf("nothing posted: %d", got)
	}
	if got := post("/reminders/nobody/0", usual, right); got < http.StatusBadRequest {
		t.Errorf("a wrong link: %d", got)
	}
	if n := w.Count(`SELECT COUNT(*) FROM reminder_stop`); n != 0 {
		t.Errorf("%d are stopped", n)
	}
	for kind, body := range map[string]string{
		usual: right,
		"multipart/form-data; boundary=b": "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\n" +
			"One-Click\r\n--b--\r\n",
	} {
		w.Must(w.reminders().Again(t.Context(), actor.ForJob("test", ""), w.byUsername("bo").ID, pathof.Base(at)))
		if got := post(at, kind, body); got != http.StatusNoContent {
			t.Errorf("%s, as the standard has it: %d", kind, got)
		}
		if n := w.Count(`SELECT COUNT(*) FROM reminder_stop`); n != 1 {
			t.Errorf("%s: %d are stopped", kind, n)
		}
	}
}
