package house_test

import (
	"go/ast"
	"path/filepath"
	"slices"
	"testing"
)

// costly names what is read through the small gate, by file: what a stranger or many people at once may ask for, and
// what takes longer the more there is.
var costly = map[string]string{
	"internal/dos/rollout/mirror/report.go":                "what mirror days showed, and what people lack",
	"internal/dos/site/drift/drift.go":                     "addresses that differ, of all accounts",
	"internal/dos/site/drift/case.go":                      "addresses that differ, as a file",
	"internal/dos/site/requests/requests.go":               "list of requests",
	"internal/dos/site/requests/times.go":                  "times of all requests",
	"internal/careid/console/approvals/approvals.go":       "what everybody of an organisation logs in with",
	"internal/careid/registration/policy.go":               "whom a policy would leave without an authenticator",
	"internal/careid/console/applications/acts.go":         "people who may be an applicant, found by name",
	"internal/careid/console/applications/applications.go": "applications of all organisations that somebody serves",
	"internal/careid/console/batches/batches.go":           "batches of all organisations that somebody serves",
	"internal/careid/console/batches/one.go":               "rows of a batch, which may have thousands",
	"internal/careid/console/connections/clients.go":       "clients, found by name",
	"internal/careid/console/desk/desk.go":                 "people, found by name",
	"internal/careid/console/desk/person.go":               "all that is known of a person",
	"internal/careid/console/finder/results.go":            "organisations, found by anybody",
	"internal/careid/console/finder/elsewhere.go":          "the authority of an organisation, asked by programs",
	"internal/careid/console/profile/activity.go":          "all that was done with a Care Identity",
	"internal/careid/console/queue/queue.go":               "everybody who waits for somebody who serves many organisations",
	"internal/careid/console/queue/outlook.go":             "what many organisations were asked for in three months",
	"internal/careid/console/reports/reports.go":           "reports of all organisations that somebody serves",
	"internal/careid/console/requests/requests.go":         "requests of all organisations that somebody serves",
	"internal/careid/console/people/find.go":               "people of all organisations, found by name",
	"internal/careid/console/people/make.go":               "people who may be the same, found by name",
	"internal/careid/console/people/people.go":             "people of an organisation, found by name",
	"internal/careid/console/people/worklist.go":           "people of an organisation, with their authenticators",
	"internal/careid/console/positions/edit.go":            "whom a change of a position concerns",
	"internal/careid/console/positions/one.go":             "who has a position, and what it was",
	"internal/careid/console/positions/positions.go":       "positions of an organisation, with how many have each",
	"internal/careid/console/person/history.go":            "what happened to somebody over the years",
	"internal/careid/extract/answer.go":                    "hundreds of people at once",
	"internal/careid/extract/changes.go":                   "what changed since",
	"internal/dos/merge/candidates.go":                     "accounts of one name",
	"internal/dos/site/waves/guidance.go":                  "who lacks guidance",
	"internal/dos/site/board/board.go":                     "how far every account is",
	"internal/dos/site/forecast/forecast.go":               "a forecast of all waves",
	"internal/dos/site/exceptions/list.go":                 "exceptions, with who can decide about each",
	"internal/dos/site/exceptions/file.go":                 "a file of them",
	"internal/dos/site/outcome/outcome.go":                 "logins and lock-outs of many days",
	"internal/dos/site/outcome/file.go":                    "a file of them",
	"internal/dos/site/outcome/month.go":                   "a report of a month",
	"internal/dos/site/wall/wall.go":                       "how far an organisation is",
	"internal/dos/rollout/simulation/simulation.go":        "what would become of every account",
	"internal/dos/mailing/letters.go":                      "users who get a letter",
	"internal/dos/mailing/send.go":                         "users who are written to",
	"internal/dos/mailing/tally.go":                        "users who would be written to",
	"internal/dos/site/mailings/mailings.go":               "users who are written to",
	"internal/dos/site/mailings/one.go":                    "whom of those that are written to somebody looks after",
	"internal/dos/site/merges/merges.go":                   "merges of all accounts that somebody looks after",
	"internal/dos/site/mine/activity.go":                   "all that was done in somebody's name",
	"internal/dos/site/breakglass/breakglass.go":           "emergency rights of all accounts that somebody looks after",
	"internal/dos/site/breakglass/show.go":                 "all that somebody did with emergency rights",
	"internal/dos/site/aliases/aliases.go":                 "accounts with an address in a domain",
	"internal/dos/site/reviews/reviews.go":                 "links of all accounts that somebody looks after",
	"internal/dos/site/shared/case.go":                     "shared accounts of all that somebody looks after",
	"internal/dos/site/services/search.go":                 "services near a place",
	"internal/dos/site/services/wider.go":                  "how many a wider search would find",
	"internal/dos/site/tickets/tickets.go":                 "tickets of the service desk",
	"internal/dos/site/users/counts.go":                    "how many users there are",
	"internal/dos/site/users/export.go":                    "all users found",
	"internal/dos/site/users/groups.go":                    "services by name, and regions",
	"internal/dos/site/users/list.go":                      "users, found by name",
	"internal/dos/site/users/names.go":                     "usernames, read from a list",
	"internal/platform/audit/retain/details.go":            "details of events whose time is over",
}

// searches are the operations that read a great many rows, by package and name. They are called where the gate is.
var searches = []string{"search.Run", "search.Count", "organisation.Find", "account.Find"}

func TestCostlyReadsGoThroughTheirGate(t *testing.T) {
	gated := map[string]bool{}
	searching := map[string]string{}
	parsed(t, func(p pkg, name string, file *ast.File) {
		path := filepath.ToSlash(filepath.Join(p.path(), name))
		ast.Inspect(file, func(n ast.Node) bool {
			selector, is := n.(*ast.SelectorExpr)
			if !is {
				return true
			}
			of, is := selector.X.(*ast.Ident)
			switch {
			case selector.Sel.Name == "Costly" && p.ImportPath != dbPath:
				gated[path] = true
			case is && slices.Contains(searches, of.Name+"."+selector.Sel.Name):
				searching[path] = of.Name + "." + selector.Sel.Name
			}
			return true
		})
	})
	for path, what := range searching {
		if !gated[path] {
			t.Errorf("%s calls %s and not db.Costly", path, what)
		}
	}
	for path := range gated {
		if costly[path] == "" {
			t.Errorf("%s calls db.Costly: say in this test for what", path)
		}
	}
	for path, what := range costly {
		if !gated[path] {
			t.Errorf("%s does not call db.Costly any more for %s", path, what)
		}
	}
	found := map[string]bool{}
	for _, what := range searching {
		found[what] = true
	}
	if len(found) != len(searches) {
		t.Errorf("found %v, but not each of %v", searching, searches)
	}
}
