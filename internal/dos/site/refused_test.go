package site_test

import (
	"net/url"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// Every form that is refused gives a reference, which the desk finds.
func TestEveryRefusedFormHasAReference(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{
		Username: "all", FirstName: "Al", Email: "al@example.nhs.uk", Organisation: "FXX01",
		Grants: account.Everywhere.Of(account.ManageUsers, account.ApproveUser, account.InviteUser, account.ReviewLinks,
			account.BreakGlass, account.EditCapacity, account.EditService, account.ManageWaves,
			account.WorkTickets, account.ServiceDesk),
	}, path.Choose)
	all := w.browser()
	all.withPassword("all", goodPass)
	desk := w.browser() // from an address of its own, as each may ask only so often
	desk.Address = "198.51.100.9:1234"
	desk.withPassword("all", goodPass)
	by := func(b *browser, at string, typed ...string) webtest.Refused {
		return func(testing.TB) string { return b.post(at, typed...).body }
	}
	onTheWay := func(at string, typed ...string) webtest.Refused {
		return func(testing.TB) string { return w.underWay(at, w.browser().Address).post(at, typed...).body }
	}
	afterwards := func(b *browser, first string, typed []string, then webtest.Refused) webtest.Refused {
		return func(t testing.TB) string {
			b.post(first, typed...)
			return then(t)
		}
	}
	w.Account(account.New{Username: "unplaced", Email: "unplaced@example.nhs.uk"}, "")
	taken := w.proposedAlias("taken.nhs.uk")
	all.post("/aliases/" + taken + "/sign") // twice is once too often
	undoes := w.browser()
	webtest.CheckReferences(t, w.site, w.orMailings(all, w.orMerges(all, w.orShared(w.orRequests(all, map[string]webtest.Refused{
		"POST /sign-in":                        by(w.browser(), "/sign-in", "username", "ada", "password", "wrong"),
		"POST /sign-in/care-identity":          nil,
		"POST /still-works/{account}/{secret}": by(w.browser(), "/still-works/nobody/nothing"),
		"POST /reminders/{account}/{secret}":   by(w.browser(), "/reminders/nobody/nothing"),
		"POST /held/drop":                      nil, // discards what is there
		"POST /forgotten-password":             func(testing.TB) string { return tooOftenAt(w.browser(), "/forgotten-password") },
		"POST /forgotten-password/code": onTheWay("/forgotten-password/code", "code", "KDF7 2M9X",
			"password", "a long secret one"),
		"POST /sign-in/role":         by(w.browser(), "/sign-in/role", "role", "500000000033"),
		"POST /sign-in/organisation": by(w.browser(), "/sign-in/organisation", "organisation", "RXK"),
		"POST /users/{id}/organisation": by(all, "/users/nobody/organisation", "organisation", "RXK", "belongs", "yes",
			"reason", "known"),
		"POST /link/claim": onTheWay("/link/claim", "username", "ada", "password", "wrong"),
		"POST /link/code":  onTheWay("/link/code", "username", "ada", "code", "KDF7 2M9X"),
		"POST /questions":  nil,

		"POST /checklist/ask":   nil,
		"POST /checklist/asked": nil,

		"POST /set-up/{account}/{secret}": by(w.browser(), "/set-up/nobody/nothing"),
		"POST /link/names":                by(w.browser(), "/link/names"),
		"POST /link/another":              by(w.browser(), "/link/another"),
		"POST /link/confirm":              by(w.browser(), "/link/confirm", "code", "KDF7 2M9X"),
		"POST /undo-link":                 func(testing.TB) string { return tooOften(w.browser()) },
		"POST /undo-link/code": afterwards(undoes, "/undo-link", []string{"username", "nobody"},
			by(undoes, "/undo-link/code", "code", "KDF7 2M9X")),
		"POST /account/email": by(all, "/account/email", "email", "reception@example.nhs.uk"),
		"POST /account/email/code": afterwards(all, "/account/email", []string{"prove", "present"},
			by(all, "/account/email/code", "code", "KDF7 2M9X")),
		"POST /account/sessions/{id}/end":   nil,
		"POST /account/sessions/end-others": nil,
		"POST /account/phone":               by(all, "/account/phone", "phone", "extension 12"),
		"POST /account/unlink":              by(all, "/account/unlink"),
		"POST /account/prove":               by(all, "/account/prove", "password", "wrong"),
		"POST /users/{id}/unlink":           by(all, "/users/nobody/unlink", "reason", "not theirs"),
		"POST /users/{id}/relink":           by(all, "/users/nobody/relink"),
		"POST /users/{id}/exception":        by(all, "/users/nobody/exception", "reason", "late"),
		"POST /users/{id}/exception/ask":    by(all, "/users/nobody/exception/ask", "days", "9", "cause", "late"),
		"POST /users/{id}/exception/end":    by(all, "/users/nobody/exception/end"),
		"POST /users/{id}/exception/decide": by(all, "/users/nobody/exception/decide", "approve", "yes", "answer", "late"),
		"POST /account/exception":           nil,
		"POST /users/{id}/groups":           by(all, "/users/nobody/groups", "group", "provider-user", "where", "everywhere:"),
		"POST /users/{id}/groups/take": by(all, "/users/nobody/groups/take", "group", "provider-user", "where",
			"everywhere:"),
		"POST /users/{id}/end-sessions":   by(all, "/users/nobody/end-sessions", "ending", "left the screen"),
		"POST /users/{id}/unlock":         by(all, "/users/nobody/unlock", "unlock", "forgot"),
		"POST /users/{id}/next-step-mail": by(all, "/users/nobody/next-step-mail"),
		"POST /users/{id}/deactivate":     by(all, "/users/nobody/deactivate", "deactivation", "left"),
		"POST /users/{id}/reactivate":     by(all, "/users/nobody/reactivate", "reactivation", "came back"),
		"POST /link-reviews/{id}/decide": by(all, "/link-reviews/"+w.waits("all")+"/decide", "decision", "approve",
			"reason", "It is me"),
		"POST /simulation":           nil,
		"POST /banners/new":          nil,
		"POST /banners/{id}/up":      by(all, "/banners/none/up"),
		"POST /banners/{id}/down":    by(all, "/banners/none/down"),
		"POST /banners/{id}/discard": by(all, "/banners/none/discard"),
		"POST /banners/{id}/change": by(all, "/banners/none/change", "text", "Off tonight", "wave", "all",
			"until", "24 November 2026", "until_time", "11pm"),
		"POST /waves/new":                nil,
		"POST /waves/{id}/dates":         by(all, "/waves/none/dates"),
		"POST /waves/{id}/accounts":      by(all, "/waves/"+w.waves[path.Require]+"/accounts", "which", "all"),
		"POST /waves/{id}/phase/{phase}": by(all, "/waves/none/phase/choose", "reason", "known"),
		"POST /waves/{id}/pause":         by(all, "/waves/none/pause", "pause", "too early"),
		"POST /waves/{id}/resume":        by(all, "/waves/none/resume", "pause", "over"),
		"POST /waves/{id}/others/check": by(all, "/waves/none/others/check", "which", "all", "into", "x",
			"reason", "known"),
		"POST /waves/{id}/guidance/days":      by(all, "/waves/none/guidance/days", "days", "7", "reason", "known"),
		"POST /waves/{id}/guidance/pass":      by(all, "/waves/none/guidance/pass", "into", "x", "cause", "late"),
		"POST /waves/{id}/guidance/allowance": by(all, "/waves/none/guidance/allowance", "allowance", "7", "why", "x"),
		"POST /checklist/later":               by(all, "/checklist/later"),
		"POST /waves/{id}/guidance/mail":      by(all, "/waves/none/guidance/mail"),

		"POST /waves/{id}/mirrors": by(all, "/waves/none/mirrors", "from", "1 January 2036",
			"days", "1"),
		"POST /waves/{id}/mirrors/{mirror}/cancel": by(all, "/waves/none/mirrors/none/cancel"),

		"POST /waves/{id}/guard-rails": by(all, "/waves/none/guard-rails", "lock-outs-people", "5",
			"lock-outs-share", "1", "refusals-people", "5", "refusals-share", "1"),

		"POST /waves/{id}/starts/{start}/undo": by(all, "/waves/none/starts/none/undo", "reason", "too early"),
		"POST /aliases/new":                    by(all, "/aliases/new", "one", "nhs.net", "other", "taken.nhs.uk", "reason", "known"),
		"POST /aliases/{id}/sign":              by(all, "/aliases/"+taken+"/sign"),
		"POST /aliases/{id}/withdraw":          nil,
		"POST /emergency-rights/ask": by(all, "/emergency-rights/ask", "where", "everywhere:", "reason",
			"Flood in the clinic"),
		"POST /emergency-rights/{id}/open":    by(all, "/emergency-rights/none/open"),
		"POST /emergency-rights/{id}/decline": by(all, "/emergency-rights/none/decline"),
		"POST /emergency-rights/{id}/end":     by(all, "/emergency-rights/none/end"),
		"POST /emergency-rights/{id}/review": by(all, "/emergency-rights/none/review", "decision", "right", "finding",
			"Everything was right"),
		"POST /email-drift/{id}/decide":    nil,
		"POST /email-drift/{id}/compare":   nil,
		"POST /services/{id}/capacity":     by(all, "/services/none/capacity", "status", "GREEN", "lasts", "0"),
		"POST /services/{id}/capacity/now": by(all, "/services/none/capacity/now", "status", "GREEN"),
		"POST /services/{id}/hours":        by(all, "/services/none/hours", "always", "now"),
		"POST /cancel":                     nil,
		"POST /help/ticket":                func(testing.TB) string { return w.tooManyTickets() },
		"POST /my-ticket/{id}/{secret}":    by(w.browser(), "/my-ticket/none/nothing"),
		"POST /my-ticket/code": func(testing.TB) string {
			b, at := w.ticketForm(all, "/my-ticket/code")
			return b.post(at, "code", "KDF7 2M9X").body
		},
		"POST /my-ticket/reply":      by(w.browser(), "/my-ticket/reply", "text", "hello"),
		"POST /my-ticket/open":       by(all, "/my-ticket/open", "ticket", "none"),
		"POST /tickets/new":          nil,
		"POST /tickets/{id}/work":    by(all, "/tickets/none/work", "note", "hello", "save-note", "yes"),
		"POST /tickets/{id}/unmerge": by(all, "/tickets/none/unmerge"),
	})))), func(route web.Route) (*webtest.Browser, string) {
		if _, at, _ := strings.Cut(route.Pattern, " "); strings.HasPrefix(at, "/who-are-you") {
			b := w.browser()
			b.withPassword("reception", goodPass)
			return b.Browser, at
		}
		return all.Browser, strings.NewReplacer("POST ", "", "{id}", "none").Replace(route.Pattern)
	}, func(reference string) bool {
		return strings.Contains(desk.get("/users?q="+url.QueryEscape(reference)).body, "Tell the caller")
	})
}

// The refusals of an account say where each came from.
func TestRefusalsOfAnAccountSayWhereTheyCameFrom(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{
		Username: "all", FirstName: "Al", Email: "al@example.nhs.uk",
		Grants: account.Everywhere.Of(account.ManageUsers, account.ApproveUser, account.InviteUser, account.ReviewLinks),
	}, path.Choose)
	all := w.browser()
	all.withPassword("all", goodPass)
	stranger := w.browser()
	stranger.Address = "198.51.100.7:1234"
	stranger.withPassword("ada", "wrong")
	shown := webtest.Text(all.get("/users/" + w.ada.ID).body)
	for _, want := range []string{"When What happened Tell the caller", "198.51.100.0/24"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the account's page lacks %q: %s", want, shown)
		}
	}
}
