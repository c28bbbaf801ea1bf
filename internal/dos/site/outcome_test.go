package site_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/outcome"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/when"
)

// What came of the move is said with pictures and tables beside them, for the days and the wave of the address; who was
// locked out is a link to their page.
func TestWhatCameOfTheMoveByItsPage(t *testing.T) {
	w := newWorld(t)
	team := append(account.ProgrammeTeam.In(account.Everywhere), account.UserAdministrator.In(account.Everywhere)...)
	b := w.loggedIn("mover", team)
	b.get("/users").mustHave(t, `href="/outcome"`)
	b.get("/outcome?until=1+January+2026").mustHave(t, "Nothing happened on these days")
	a := w.Account(account.New{Username: "winifred", Email: "winifred@example.nhs.uk", Organisation: "RXK",
		PasswordHash: w.Hash}, w.waves[path.Require])
	w.browser().withPassword("winifred", goodPass)
	w.clock.Advance(time.Minute)
	w.Must(outcome.Watch{DB: w.DB}.Count(w.Context()))
	b.get("/outcome").mustHave(t, "Nobody was locked out. That is the target. Somebody is locked out when their wave turns "+
		"them away with the right password, and they neither come in nor link within 30 minutes. Logins that waves "+
		"turned away with the right password: 1.")
	w.clock.Advance(time.Hour)
	w.Must(outcome.Watch{DB: w.DB}.Count(w.Context()))
	b = w.loggedIn("mover2", team)
	w.clock.Advance(time.Minute)
	w.Must(outcome.Watch{DB: w.DB}.Count(w.Context()))
	page := b.get("/outcome")
	page.mustHave(t, `value="`+when.Date(w.DB.Now())+`"`, "<svg", `id="ways-title"`, `href="/users/`+a.ID+`"`,
		"table=lock-outs", `href="/outcome/month?month=`)
	text := webtest.Text(page.body)
	for _, want := range []string{"Times that somebody was locked out: 1. People: 1. The target is 0.",
		"Logins: 3. Successful: 2 of 3.",
		"Password Logins 3 Came in 2 Turned away 1 Share successful 2 of 3",
		"A password, where the wave asks for Care Identity Logins 1", "Nobody raised a ticket.",
		"Nobody linked their account on these days."} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not there: %s", want, text)
		}
	}
	file := b.get("/outcome/file?table=lock-outs")
	if !strings.HasPrefix(file.body, "username,since,until,tries\r\nwinifred,") {
		t.Errorf("the file of lock-outs: %s", file.body)
	}
	other := b.get("/outcome/file?table=logins&wave=" + w.waves[path.Choose]).body
	if !strings.Contains(other, "Password,2,2,0,") {
		t.Errorf("the file of another wave: %s", other)
	}
	for at, want := range map[string]int{"/outcome/file?table=none": http.StatusNotFound,
		"/outcome?from=soon": http.StatusUnprocessableEntity, "/outcome?from=1+January+2020": http.StatusUnprocessableEntity,
		"/outcome?until=1+January+2099": http.StatusUnprocessableEntity,
		"/outcome/file?from=soon":       http.StatusUnprocessableEntity,
		"/outcome/month?month=July":     http.StatusNotFound, "/outcome/month?month=2099-01": http.StatusNotFound} {
		if got := b.get(at); got.status != want {
			t.Errorf("%s: %d", at, got.status)
		}
	}
}

// The report of a month is a page to print, and a file without anybody's name.
func TestTheReportOfAMonthByItsPage(t *testing.T) {
	w := newWorld(t)
	w.Account(account.New{Username: "winifred", Email: "winifred@example.nhs.uk", Organisation: "RXK",
		PasswordHash: w.Hash}, w.waves[path.Require])
	w.browser().withPassword("winifred", goodPass)
	w.clock.Advance(time.Hour)
	w.Must(outcome.Watch{DB: w.DB}.Count(w.Context()))
	b := w.loggedIn("lead", account.DoSLead.In(account.Everywhere))
	page := b.get("/outcome/month")
	page.mustHave(t, "is not over", "winifred", "month/file?month=", "The month before")
	_, after, _ := strings.Cut(page.body, "month/file?month=")
	month := after[:len("2026-11")]
	for _, format := range []string{"", "&format=json"} {
		file := b.get("/outcome/month/file?month=" + month + format)
		if !strings.Contains(file.body, "lock_outs") || strings.Contains(file.body, "winifred") {
			t.Errorf("the file %q: %s", format, file.body)
		}
	}
	if got := b.get("/outcome/month?month=soon"); got.status != http.StatusNotFound ||
		!strings.Contains(got.body, "There is no such month") {
		t.Errorf("a month that is none: %d %s", got.status, webtest.Text(got.body))
	}
	w.sql(`UPDATE session SET state = REPLACE(state, '"How"', '"ByMail":true,"How"')`)
	if got := b.get("/outcome/month"); got.status != http.StatusForbidden {
		t.Errorf("by a password that was set by mail: %d", got.status)
	}
	elsewhere := w.loggedIn("elsewhere", account.DoSLead.In(account.InRegion("south")))
	elsewhere.get("/outcome/month").mustHave(t, "Nothing happened on these days")
	if text := elsewhere.get("/outcome").body; strings.Contains(text, "winifred") {
		t.Error("a lead of another region reads who was locked out")
	}
}

// A shared account that has ended locks nobody out of their own; the page says that such logins are not counted.
func TestEndedSharedAccountsAreNoLockOuts(t *testing.T) {
	w := newWorld(t)
	w.Account(account.New{Username: "team", Email: "team@example.nhs.uk", Kind: account.Shared, PasswordHash: w.Hash},
		w.waves[path.Require])
	w.browser().withPassword("team", goodPass)
	w.clock.Advance(time.Hour)
	w.Must(outcome.Watch{DB: w.DB}.Count(w.Context()))
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	b.get("/outcome").mustHave(t, "Nobody was locked out. That is the target.",
		"shared accounts that have ended, with logins turned away: 1")
}
