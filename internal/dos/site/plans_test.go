package site_test

import (
	"database/sql"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/headcount"
	"signpost/internal/dos/request"
	"signpost/internal/dos/shared"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db/dbtest"
)

// listPages are the pages over all accounts and requests, with each of their filters.
var listPages = []string{
	"/users", "/users?after=m", "/users?before=m", "/users?kind=shared", "/users?kind=individual&after=m",
	"/users?state=linked", "/users?state=not-linked", "/users?state=never-used", "/users?state=unconfirmed",
	"/users?state=not-active", "/users?region=r4&kind=machine", "/users?q=last77", "/users?q=first12+last77",
	"/users/counts", "/shared-accounts", "/link-reviews",
}

// sparing are the steps that look through few rows, or through an index that has all that is asked for.
var sparing = regexp.MustCompile(`COVERING INDEX (sqlite_autoindex_account_2|account_listed)|` +
	`INDEX (account_(uncounted|login_unnoted|unfolded)|shared_case_(undone|by_state)|link_review_waiting|` +
	`service_of_regions)|SCAN (account_count|counted|CONSTANT ROW|\()`)

// No list looks at each account: whatever is asked for, the database goes by an index that has it.
func TestListsGoByIndexes(t *testing.T) {
	w := newWorld(t)
	native, is := w.DB.Native().(*sql.DB)
	if !is {
		t.Skip("a server plans by what it knows of the tables, which are empty here")
	}
	looked := 0
	for name, scope := range map[string]account.Scope{
		"everywhere": account.Everywhere, "regional": account.InRegion("r4"), "local": account.OwnOrganisation,
	} {
		b := w.loggedIn(name, append(account.UserAdministrator.In(scope), scope.Of(account.ReviewLinks)...))
		for _, address := range listPages {
			statements := dbtest.Statements(t, w.DB, func() {
				if got := b.get(address); got.status != http.StatusOK {
					t.Errorf("%s: %d", address, got.status)
				}
			})
			for _, statement := range statements {
				for _, step := range plan(t, native, statement) {
					looked++
					if strings.HasPrefix(step, "SCAN") && !sparing.MatchString(step) {
						t.Errorf("%s, %s: %s\n%s", name, address, step, statement)
					}
				}
			}
		}
	}
	if looked < 300 {
		t.Errorf("only %d steps were looked at", looked)
	}
}

// plan gives the steps by which SQLite answers a query; none for another statement.
func plan(t *testing.T, native *sql.DB, statement string) (steps []string) {
	t.Helper()
	if !strings.HasPrefix(statement, "SELECT") {
		return nil
	}
	holes := regexp.MustCompile(`\$\d+`)
	rows, err := native.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+holes.ReplaceAllString(statement, "'1'"))
	if err != nil {
		t.Fatalf("%v: %s", err, statement)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// What jobs look for among all accounts, requests and cases when they come by is found by an index, too.
func TestJobsGoByIndexes(t *testing.T) {
	w := newWorld(t)
	native, is := w.DB.Native().(*sql.DB)
	if !is {
		t.Skip("a server plans by what it knows of the tables, which are empty here")
	}
	c := &shared.Cases{DB: w.DB, Post: w.Post, Home: home}
	for name, job := range map[string]func() error{
		"cases that are due": func() error { return c.Due(t.Context()) },
		"who came in": func() error {
			return request.NoteEntered(t.Context(), w.DB, actor.ForJob("test", ""))
		},
		"accounts that changed": func() error { _, err := headcount.Keep(t.Context(), w.DB); return err },
	} {
		for _, statement := range dbtest.Statements(t, w.DB, func() { w.Must(job()) }) {
			for _, step := range plan(t, native, statement) {
				if strings.HasPrefix(step, "SCAN") && !jobsMayScan.MatchString(step) {
					t.Errorf("%s: %s\n%s", name, step, statement)
				}
			}
		}
	}
}

// jobsMayScan are the steps that look through no more than what is due.
var jobsMayScan = regexp.MustCompile(`USING (COVERING )?INDEX ` +
	`(account_(case_due|uncounted|login_unnoted)|shared_case_undone)`)
