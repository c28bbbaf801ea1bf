package site_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/guardrail"
	"signpost/internal/dos/outcome"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// Whoever moves waves sees that one was paused by itself, why, and who is locked out, and can undo its start or resume
// it by pages.
func TestAWaveThatAGuardRailPaused(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "leeds", FirstName: "Lee", Email: "leeds@example.nhs.uk"}, path.Require)
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	at := "/waves/" + w.waves[path.Require]
	b.get(at).mustHave(t, "Guard rails", "All hold")
	w.browser().withPassword("leeds", goodPass)
	w.Clock.Advance(40 * time.Minute)
	w.Must(outcome.Watch{DB: w.DB}.Count(t.Context()))
	w.Must(guardrail.Patrol{DB: w.DB, Post: w.Post}.Look(t.Context()))
	b = w.loggedIn("mover2", account.ProgrammeTeam.In(account.Everywhere))
	for _, page := range []string{"/waves", at, at + "/guard-rails"} {
		b.get(page).mustHave(t, "Paused by itself", "People locked out: 1, limit 0")
	}
	b.get(at+"/guard-rails").mustHave(t, "leeds", "Too many")
	for name, tt := range map[string]struct{ people, share, want string }{
		"no number":     {"many", "1", "Enter a number of people"},
		"below none":    {"-1", "1", "Enter a number of people"},
		"nothing":       {"", "1", "Enter a number of people"},
		"no share":      {"5", "x", "Enter a percentage"},
		"more than all": {"5", "101", "Enter a percentage"},
	} {
		got := b.post(at+"/guard-rails", "lock-outs-people", tt.people, "lock-outs-share", tt.share,
			"refusals-people", "5", "refusals-share", "5")
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(webtest.Text(got.body), tt.want) {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	b.post(at+"/guard-rails", "lock-outs-people", "7", "lock-outs-share", "33.3 %", "refusals-people", "5",
		"refusals-share", "5")
	b.get(at+"/guard-rails").mustHave(t, "Limits saved", `value="7"`, `value="33.3"`)
	b.post(at+"/resume", "pause", "They are helped")
	w.Must(guardrail.Patrol{DB: w.DB, Post: w.Post}.Look(t.Context()))
	if got := b.get(at).body; strings.Contains(got, "Paused by itself") {
		t.Error("paused again")
	}
}
