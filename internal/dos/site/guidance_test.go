package site_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// lacking puts somebody into the wave in Prepare who was never told anything, and makes another wave for them.
func (w *world) lacking(n int) {
	w.Helper()
	name := fmt.Sprint("lacking", n)
	w.account(account.New{Username: name, FirstName: "Lacking", Email: name + "@example.nhs.uk"}, path.Prepare)
	w.Wave(wave.Wave{Name: name, Phase: path.Prepare})
}

// Whoever sees their checklist has been told, and whoever gets the mail about it; of the others the page of the wave
// tells, and they can be written to and put into another wave.
func TestWhoLacksGuidanceByPages(t *testing.T) {
	w := newWorld(t)
	b := w.loggedIn("mover", append(account.ProgrammeTeam.In(account.Everywhere),
		account.UserAdministrator.In(account.Everywhere)...))
	w.account(account.New{Username: "seer", FirstName: "Sia", Email: "seer@example.nhs.uk"}, path.Prepare)
	w.account(account.New{Username: "mailed", FirstName: "Mai", Email: "mailed@example.nhs.uk"}, path.Prepare)
	at := "/waves/" + w.waves[path.Prepare]
	w.Must(w.moving().SetGuidance(t.Context(), w.of("mover"), w.waves[path.Prepare], 3, "test"))
	seer := w.browser()
	seer.withPassword("seer", goodPass)
	seer.get("/checklist").mustHave(t, "From a day that we will tell you, you can link your account")
	b.get(at).mustHave(t, "2 accounts, not told 3 days ago or earlier", `href="`+at+`/guidance"`)
	page := webtest.Text(b.get(at + "/guidance").body)
	today := w.DB.Now().Format("2 January 2006")
	for _, want := range []string{"People who lack it: 2.", "People who were never told: 1.", "Username mailed Name Mai Organisation First told Not yet",
		"Name Sia Organisation First told " + today} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in %s", want, page)
		}
	}
	file := b.get(at + "/guidance/file")
	if !strings.Contains(file.body, "mailed,Mai,,mailed@example.nhs.uk,,Not yet") {
		t.Errorf("file: %s", file.body)
	}
	got := b.post(at + "/guidance/mail")
	if got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "/mailings/") {
		t.Fatalf("written: %d %q", got.status, got.location)
	}
	b.get(got.location).mustHave(t, "Mai", "you can link your account")
	b.post(got.location + "/send")
	w.Settle()
	if n := w.Mailed("mailing.steps", "mailed@example.nhs.uk"); n != 1 {
		t.Errorf("mailed %d", n)
	}
	if n := w.Mailed("mailing.steps", "seer@example.nhs.uk"); n != 0 {
		t.Errorf("mailed who had seen their checklist: %d", n)
	}
	told := b.get(at + "/guidance")
	if strings.Contains(told.body, "Not yet") {
		t.Error("the mail does not count")
	}
	told.mustHave(t, "Everybody was told.", `id="days-of-work"`)
	mustLack(t, told, at+"/guidance/mail")
	b.get(at).mustHave(t, "Stop at once", `href="`+at+`/guidance#days-of-work"`)
	moved := b.post(at+"/phase/choose", b.seeing(at+"/phase/choose", "reason", "All were told")...)
	if !strings.Contains(moved.body, "Not everybody in the wave has had the guidance") {
		t.Errorf("moved at once: %d", moved.status)
	}
	w.clock.Advance(3 * 24 * time.Hour)
	b = w.browser()
	b.withPassword("mover", goodPass)
	b.post(at+"/phase/choose", b.seeing(at+"/phase/choose", "reason", "All were told")...)
	b.get(at).mustHave(t, "in the phase Choose now")
}
