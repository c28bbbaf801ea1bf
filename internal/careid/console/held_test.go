package console_test

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/platform/web/webtest"
)

var (
	heldRow  = regexp.MustCompile(`(?s)<dt class="nhsuk-summary-list__key">(.*?)</dt>\s*<dd class="nhsuk-summary-list__value">(.*?)</dd>`)
	visible  = regexp.MustCompile(`<(?:input|textarea|select)[^>]* name="([^"]+)"[^>]*>`)
	isHidden = regexp.MustCompile(`type="hidden"`)
)

// held gives what the page of a held form shows of it.
func (b *browser) held() map[string]string {
	rows := map[string]string{}
	for _, row := range heldRow.FindAllStringSubmatch(b.get("/held").markup, -1) {
		rows[html.UnescapeString(row[1])] = html.UnescapeString(strings.TrimSpace(row[2]))
	}
	return rows
}

// late signs in again after the session has ended with a form just sent, and gives where that leads.
func (b *browser) late(path string, form url.Values) (to string) {
	b.w.Helper()
	b.w.Clock.Advance(16 * time.Minute)
	seal := func(r *http.Request) { b.w.sealer().SealFor(r, b.w.ada) }
	if p := b.do(http.MethodPost, path, form, seal); p.status != http.StatusSeeOther ||
		p.location != "/" {
		b.w.Fatalf("sent after the session: %d %s", p.status, p.location)
	}
	return b.arrive().location
}

// What somebody types is not lost because their session ended.
func TestWhatWasTypedOutlivesTheSession(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	const path = "/view-your-profile/email"
	page := b.get(path).markup
	if !strings.Contains(page, `data-left="/session"`) {
		t.Error("the page cannot warn before the session ends")
	}
	w.Clock.Advance(16 * time.Minute)
	late := b.post(path, "email", newEmail, "seal", webtest.SealOf(page, path))
	if late.location != "/" ||
		!strings.Contains(b.get(late.location).text, "What you typed is kept") {
		t.Fatalf("sent after the session: %d %s", late.status, late.location)
	}
	if p := b.arrive(); p.location != "/held" {
		t.Errorf("signed in again and went to %s", p.location)
	}
	if shown := b.get("/held").markup; !strings.Contains(shown, `value="`+newEmail+`"`) ||
		!strings.Contains(shown, `action="/view-your-profile/email"`) {
		t.Errorf("what was typed is not there: %s", shown)
	}
	if rows := b.held(); !maps.Equal(rows, map[string]string{
		"Page": "Enter your contact details", "What you were doing": "Update", "For": "Ada O'Example <b>", "Email address": newEmail,
	}) {
		t.Errorf("it is shown as %v", rows)
	}
}

// The page of a held form shows each field by its label on the form.
func TestEachFieldOfAHeldFormIsNamed(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	path := b.team("Fenmarch Software")
	for _, form := range []struct{ page, action string }{
		{path + "/register", path + "/register"}, {"/connections", "/connections/teams"}, {path, path + "/invite"},
	} {
		page := b.get(form.page)
		of := page.markup[strings.Index(page.markup, `action="`+form.action+`"`):]
		sent := url.Values{}
		for _, field := range visible.FindAllStringSubmatch(of[:strings.Index(of, "</form>")], -1) {
			if !isHidden.MatchString(field[0]) {
				sent.Set(field[1], "typed into "+field[1])
			}
		}
		if to := b.late(form.action, sent); to != "/held" || len(sent) == 0 {
			t.Fatalf("a form of %d fields at %s leads to %s", len(sent), form.action, to)
		}
		rows := b.held()
		if rows["Page"] == "" || rows["What you were doing"] == "" {
			t.Errorf("%s: neither page nor act are named: %v", form.action, rows)
		}
		delete(rows, "Page")
		delete(rows, "What you were doing")
		if len(rows) != len(sent) {
			t.Errorf("%s: %d fields are shown as %v", form.action, len(sent), slices.Sorted(maps.Keys(rows)))
		}
		for label := range rows {
			page.has(t, label)
		}
		b.post("/held/drop", "held", "0")
	}
}

// A button with an id alone would not show what it does, so it is not held and has to be pressed again.
func TestButtonsAreNotHeld(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	path := b.team("Fenmarch Software")
	b.get(path)
	if to := b.late(path+"/remove", url.Values{"member": {w.ada}}); to == "/held" {
		t.Errorf("a button is held: %v", b.held())
	}
	if to := b.late(path+"/invite", url.Values{"invite": {"ben@example.nhs.uk"}, "member": {w.ada}}); to != "/held" {
		t.Errorf("a form leads to %s", to)
	}
	if rows := b.held(); len(rows) != 3 || rows["Care Identity number or email address"] != "ben@example.nhs.uk" {
		t.Errorf("it is shown as %v", rows)
	}
}
