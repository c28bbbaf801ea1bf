package site_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// Whoever saves something hears what is known of it: that nothing was changed, or that nobody can tell, with a link to
// where they can see it.
func TestWhatIsSaidOfAnOutcome(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.withPassword("ada", goodPass)
	w.Settle()
	asked := func() int64 { return w.count(`SELECT COUNT(*) FROM event WHERE kind = 'account.email-asked'`) }
	save := func(moment db.Moment) page {
		mend := dbtest.Break(t, w.DB, dbtest.At(moment))
		defer mend()
		return b.post("/account/email", "email", "ada.new@example.nhs.uk")
	}
	before := asked()
	got := save(db.Committing)
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "Nothing you entered was changed") {
		t.Errorf("before the commit: %d %s", got.status, got.body)
	}
	if asked() != before {
		t.Error("something was changed")
	}
	got = save(db.Committed)
	for _, want := range []string{"We cannot tell whether it was saved", `href="/account"`, "nothing is done twice"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("after the commit, no %s: %d %s", want, got.status, got.body)
		}
	}
	if strings.Contains(got.body, "Nothing you entered") || got.status != http.StatusGatewayTimeout {
		t.Errorf("after the commit: %d %s", got.status, got.body)
	}
}

// A form of which nobody could tell whether it was saved is done once, however often it is sent again. One that was not
// saved is.
func TestAFormIsDoneOnceThoughItsAnswerWasLost(t *testing.T) {
	for _, tt := range []struct {
		name   string
		moment db.Moment
		status int
		again  bool // the answer never reached the browser, which sends the form again as it loads a page anew
		saved  int64
		says   string
	}{
		{"after it was saved", db.Committed, http.StatusGatewayTimeout, false, 1, "nothing is done twice"},
		{"after it was saved, with no answer", db.Committed, http.StatusGatewayTimeout, true, 1, ""},
		{"before it was saved", db.Committing, http.StatusServiceUnavailable, true, 0, "Nothing you entered was changed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			b := w.browser()
			b.withPassword("ada", goodPass)
			w.Settle()
			const asked = `SELECT COUNT(*) FROM event WHERE kind = 'account.email-asked'`
			const path = "/account/email"
			before := w.count(asked)
			form := webtest.Form("email", "ada.new@example.nhs.uk",
				web.SealField, webtest.SealOf(b.get("/account").body, path))
			mend := dbtest.Break(t, w.DB, dbtest.At(tt.moment))
			first := b.do(http.MethodPost, path, form)
			mend()
			if w.count(asked)-before != tt.saved || first.status != tt.status ||
				!strings.Contains(first.body, tt.says) {
				t.Fatalf("the first time: %d, saved %d: %s", first.status, w.count(asked)-before, first.body)
			}
			repeat := webtest.Request(http.MethodPost, home+path, form)
			if tt.again {
				delete(b.cookies, "__Host-unsure")
				repeat.Header.Set("Cache-Control", "max-age=0")
			}
			got := b.Do(repeat)
			if got.Code != http.StatusSeeOther || w.count(asked)-before != 1 {
				t.Fatalf("sent again: %d, saved %d times: %s", got.Code, w.count(asked)-before, got.Body)
			}
			page := b.get(got.Header().Get("Location")).body
			if said := strings.Contains(page, "It was not done again"); said != (tt.saved == 1) {
				t.Errorf("that it was saved before is said: %v: %s", said, page)
			}
		})
	}
}

// Whoever fills the same page in otherwise after an answer that said nothing sends another request.
func TestAnotherFormIsNoRepeat(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.withPassword("ada", goodPass)
	w.Settle()
	const path = "/account/email"
	seal := webtest.SealOf(b.get("/account").body, path)
	send := func(email string) page {
		return b.do(http.MethodPost, path, webtest.Form("email", email, web.SealField, seal))
	}
	mend := dbtest.Break(t, w.DB, dbtest.At(db.Committed))
	send("ada.new@example.nhs.uk")
	mend()
	send("ada.newer@example.nhs.uk")
	if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = 'account.email-asked'`); n != 2 {
		t.Errorf("saved %d times, want 2", n)
	}
}
