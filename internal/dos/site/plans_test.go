package site_test

import (
	"context"
	"database/sql"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/headcount"
	"signpost/internal/dos/request"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/shared"
	"signpost/internal/dos/standing"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

// listPages are the pages over all accounts and requests, with each of their filters.
var listPages = []string{
	"/users", "/users?after=m", "/users?before=m", "/users?kind=shared", "/users?kind=individual&after=m",
	"/users?state=linked", "/users?state=not-linked", "/users?state=never-used", "/users?state=unconfirmed",
	"/users?state=not-active", "/users?region=r4&kind=machine", "/users?q=last77", "/users?q=first12+last77",
	"/users?state=drifted", "/users?state=drifted&region=r4&after=m", "/users?organisation=ZO5",
	"/users?organisation=ZO5&state=drifted&kind=individual", "/users?organisation=ZO5&q=last77",
	"/users?wave=w1", "/users?wave=w1&state=not-linked&after=m", "/users?progress=blocked",
	"/users?progress=registration_authority",
	"/users?progress=ready&wave=w1&region=r4",
	"/users/counts", "/users/counts?organisation=ZO5", "/shared-accounts", "/link-reviews", "/merges",
}

// sparing are the steps that look through few rows, or through an index that has all that is asked for. Of waves there
// are some tens, by which a list can be narrowed.
var sparing = regexp.MustCompile(`COVERING INDEX (sqlite_autoindex_account_2|account_(listed|drifted|namesakes))|` +
	`INDEX (account_(uncounted|login_unnoted|unfolded)|shared_case_(undone|by_state)|link_review_waiting|` +
	`wave_exception_request_open|(account|wave_member|standing|rollout_answer)_untallied|` +
	`service_of_regions|account_merge_by_time)|SCAN (w USING INDEX sqlite_autoindex_wave_2|account_count|counted|named|CONSTANT ROW|\()|Seq Scan on account_count `)

// No list looks at each account: whatever is asked for, the database goes by an index that has it.
func TestListsGoByIndexes(t *testing.T) {
	w := newWorld(t)
	w.organisation("ZO5", "Fenmarch Surgery", account.New{Username: "fen", Region: "r4"})
	w.oneBlocked("nell")
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
				steps := plan(t, w.DB, "off", statement)
				looked += len(steps)
				for _, step := range steps {
					if scans.MatchString(step) && !sparing.MatchString(step) {
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

// oneBlocked has an account be counted of which something is missing.
func (w *world) oneBlocked(username string) {
	w.Helper()
	a := w.Account(account.New{Username: username, Email: username + "@example.nhs.uk", PasswordHash: w.Hash},
		w.waves[path.Choose])
	w.Must(standing.Keep(w.Context(), w.DB, []standing.Standing{standing.Of(a.ID, extract.Answer{
		Found: extract.One, State: extract.Active, Email: extract.EmailEqual, Position: extract.No})}))
	_, err := board.Keep(w.Context(), w.DB)
	w.Must(err)
}

// scans are the steps that look through a whole table or index.
var scans = regexp.MustCompile(`^SCAN|Seq Scan on`)

var holes = regexp.MustCompile(`\$\d+`)

// plan gives the steps by which the database answers a query, whatever its values; none for another statement. A server
// with its sequential scans off looks through a table only where no index will do, though its tables are empty.
func plan(t *testing.T, d *db.DB, scans, statement string) (steps []string) {
	t.Helper()
	if !strings.HasPrefix(statement, "SELECT") {
		return nil
	}
	var err error
	switch native := d.Native().(type) {
	case *sql.DB:
		steps, err = planOfFile(t.Context(), native, statement)
	case *pgxpool.Pool:
		steps, err = planOfServer(t.Context(), native, scans, statement)
	default:
		t.Fatalf("no plans of %T are known", native)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, statement)
	}
	return steps
}

func planOfFile(ctx context.Context, native *sql.DB, statement string) (steps []string, err error) {
	rows, err := native.QueryContext(ctx, "EXPLAIN QUERY PLAN "+holes.ReplaceAllString(statement, "'1'"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, rows.Err()
}

// planOfServer is by what the server knows of its tables. Whether it looks in an index or goes through it whole, the
// plan of a file says alone.
func planOfServer(ctx context.Context, native *pgxpool.Pool, scans, statement string) (steps []string, err error) {
	conn, err := native.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	maxHole := 0
	for _, hole := range holes.FindAllString(statement, -1) {
		n, err := strconv.Atoi(hole[1:])
		if err != nil {
			return nil, err
		}
		maxHole = max(maxHole, n)
	}
	values := ""
	if maxHole > 0 {
		values = "(" + strings.TrimSuffix(strings.Repeat("NULL, ", maxHole), ", ") + ")"
	}
	_, err = conn.Exec(ctx, "SET enable_seqscan = "+scans+"; SET plan_cache_mode = force_generic_plan; "+
		"PREPARE planned AS "+statement)
	if err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, "EXPLAIN EXECUTE planned"+values, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return nil, err
	}
	steps, err = pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, "DEALLOCATE planned; RESET plan_cache_mode; RESET enable_seqscan")
	return steps, err
}

// full is a directory with so many accounts that a server does better to go by its indexes.
var full = population{accounts: 20_000, requests: 100, cases: 50, reviews: 50, merges: 20}

// Neither does a server that may look through its tables, once they are full: whether they have just been filled and it
// knows little of what is in them, or it has counted that.
func TestListsGoByIndexesOfFullTables(t *testing.T) {
	w := newWorld(t)
	server, is := w.DB.Native().(*pgxpool.Pool) // a file's plans are the same whatever is in it
	if is {
		// A server that counted while they were being filled would take what was only half done for the whole.
		if _, err := server.Exec(t.Context(), "ALTER TABLE account SET (autovacuum_enabled = off)"); err != nil {
			t.Fatal(err)
		}
	}
	w.populate(full)
	b := w.loggedIn("everywhere", account.UserAdministrator.In(account.Everywhere))
	statements := dbtest.Statements(t, w.DB, func() {
		for _, address := range listPages {
			if strings.Contains(address, "q=") || strings.Contains(address, "progress=") {
				continue // which word a server begins with depends on the word; how far people are is not counted here
			}
			if got := b.get(address); got.status != http.StatusOK {
				t.Errorf("%s: %d", address, got.status)
			}
		}
	})
	check := func(tables string) {
		for _, statement := range statements {
			for _, step := range plan(t, w.DB, "on", statement) {
				if readsAllAccounts.MatchString(step) {
					t.Errorf("%s: %s\n%s", tables, step, statement)
				}
			}
		}
	}
	check("just filled")
	if is {
		if _, err := server.Exec(t.Context(), "ANALYZE"); err != nil {
			t.Fatal(err)
		}
		check("counted")
	}
}

// readsAllAccounts is a step that reads a table that has a row for each account.
var readsAllAccounts = regexp.MustCompile(`Seq Scan on account(_login)? |^SCAN (a|g|account|account_login)$`)

// What jobs look for among all accounts, requests and cases when they come by is found by an index, too.
func TestJobsGoByIndexes(t *testing.T) {
	w := newWorld(t)
	c := &shared.Cases{DB: w.DB, Post: w.Post, Home: home}
	for name, job := range map[string]func() error{
		"cases that are due": func() error { return c.Due(t.Context()) },
		"who came in": func() error {
			return request.NoteEntered(t.Context(), w.DB, actor.ForJob("test", ""))
		},
		"accounts that changed": func() error { _, err := headcount.Keep(t.Context(), w.DB); return err },
	} {
		for _, statement := range dbtest.Statements(t, w.DB, func() { w.Must(job()) }) {
			for _, step := range plan(t, w.DB, "off", statement) {
				if scans.MatchString(step) && !jobsMayScan.MatchString(step) {
					t.Errorf("%s: %s\n%s", name, step, statement)
				}
			}
		}
	}
}

// jobsMayScan are the steps that look through no more than what is due.
var jobsMayScan = regexp.MustCompile(`USING (COVERING )?INDEX ` +
	`(account_(case_due|uncounted|login_unnoted)|shared_case_undone)`)
