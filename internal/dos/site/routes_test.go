package site_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/merge"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
)

// who says who gets to a route.
type who string

const (
	anyone   who = "anyone"   // also who is not logged in; what they see is their own, or in what their link leads to
	loggedIn who = "loggedIn" // everybody who is, about themselves and what all may see
	ofUsers  who = "ofUsers"  // whoever manages users or serves as their desk, each of their own users
	ofLinks  who = "ofLinks"  // whoever reviews links, each of their own users
	over     who = "over"     // whoever may see the account, or change it where the route changes something
	keeps    who = "keeps"    // whoever may change the service
	approves who = "approves" // whoever approves users, each the requests of their own
	invites  who = "invites"  // whoever may invite colleagues
	reports  who = "reports"  // whoever sees reports
	decides  who = "decides"  // whoever may approve the request
	reviews  who = "reviews"  // whoever may review links of the account
	widest   who = "widest"   // whoever manages users everywhere: none of the roles, which are of a region
	byCard   who = "byCard"   // whoever came with their Care Identity, as none of the roles here did
)

// gets says who gets to each route of the site. A new route needs a line.
var gets = map[string]who{
	"GET /assets/": anyone, "GET /{$}": anyone, "GET /help": anyone, "GET /packs/local-it": anyone, "GET /packs/registration-authorities": anyone,
	"GET /failed": anyone, "POST /cancel": anyone,
	"POST /sign-in": anyone, "POST /sign-in/care-identity": anyone, "GET /signin/callback": anyone,
	"GET /sign-in/no-account": anyone, "GET /sign-in/{outcome}": anyone, "GET /signed-out": anyone,
	"GET /sign-out/leave": anyone, "POST /sign-out/everything": anyone, "POST /backchannel-logout": anyone,
	"GET /.well-known/jwks.json": anyone, "GET /session": anyone,
	"GET /forgotten-password": anyone, "POST /forgotten-password": anyone,
	"GET /forgotten-password/code": anyone, "POST /forgotten-password/code": anyone,
	"GET /sign-in/role": anyone, "POST /sign-in/role": anyone, "GET /sign-in/organisation": anyone,
	"POST /sign-in/organisation": anyone,
	"POST /link/claim":           anyone, "GET /link/code": anyone, "POST /link/code": anyone,
	"GET /link/refused/{reason}": anyone,
	"GET /link/names":            anyone, "POST /link/names": anyone, "POST /link/another": anyone,
	"GET /link/confirm": anyone, "GET /link/held": anyone,
	"POST /link/confirm": anyone, "GET /linked": anyone, "GET /undo-link": anyone, "POST /undo-link": anyone,
	"GET /undo-link/code": anyone, "POST /undo-link/code": anyone, "GET /undo-link/done": anyone,
	"POST /account/unlink": anyone, "GET /set-up/{account}/{secret}": anyone, "POST /set-up/{account}/{secret}": anyone,
	"GET /request-account": anyone, "POST /request-account": anyone, "GET /request-account/code": anyone,
	"POST /request-account/code": anyone, "GET /my-request": anyone, "GET /my-request/{id}/{secret}": anyone,
	"POST /my-request/{id}/{secret}": anyone, "POST /my-request/identity": anyone, "POST /my-request/without": anyone,
	"POST /my-request/answer": anyone, "POST /my-request/withdraw": anyone,

	"GET /checklist": loggedIn, "POST /checklist/ask": loggedIn, "POST /checklist/asked": loggedIn,
	"GET /questions": loggedIn, "POST /questions": loggedIn, "GET /link": loggedIn,
	"GET /account": loggedIn, "POST /account/email": loggedIn, "POST /account/phone": loggedIn,
	"GET /account/email/code": loggedIn, "POST /account/email/code": loggedIn, "GET /account/prove": loggedIn,
	"POST /account/prove": loggedIn, "GET /account/activity": loggedIn, "GET /account/sessions": loggedIn,
	"POST /account/sessions/{id}/end": loggedIn, "POST /account/sessions/end-others": loggedIn,
	"GET /services": loggedIn, "GET /services/{id}": loggedIn, "GET /services/{id}/history": loggedIn,
	"GET /sign-out": loggedIn, "POST /sign-out": loggedIn, "GET /another-person": loggedIn, "GET /held": loggedIn,
	"POST /held/drop": loggedIn, "POST /session/stay": loggedIn,

	"GET /users": ofUsers, "GET /users/names": ofLinks, "GET /users/counts": ofUsers, "GET /users/export": ofUsers,
	"GET /users/organisations": ofUsers, "GET /users/{id}/organisation": over, "POST /users/{id}/organisation": over,
	"GET /users/{id}": over, "POST /users/{id}/unlink": over, "POST /users/{id}/relink": over,
	"GET /exceptions": ofUsers, "GET /exceptions/file": ofUsers,
	"GET /users/{id}/exception": over, "POST /users/{id}/exception": over, "POST /users/{id}/exception/ask": over,
	"POST /users/{id}/exception/decide": over, "POST /users/{id}/exception/end": over,
	"GET /account/exception": loggedIn, "POST /account/exception": loggedIn,
	"GET /users/{id}/groups": over, "POST /users/{id}/groups": over, "POST /users/{id}/groups/take": over,
	"POST /users/{id}/end-sessions": over, "POST /users/{id}/unlock": over,
	"POST /users/{id}/next-step-mail": over,
	"POST /users/{id}/deactivate":     over, "POST /users/{id}/reactivate": over,

	"GET /requests/invite/check": invites, "POST /requests/invite/send": invites,
	"GET /requests/invite": invites, "POST /requests/invite": invites, "GET /requests/times": reports,
	"POST /requests/next": approves,
	"GET /who-are-you":    loggedIn, "POST /who-are-you": loggedIn, "POST /who-are-you/later": loggedIn,
	"GET /shared-account/{id}/{secret}": anyone, "POST /shared-account/{id}/{secret}": anyone,
	"GET /shared-accounts": ofUsers, "GET /users/{id}/shared": over, "GET /users/{id}/shared/wall": over, "POST /users/{id}/shared/begin": over,
	"POST /users/{id}/shared/date": over, "POST /users/{id}/shared/confirm": over,
	"POST /users/{id}/shared/reject": over, "POST /users/{id}/shared/merge": over,
	"POST /users/{id}/shared/state": over, "POST /users/{id}/shared/reject-all": over,
	"GET /not-me/{id}/{secret}": anyone, "POST /not-me/{id}/{secret}": anyone,

	"GET /requests": approves, "POST /requests/overdue": approves, "GET /requests/{id}": decides,
	"POST /requests/{id}/look": decides, "POST /requests/{id}/take-over": decides,
	"POST /requests/{id}/approve": decides, "POST /requests/{id}/reject": decides,
	"POST /requests/{id}/question": decides, "POST /requests/{id}/region": decides,
	"POST /requests/{id}/organisation": decides,

	"GET /mailings": ofUsers, "GET /mailings/new": ofUsers, "POST /mailings/new": ofUsers, "GET /mailings/{id}": ofUsers,
	"POST /mailings/{id}/send": ofUsers, "POST /mailings/{id}/stop": ofUsers, "POST /mailings/{id}/reason": ofUsers,
	"GET /still-works/{account}/{secret}": anyone, "POST /still-works/{account}/{secret}": anyone,
	"GET /still-works/{account}/{secret}/yes": anyone,
	"GET /reminders/{account}/{secret}":       anyone, "POST /reminders/{account}/{secret}": anyone,
	"GET /reminders/{account}/{secret}/stop": anyone, "POST /reminders/{account}/{secret}/stop": anyone,
	"POST /mailings/{id}/test": ofUsers, "POST /mailings/{id}/letters": ofUsers,
	"GET /mailings/{id}/letters/{file}": ofUsers, "POST /mailings/{id}/letters/{file}/posted": ofUsers,
	"GET /mailings/{id}/correct": ofUsers, "POST /mailings/{id}/correct": ofUsers,

	"GET /merges": ofUsers, "GET /users/{id}/merge": over, "GET /users/{id}/merge/{other}": over,
	"POST /users/{id}/merge/{other}": over, "GET /merges/{id}": over, "POST /merges/{id}/do": over,
	"POST /merges/{id}/withdraw": over, "POST /merges/{id}/undo": over,
	"GET /account/merge": loggedIn, "POST /account/merge/send": loggedIn, "POST /account/merge/decline": loggedIn,
	"GET /account/merge/code": loggedIn, "POST /account/merge/code": loggedIn,
	"GET /emergency-rights": loggedIn, "GET /emergency-rights/ask": byCard, "POST /emergency-rights/ask": byCard,
	"GET /emergency-rights/{id}": over, "POST /emergency-rights/{id}/open": over,
	"POST /emergency-rights/{id}/decline": over, "POST /emergency-rights/{id}/end": over,
	"POST /emergency-rights/{id}/review": over,

	"GET /link-reviews": ofLinks, "GET /link-reviews/{id}": reviews, "POST /link-reviews/{id}/decide": reviews,

	"GET /help/ticket": anyone, "POST /help/ticket": anyone, "GET /help/ticket/sent": anyone,
	"GET /my-ticket/{id}/{secret}": anyone, "POST /my-ticket/{id}/{secret}": anyone, "GET /my-ticket/code": anyone,
	"POST /my-ticket/code": anyone, "GET /my-ticket": anyone, "POST /my-ticket/reply": anyone,
	"GET /my-ticket/files/{file}": anyone, "GET /tickets/{id}/files/{file}": decides,
	"POST /my-ticket/open": loggedIn,

	"GET /tickets": ofUsers, "GET /tickets/new": ofUsers, "POST /tickets/new": ofUsers, "GET /tickets/{id}": decides,
	"POST /tickets/{id}/work": decides, "POST /tickets/{id}/unmerge": decides,

	"GET /outcome": reports, "GET /outcome/file": reports, "GET /outcome/month": reports,
	"GET /outcome/month/file": reports,
	"GET /board":              reports, "GET /board/wall": reports, "GET /simulation": widest, "GET /forecast": widest, "POST /simulation": widest,
	"GET /banners": widest, "GET /banners/new": widest, "POST /banners/new": widest, "GET /banners/{id}": widest,
	"POST /banners/{id}/up": widest, "POST /banners/{id}/down": widest,
	"GET /banners/{id}/change": widest, "POST /banners/{id}/change": widest, "POST /banners/{id}/discard": widest,
	"GET /waves/{id}/others": widest, "GET /waves/{id}/others/check": widest, "POST /waves/{id}/others/check": widest,
	"GET /waves/{id}/guidance": widest, "GET /waves/{id}/guidance/file": widest,
	"POST /waves/{id}/guidance/days": widest, "POST /waves/{id}/guidance/pass": widest,
	"POST /waves/{id}/guidance/mail": widest, "POST /waves/{id}/guidance/allowance": widest,
	"POST /checklist/later": loggedIn,
	"GET /waves":            widest, "GET /waves/new": widest, "POST /waves/new": widest, "GET /waves/{id}": widest,
	"POST /waves/{id}/dates": widest, "POST /waves/{id}/accounts": widest, "POST /waves/{id}/phase/{phase}": widest,
	"GET /waves/{id}/accounts": widest, "GET /waves/{id}/phase": widest,
	"GET /waves/{id}/phase/{phase}": widest,
	"POST /waves/{id}/pause":        widest, "POST /waves/{id}/resume": widest, "GET /waves/{id}/starts/{start}": widest,
	"POST /waves/{id}/starts/{start}/undo": widest,
	"GET /waves/{id}/mirrors":              widest, "POST /waves/{id}/mirrors": widest,
	"GET /waves/{id}/mirrors/{mirror}": widest, "POST /waves/{id}/mirrors/{mirror}/cancel": widest,
	"GET /waves/{id}/guard-rails": widest, "POST /waves/{id}/guard-rails": widest,

	"GET /aliases": ofUsers, "GET /aliases/{id}": ofUsers, "GET /aliases/new": widest, "POST /aliases/new": widest,
	"POST /aliases/{id}/sign": widest, "POST /aliases/{id}/withdraw": widest,

	"GET /email-drift": ofUsers, "GET /email-drift/export": ofUsers, "GET /email-drift/{id}": over,
	"POST /email-drift/{id}/decide": over, "POST /email-drift/{id}/compare": over,

	"GET /services/{id}/capacity": keeps, "POST /services/{id}/capacity": keeps,
	"POST /services/{id}/capacity/now": keeps, "GET /services/{id}/hours": keeps, "POST /services/{id}/hours": keeps,
}

// What somebody gets at a route.
const (
	in      = "in"      // there, if what they sent is right
	login   = "login"   // the page to log in
	refused = "refused" // not theirs, or not there for them
)

// gotBy says what an answer to somebody in a role is. The first page is also where people log in.
func (p page) gotBy(role string, what who) string {
	switch {
	case p.status == http.StatusForbidden, what == decides && p.status == http.StatusNotFound:
		return refused
	case p.status == http.StatusUnauthorized:
		return login
	case role == "nobody" && p.status == http.StatusSeeOther && p.location == "/":
		return login
	}
	return in
}

// wants says what each role gets to the routes of somebody. The roles are about an account and a service in the north:
// only the administrator of the north may everything.
var wants = map[who]map[string]string{
	approves: {"nobody": login, "search-only": refused, "provider": refused, "south": in, "taken": refused,
		"lead": refused, "north": in},
	invites: {"nobody": login, "search-only": refused, "provider": refused, "south": in, "taken": refused,
		"lead": in, "north": in},
	reports: {"nobody": login, "search-only": refused, "provider": refused, "south": in, "taken": refused,
		"lead": in, "north": in},
	decides: {"nobody": login, "search-only": refused, "provider": refused, "south": refused, "taken": refused,
		"lead": refused, "north": in},
	loggedIn: {"nobody": login, "search-only": in, "provider": in, "south": in, "taken": in,
		"lead": in, "north": in},
	ofUsers: {"nobody": login, "search-only": refused, "provider": refused, "south": in, "taken": refused,
		"lead": refused, "north": in},
	ofLinks: {"nobody": login, "search-only": refused, "provider": refused, "south": in, "taken": refused,
		"lead": refused, "north": in},
	over: {"nobody": login, "search-only": refused, "provider": refused, "south": refused, "taken": refused,
		"lead": refused, "north": in},
	reviews: {"nobody": login, "search-only": refused, "provider": refused, "south": refused, "taken": refused,
		"lead": refused, "north": in},
	widest: {"nobody": login, "search-only": refused, "provider": refused, "south": refused, "taken": refused,
		"lead": refused, "north": refused},
	byCard: {"nobody": login, "search-only": refused, "provider": refused, "south": refused, "taken": refused,
		"lead": refused, "north": refused},
	keeps: {"nobody": login, "search-only": refused, "provider": refused, "south": refused, "taken": refused,
		"lead": in, "north": in},
}

// countryside is what the roles of the routes are about.
type countryside struct {
	*world
	north, south, service string
	made                  int
}

func (w *world) countryside() *countryside {
	c := &countryside{world: w}
	w.update(func(ctx context.Context, u *db.W) error {
		for name, id := range map[string]*string{"North": &c.north, "South": &c.south} {
			s, err := directory.Add(ctx, u, directory.Service{Name: name, Type: directory.RegionType}, "")
			if err != nil {
				return err
			}
			*id = s.ID
		}
		s, err := directory.Add(ctx, u,
			directory.Service{Name: "Northern Pharmacy", Type: 13, ODSCode: "FXX01", Parent: c.north}, "")
		c.service = s.ID
		return err
	})
	return c
}

func (c *countryside) member(role, region, organisation string, grants account.Grants) account.Account {
	c.made++
	username := fmt.Sprintf("%s%d", role, c.made)
	return c.account(account.New{Username: username, FirstName: "Sam", Email: username + "@example.nhs.uk",
		Region: region, Organisation: organisation, Grants: grants}, path.Choose)
}

// browserOf gives a browser of somebody new in a role. A right that is taken away goes after they have logged in.
func (c *countryside) browserOf(role string) *browser {
	c.Helper()
	b := c.browser()
	c.made++
	b.Address = fmt.Sprintf("10.1.%d.%d:1234", c.made/250, c.made%250+1)
	var a account.Account
	switch role {
	case "nobody":
		return b
	case "search-only":
		a = c.member("search", c.north, "FXX01", nil)
	case "provider":
		a = c.member("provider", c.north, "FXX02", account.ProviderUser.In(account.OwnOrganisation))
	case "south":
		a = c.member("south", c.south, "ZS1", account.UserAdministrator.In(account.InRegion(c.south)))
	case "lead":
		a = c.member("lead", c.north, "ZN1", account.DoSLead.In(account.InRegion(c.north)))
	case "north", "taken":
		a = c.member(role, c.north, "ZN1", account.UserAdministrator.In(account.InRegion(c.north)))
	}
	if got := b.withPassword(a.Username, goodPass); got.status != http.StatusSeeOther {
		c.Fatalf("%s cannot log in: %d", role, got.status)
	}
	if role == "taken" {
		c.update(func(ctx context.Context, u *db.W) error {
			_, err := u.Exec(ctx, `DELETE FROM account_grant WHERE account_id = $1`, a.ID)
			return err
		})
	}
	return b
}

const insertRequest = `INSERT INTO request (id, state, first_name, last_name, email, email_key, phone, organisation,
	profession, region, reason, asked_by, invited_by, own_digest, created_at, confirmed_at)
	VALUES ($1, 'open', 'Nia', 'New', $1 || '@nhs.example', $1 || '@nhs.example', '', 'FXX01', 'nurse', $2, 'reason',
	'', '', $3, $4, $4)`

// request sends a browser to a route, about an account that was made for it.
func (c *countryside) request(b *browser, route web.Route) page {
	c.Helper()
	method, at, _ := strings.Cut(route.Pattern, " ")
	id := c.service
	into := ""
	if strings.HasPrefix(at, "/requests/") {
		c.made++
		id = fmt.Sprintf("request%d", c.made)
		c.update(func(ctx context.Context, u *db.W) error {
			_, err := u.Exec(ctx, insertRequest, id, c.north, []byte(id), u.Now())
			return err
		})
	}
	if strings.HasPrefix(at, "/users/") || strings.HasPrefix(at, "/email-drift/") {
		id = c.member("target", c.north, "FXX01", account.ProviderUser.In(account.OwnOrganisation)).ID
	}
	if strings.HasPrefix(at, frame.EmergencyPage+"/{id}") {
		id = c.emergencyOf(c.member("target", c.north, "FXX01", nil), account.InRegion(c.north), stateFor(at))
	}
	if strings.HasPrefix(at, "/link-reviews/") {
		id = c.waits(c.member("target", c.north, "FXX01", nil).Username)
	}
	if strings.HasPrefix(at, "/aliases/{id}") {
		c.made++
		id = c.proposedAlias(fmt.Sprintf("trust%d.nhs.uk", c.made))
	}
	if strings.HasPrefix(at, "/tickets/{id}") {
		target := c.member("target", c.north, "FXX01", nil)
		id = c.ticketOf(target).ID
		into = c.ticketOf(target).ID
		at = strings.ReplaceAll(at, "{file}", c.fileOf(id))
		if strings.HasSuffix(at, "/unmerge") {
			c.merged(id, into)
		}
	}
	if strings.HasPrefix(at, "/merges/") {
		c.made++
		id = c.merging(c.made, c.north, merge.Proposed).id
	}
	if strings.Contains(at, "{other}") {
		at = strings.ReplaceAll(at, "{other}", c.member("other", c.north, "FXX01", nil).ID)
	}
	at = strings.ReplaceAll(at, "{id}", id)
	if method == http.MethodGet {
		return b.get(at)
	}
	return b.post(at, "group", "provider-user", "where", "own-organisation:", "reason", "why", "deactivation", "why",
		"unlock", "why", "ending", "why", "cause", "why",
		"reactivation", "why", "decision", "refuse", "text", "why", "then", "waiting", "note", "why", "state", "open",
		"priority", "1", "category", "other", "into", into,
		"status", "GREEN", "lasts", "0", "always", "now")
}

// Each route gives each role what the table says, and no more.
func TestEveryRouteSaysWhoGetsThere(t *testing.T) {
	w := newWorld(t)
	c := w.countryside()
	tried := 0
	for _, route := range w.site.Routes() {
		what, known := gets[route.Pattern]
		if !known {
			t.Errorf("%s: say in this test who gets there", route.Pattern)
			continue
		}
		if (what == anyone) != (route.Guard == "anyone") {
			t.Errorf("%s is for %s and guarded by %q", route.Pattern, what, route.Guard)
		}
		for role, want := range wants[what] {
			tried++
			answer := c.request(c.browserOf(role), route)
			if answer.status >= http.StatusInternalServerError && answer.status != http.StatusServiceUnavailable {
				t.Errorf("%s, %s: %d", route.Pattern, role, answer.status)
			}
			if got := answer.gotBy(role, what); got != want {
				t.Errorf("%s, %s: %s (%d to %q), want %s", route.Pattern, role, got, answer.status, answer.location,
					want)
			}
		}
	}
	t.Logf("tried %d", tried)
	if tried < 100 {
		t.Error("too few were tried")
	}
}
