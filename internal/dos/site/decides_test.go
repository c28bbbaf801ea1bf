package site_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/alias"
	"signpost/internal/dos/merge"
	cases "signpost/internal/dos/shared"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

// aDecision is a form that decides about what others say or do, which they can change while somebody looks at it.
type aDecision struct {
	open   func(w *world, by *browser) (at string) // gives the form's path, where there is something to decide
	change func(w *world)
	typed  map[string]string
}

// decisions are all such forms, by their routes.
var decisions = map[string]aDecision{
	"POST /requests/{id}/approve": {
		open: func(w *world, by *browser) string { return "/requests/" + w.requestToDecide(by, 1) + "/approve" },
		change: func(w *world) {
			w.sql(`UPDATE request SET last_name = 'Another' WHERE state <> 'unconfirmed'`)
		},
		typed: map[string]string{"group": "search-only"},
	},
	"POST /link-reviews/{id}/decide": {
		open:   func(w *world, _ *browser) string { return "/link-reviews/" + w.waits("bo") + "/decide" },
		change: func(w *world) { w.sql(`UPDATE link_review SET kinds = 'recycled,ambiguous'`) },
		typed:  map[string]string{"decision": "refuse"},
	},
	"POST /users/{id}/organisation": {
		open: func(w *world, _ *browser) string {
			w.claims(w.byUsername("bo").ID, "RXK")
			return "/users/" + w.byUsername("bo").ID + "/organisation"
		},
		change: func(w *world) { w.claims(w.byUsername("bo").ID, "RYY") },
	},
	"POST /users/{id}/shared/confirm": {open: openClaims("/confirm"), change: anotherName},
	"POST /users/{id}/shared/reject":  {open: openClaims("/reject"), change: anotherName},
	"POST /users/{id}/shared/merge": {
		open: func(w *world, by *browser) string {
			at := openClaims("/merge")(w, by)
			team := w.byUsername("reception")
			ben := picked(w, w.sharers(team)[1])
			w.Must(w.sharedCases().Confirm(w.Context(), w.of("all"), team.ID, ben))
			return at
		},
		change: anotherName,
	},
	"POST /users/{id}/shared/reject-all": {
		open: func(w *world, by *browser) string {
			at := openClaims("/reject-all")(w, by)
			w.fill()
			return at
		},
		change: func(w *world) { w.sql(`UPDATE shared_claim SET made_at = made_at + 3600000`) },
	},
	"POST /merges/{id}/do": {
		open:   func(w *world, _ *browser) string { return "/merges/" + w.merging(1, "", merge.Confirmed).id + "/do" },
		change: anotherNameOfTwin,
	},
	"POST /merges/{id}/undo": {
		open:   func(w *world, _ *browser) string { return "/merges/" + w.merging(1, "", merge.Done).id + "/undo" },
		change: anotherNameOfTwin,
	},
	"POST /aliases/{id}/sign": {
		open: func(w *world, _ *browser) string { return "/aliases/" + w.proposedAlias("trust.nhs.uk") + "/sign" },
		change: func(w *world) {
			table := alias.Table{DB: w.DB, Post: w.Post}
			typed := alias.Typed{One: "trust.nhs.uk", Other: "other.nhs.uk", Reason: "One trust"}
			worldtest.Must(table.Propose(w.Context(), w.of("firsttrustnhsuk"), typed))(w)
		},
	},
	"POST /email-drift/{id}/decide": {
		open: func(w *world, _ *browser) string {
			w.differs(w.byUsername("bo"), "bo.example@nhs.net")
			return "/email-drift/" + w.byUsername("bo").ID + "/decide"
		},
		change: func(w *world) { w.differs(w.byUsername("bo"), "robert.example@nhs.net") },
		typed:  map[string]string{"state": "left"},
	},
	"POST /waves/{id}/phase/{phase}": {
		open: func(w *world, by *browser) string {
			return by.post("/waves/new", "name", "Leeds").location + "/phase/choose"
		},
		change: func(w *world) {
			w.sql(`UPDATE wave_member SET wave_id = (SELECT id FROM wave WHERE name = 'Leeds')`)
		},
		typed: map[string]string{"reason": "Everybody was told"},
	},
	"POST /waves/{id}/starts/{start}/undo": {
		open: func(w *world, _ *browser) string { return w.started() + "/undo" },
		change: func(w *world) {
			w.sql(`INSERT INTO wave_member (account_id, wave_id) SELECT 'late', wave_id FROM wave_start`)
		},
		typed: map[string]string{"reason": "Too early"},
	},
}

// notDecisions are the other forms of administrators, each with why it need not name what its page showed.
var notDecisions = map[string]string{
	"POST /simulation":                          "keeps a result, and decides nothing",
	"POST /banners/new":                         "is seen by nobody until it is put up",
	"POST /banners/{id}/up":                     "names the message, which never changes",
	"POST /banners/{id}/down":                   "takes away",
	"POST /banners/{id}/change":                 "is seen by nobody until it is put up",
	"POST /banners/{id}/discard":                "takes away what nobody saw",
	"POST /waves/new":                           "is the programme team's own",
	"POST /waves/{id}/dates":                    "is the programme team's own",
	"POST /waves/{id}/guidance/days":            "begins nothing by itself",
	"POST /waves/{id}/guidance/allowance":       "is the programme team's own",
	"POST /waves/{id}/guidance/pass":            "leaves everybody in the phase in which they are",
	"POST /waves/{id}/others/check":             "stops and begins nobody’s password",
	"POST /waves/{id}/guidance/mail":            "prepares a mail, which is looked at before it is sent",
	"POST /waves/{id}/guard-rails":              "is the programme team's own",
	"POST /waves/{id}/pause":                    "stops what others would begin, and lets nobody in or out",
	"POST /waves/{id}/resume":                   "begins nothing by itself",
	"POST /waves/{id}/accounts":                 "is the programme team's own",
	"POST /requests/overdue":                    "rejects by the rule alone, whatever is shown",
	"POST /requests/next":                       "decides nothing",
	"POST /requests/{id}/look":                  "decides nothing",
	"POST /requests/{id}/take-over":             "decides nothing",
	"POST /requests/{id}/reject":                "gives nothing: the asker reads why, and can ask again",
	"POST /requests/{id}/question":              "gives nothing",
	"POST /requests/{id}/region":                "gives nothing",
	"POST /requests/{id}/organisation":          "gives nothing",
	"POST /requests/invite":                     "is the sender's own text",
	"POST /requests/invite/send":                "is the sender's own text",
	"POST /tickets/new":                         "raises a ticket",
	"POST /tickets/{id}/work":                   "comes back where the ticket is not what its page showed",
	"POST /tickets/{id}/unmerge":                "gives back what was before",
	"POST /mailings/new":                        "is the sender's own text",
	"POST /mailings/{id}/send":                  "is the sender's own text",
	"POST /mailings/{id}/stop":                  "gives nothing",
	"POST /mailings/{id}/letters":               "makes what is looked at before it is posted",
	"POST /mailings/{id}/letters/{file}/posted": "says what its sender has done",
	"POST /mailings/{id}/test":                  "mails the sender alone",
	"POST /mailings/{id}/reason":                "is the stopper's own text",
	"POST /mailings/{id}/correct":               "prepares a mail, which is looked at before it is sent",
	"POST /users/{id}/end-sessions":             "ends sessions, which begin again with a log-in",
	"POST /users/{id}/unlock":                   "gives nothing but more tries",
	"POST /users/{id}/next-step-mail":           "mails the account that it names",
	"POST /users/{id}/unlink":                   "takes away, by a name that stays",
	"POST /users/{id}/exception":                "gives to the account that it names",
	"POST /users/{id}/exception/ask":            "asks alone",
	"POST /users/{id}/exception/decide":         "names the request, which never changes",
	"POST /users/{id}/exception/end":            "takes away",
	"POST /users/{id}/relink":                   "gives a code to the account that it names",
	"POST /users/{id}/groups":                   "gives to the account that it names",
	"POST /users/{id}/groups/take":              "takes away",
	"POST /users/{id}/deactivate":               "takes away",
	"POST /users/{id}/reactivate":               "gives to the account that it names",
	"POST /users/{id}/shared/begin":             "is about an account without claims",
	"POST /users/{id}/shared/date":              "is the administrator's own date",
	"POST /users/{id}/shared/state":             "names the state that it leaves",
	"POST /users/{id}/merge/{other}":            "proposes: its holder confirms it, and it is looked at again when it is done",
	"POST /merges/{id}/withdraw":                "gives nothing",
	"POST /aliases/new":                         "proposes: somebody else signs it",
	"POST /aliases/{id}/withdraw":               "takes away",
	"POST /emergency-rights/{id}/open":          "is about what was asked, which nobody can change",
	"POST /emergency-rights/{id}/decline":       "gives nothing",
	"POST /emergency-rights/{id}/review":        "is about a use that has ended, to which nothing is added",
	"POST /email-drift/{id}/compare":            "decides nothing",
	"POST /services/{id}/capacity":              "names the capacity that its page showed by its own field",
	"POST /services/{id}/capacity/now":          "names the capacity that its page showed by its own field",
	"POST /services/{id}/hours":                 "is the editor's own",

	"POST /waves/{id}/mirrors":                 "turns nobody away",
	"POST /waves/{id}/mirrors/{mirror}/cancel": "turns nobody away",
}

// Each form of an administrator is known as a decision about what others can change, or as none.
func TestWhichFormsDecide(t *testing.T) {
	w := newWorld(t)
	known := slices.Concat(slices.Collect(maps.Keys(decisions)), slices.Collect(maps.Keys(notDecisions)))
	for _, route := range w.site.Routes() {
		if !route.Form || !strings.HasPrefix(route.Guard, "may ") {
			continue
		}
		at := slices.Index(known, route.Pattern)
		if at < 0 {
			t.Errorf("%s (%s): does it decide about what others can change?", route.Pattern, route.Guard)
			continue
		}
		known = slices.Delete(known, at, at+1)
	}
	if len(known) > 0 {
		t.Errorf("there are no such forms: %q", known)
	}
}

// Whoever decides about what changed since they looked is told so, and nothing is decided; once they have looked again,
// it is.
func TestDecisionsAreAboutWhatWasSeen(t *testing.T) {
	var y worldtest.Tally
	for pattern, d := range decisions {
		t.Run(pattern, func(t *testing.T) {
			w := newWorld(t)
			by := w.decider()
			at := d.open(w, by)
			w.Settle()
			route := w.route(pattern)
			filled := func() page {
				all, _ := webtest.Filled(t, by.Browser, route, at, d.typed)
				if all == nil {
					t.Fatalf("%s: its page has no such form", at)
				}
				return by.do(http.MethodPost, at, all)
			}
			stale, _ := webtest.Filled(t, by.Browser, route, at, d.typed)
			d.change(w)
			got := by.do(http.MethodPost, at, stale)
			y.Refused(t, pattern, got.status != http.StatusConflict)
			if again := filled(); again.status != http.StatusSeeOther {
				t.Errorf("after another look: %d %s", again.status, webtest.Text(again.body))
			}
		})
	}
	y.Report(t, "decisions about what changed meanwhile")
}

// decider gives a browser of somebody who decides everything, in a world with bo and a team.
func (w *world) decider() *browser {
	w.Helper()
	w.account(account.New{Username: "all", FirstName: "Al", LastName: "All", Email: "al@example.nhs.uk",
		Organisation: "FXX01", Grants: account.Everywhere.Of(account.ManageUsers, account.ApproveUser,
			account.ReviewLinks, account.ManageWaves)}, path.Choose)
	w.account(account.New{Username: "bo", FirstName: "Bo", LastName: "Example", Email: "bo@example.nhs.uk"}, path.Choose)
	w.reception()
	b := w.browser()
	b.withPassword("all", goodPass)
	return b
}

func (w *world) of(username string) actor.Actor {
	w.Helper()
	return actor.Actor{Kind: actor.Person, ID: w.byUsername(username).ID, Name: username}
}

func (w *world) route(pattern string) web.Route {
	w.Helper()
	for _, route := range w.site.Routes() {
		if route.Pattern == pattern {
			return route
		}
	}
	w.Fatalf("there is no route %s", pattern)
	return web.Route{}
}

func (w *world) sql(text string) {
	w.Helper()
	w.update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, text)
		return err
	})
}

// started gives the path of the page of a start, after it has started a wave unless one is started.
func (w *world) started() string {
	w.Helper()
	id := w.waves[path.Prepare]
	last := func(r db.R) (wave.Start, error) { return wave.LastStart(w.Context(), r, id) }
	s, err := db.Read(w.Context(), w.DB, last)
	if errors.Is(err, fault.NotFound) {
		w.start(id)
		s, err = db.Read(w.Context(), w.DB, last)
	}
	w.Must(err)
	return "/waves/" + id + "/starts/" + s.ID
}

// start moves a wave to the phase in which people choose.
func (w *world) start(id string) {
	w.Helper()
	name, err := db.Read(w.Context(), w.DB, func(r db.R) (string, error) { return moving.Seen(w.Context(), r, id) })
	w.Must(err)
	w.Must(w.moving().Move(w.Context(), actor.ForCommand("rollout"), id,
		moving.Move{To: path.Choose, Reason: "Everybody was told", Seen: name}))
}

func (w *world) moving() moving.Office { return moving.Office{DB: w.DB, Box: w.Box} }

func (w *world) sharedCases() *cases.Cases { return &cases.Cases{DB: w.DB, Post: w.Post, Home: home} }

// openClaims gives the path of a form about the claims of a team, of which there are two.
func openClaims(form string) func(w *world, by *browser) string {
	return func(w *world, _ *browser) string {
		team := w.byUsername("reception")
		w.saysTwo(team, 1)
		return cases.CasePath(team.ID) + form
	}
}

// anotherName has somebody type another name for the address of each who waits.
func anotherName(w *world) {
	team := w.byUsername("reception")
	w.clock.Advance(time.Minute)
	for _, c := range w.sharers(team) {
		typed := c.Typed
		typed.FirstName = "Mallory"
		by := actor.Actor{Kind: actor.Person, ID: team.ID, Name: "reception"}
		w.Must(w.sharedCases().Claim(w.Context(), by, team.ID, cases.Sitting{Session: random.ID()}, typed))
	}
}

func anotherNameOfTwin(w *world) {
	w.sql(`UPDATE account SET last_name = 'Another' WHERE username = 'closes.1'`)
}

// fill has so many wait from one network that an administrator may reject them together.
func (w *world) fill() {
	w.sql(fmt.Sprintf(`INSERT INTO shared_claim (id, account_id, first_name, last_name, email, email_key, organisation,
		given, state, made_at, own_digest, network)
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 200)
		SELECT 'made' || n, '%s', 'Made', 'Up', 'made' || n, 'made' || n, 'RXK', FALSE, 'claimed', 1,
		CAST('' AS BYTEA), '203.0.113.7/32' FROM numbers`, w.byUsername("reception").ID))
}
