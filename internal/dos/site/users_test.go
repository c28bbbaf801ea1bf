package site_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/reference"
)

// ourTrust is an organisation that is known by name.
const ourTrust = "ZTR"

func (w *world) manyUsers(n int) *browser {
	w.Helper()
	w.update(func(ctx context.Context, u *db.W) error {
		record := `{"name": "Fenmarch Hospitals", "status": "A"}`
		if err := directory.ImportedOrganisations().Put(ctx, u, ourTrust, "", record); err != nil {
			return err
		}
		for i := range n {
			_, err := account.Add(ctx, u, account.New{Username: fmt.Sprintf("user%03d", i), FirstName: "Siân",
				LastName: "O'Brien", Email: fmt.Sprintf("user%03d@nhs.net", i), Organisation: ourTrust})
			if err != nil {
				return err
			}
		}
		return nil
	})
	w.account(account.New{Username: "zoe", FirstName: "Zoe", LastName: "Webb", Email: "zoe@nhs.net", Kind: account.Shared,
		Organisation: "Y99", Grants: account.Everywhere.Of(account.ManageUsers, account.ReviewLinks)}, path.Choose)
	b := w.browser()
	b.withPassword("zoe", goodPass)
	return b
}

// A page of the list says from whom to whom it goes; its links lead to the pages beside it and keep what was searched
// for.
func TestUsersGoBothWaysThroughPages(t *testing.T) {
	w := newWorld(t)
	existing := int(w.count(`SELECT COUNT(*) FROM account`))
	b := w.manyUsers(110)
	total := existing + 111
	for _, tt := range []struct {
		address, text  string
		previous, next bool
	}{
		{"/users", fmt.Sprintf("%d users, from ada to user048", total), false, true},
		{"/users?after=user048", fmt.Sprintf("%d users, from user049 to user098", total), true, true},
		{"/users?after=user098", fmt.Sprintf("%d users, from user099 to zoe", total), true, false},
		{"/users?before=user099", fmt.Sprintf("%d users, from user049 to user098", total), true, true},
		{"/users?before=user010", fmt.Sprintf("%d users, from ada to user048", total), false, true},
		{"/users?after=zz", fmt.Sprintf("%d users, from ada to user048", total), false, true},
		{"/users?page=2", fmt.Sprintf("%d users, from ada to user048", total), false, true},
		{"/users?q=user&after=user059", "110 users, from user060 to user109", true, false},
		{"/users?q=user&before=user060", "110 users, from user010 to user059", true, true},
		{"/users?kind=shared", "1 user<", false, false},
	} {
		got := b.get(tt.address).body
		if !strings.Contains(got, tt.text) {
			t.Errorf("%s lacks %q", tt.address, tt.text)
		}
		if strings.Contains(got, `rel="prev"`) != tt.previous || strings.Contains(got, `rel="next"`) != tt.next {
			t.Errorf("%s: links to the pages before and after are not %v and %v", tt.address, tt.previous, tt.next)
		}
	}
	b.get("/users?q=user&after=user049&kind=individual").mustHave(t,
		"<title>Search for a user: 110 users, from user050",
		`href="/users?before=user050&amp;kind=individual&amp;q=user"`,
		`href="/users?after=user099&amp;kind=individual&amp;q=user"`,
		`href="/users/export?kind=individual&amp;q=user"`, "Fenmarch Hospitals (ZTR)")
}

func TestUsersAreFound(t *testing.T) {
	w := newWorld(t)
	b := w.manyUsers(2)
	w.link()
	for query, want := range map[string]struct{ has, lacks string }{
		"q=user001":                   {"<title>Search for a user: 1 user -", "user000"},
		"q=OBRIEN":                    {"2 users<", ">zoe<"},
		"q=zoe@nhs.net":               {">zoe<", "user000"},
		"q=y99":                       {">zoe<", "user000"},
		"q=brien+zoe":                 {"No users found", "user000"},
		"kind=shared":                 {">zoe<", "user000"},
		"kind=individual":             {"user000", ">zoe<"},
		"state=not-active":            {"No users found", "user000"},
		"state=linked":                {">ada<", "user000"},
		"state=not-linked":            {"user000", ">ada<"},
		"state=not-linked&kind=share": {"No users found", "user000"},
	} {
		got := b.get("/users?" + query).body
		if !strings.Contains(got, want.has) || strings.Contains(got, want.lacks) {
			t.Errorf("%s: wants %s and not %s: %s", query, want.has, want.lacks, got)
		}
	}
}

func TestUserHasTheNameOfTheOrganisationAndAMailLink(t *testing.T) {
	w := newWorld(t)
	b := w.manyUsers(1)
	got := b.get("/users?q=user000").body
	_, after, _ := strings.Cut(got[strings.Index(got, "<tbody"):], `href="/users/`)
	id, _, _ := strings.Cut(after, `"`)
	got = b.get("/users/" + id).body
	for _, want := range []string{"Fenmarch Hospitals (ZTR)", `href="mailto:user000@nhs.net"`} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %s: %s", want, got)
		}
	}
}

// A page with 50 users asks the database no more often than one with 3.
func TestStatementsForUsersDoNotGrow(t *testing.T) {
	w := newWorld(t)
	b := w.manyUsers(60)
	for query, rows := range map[string]int{"": 50, "?q=brien+sian+ztr": 50, "?q=user00": 10, "?q=user001": 1, "?q=none": 0} {
		var body string
		asked := dbtest.Statements(t, w.d, func() { body = b.get("/users" + query).body })
		got := strings.Count(body, `href="/users/`)
		for _, other := range []string{"names", "counts", "export", "organisations"} {
			got -= strings.Count(body, `href="/users/`+other)
		}
		if got != rows {
			t.Errorf("%s: %d users on the page, want %d", query, got, rows)
		}
		if len(asked) > 16 { // of which three are asked together, and one is for what stands on every page
			t.Errorf("%s: %d statements:\n%s", query, len(asked), strings.Join(asked, "\n"))
		}
	}
}

// What has no letter or digit to look for lists nobody, and says what is needed.
func TestUsersAreNotSearchedForNothing(t *testing.T) {
	w := newWorld(t)
	b := w.manyUsers(2)
	for _, typed := range []string{"'", "%", "_", "-", "s", "a b"} {
		got := b.get("/users?q=" + url.QueryEscape(typed))
		if got.status != http.StatusUnprocessableEntity || strings.Contains(got.body, "user000") ||
			!strings.Contains(got.body, "Enter a word of at least 2 letters or digits") {
			t.Errorf("%s: %d %s", typed, got.status, got.body)
		}
	}
}

// A username of 8 letters and digits without vowels looks like a reference.
func TestUsersWhoseNamesLookLikeReferencesAreFound(t *testing.T) {
	w := newWorld(t)
	b := w.manyUsers(0)
	w.account(account.New{Username: "brkptw22", FirstName: "Bo", LastName: "Park", Email: "bp@nhs.net"}, path.Choose)
	if got := b.get("/users?q=BRKPTW22").body; !strings.Contains(got, ">brkptw22<") {
		t.Errorf("not found: %s", got)
	}
	none := url.QueryEscape(reference.Show(w.ReferenceOfNothing()))
	if got := b.get("/users?q=" + none).body; !strings.Contains(got, "No refusal has this reference") ||
		!strings.Contains(got, `href="https://cim.example/desk/sessions?find=`+none+`"`) {
		t.Errorf("a reference that nothing has: %s", got)
	}
}

// Accounts from before an upgrade may not be found yet, and the page says so while that is so.
func TestUsersStillToBePreparedAreTold(t *testing.T) {
	w := newWorld(t)
	b := w.manyUsers(1)
	const told = "not every user can be found by name yet"
	if got := b.get("/users?q=user").body; strings.Contains(got, told) {
		t.Errorf("told without need: %s", got)
	}
	w.update(func(ctx context.Context, u *db.W) error {
		return u.Change(ctx, `UPDATE account SET unfolded = TRUE WHERE username = 'zoe'`)
	})
	if got := b.get("/users?q=user").body; !strings.Contains(got, told) {
		t.Errorf("not told: %s", got)
	}
}

// Links where the names differ go through pages, and a page of 50 asks the database no more often than one of 3.
func TestLinksWithTwoNamesGoThroughPages(t *testing.T) {
	w := newWorld(t)
	b := w.manyUsers(60)
	if got := b.get("/users/names").body; !strings.Contains(got, "Nobody has linked") {
		t.Errorf("without any: %s", got)
	}
	asked := map[int]int{}
	for _, n := range []int{3, 57} {
		w.linkedWithTwoNames(n)
		statements := dbtest.Statements(t, w.d, func() { b.get("/users/names").mustHave(t, "the newest first") })
		asked[n] = len(statements)
	}
	if asked[3] != asked[57] {
		t.Errorf("statements by rows: %v", asked)
	}
	for address, want := range map[string][]string{
		"/users/names":        {"1 to 50 of 60 links", "page 1 of 2 -", `href="/users/names?page=2"`, "user056"},
		"/users/names?page=2": {"51 to 60 of 60 links", "page 2 of 2 -", `href="/users/names?page=1"`, "user002"},
		"/users/names?page=9": {"51 to 60 of 60 links"},
	} {
		b.get(address).mustHave(t, want...)
	}
}

// linkedWithTwoNames records of the first n users that they linked although the names differ.
func (w *world) linkedWithTwoNames(n int) {
	w.Helper()
	w.update(func(ctx context.Context, u *db.W) error {
		for i := range n {
			a, err := account.ByUsername(ctx, u, fmt.Sprintf("user%03d", i))
			if err != nil {
				return err
			}
			names := linking.Names{Account: a.Name(), CareIdentity: "Other Name", Subject: fmt.Sprintf("5%011d", i)}
			err = u.Record(ctx, audit.Event{Kind: linking.NamesDiffer, Subject: account.Ref(a.ID), After: names})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// All that was refused to an account can be read, a page at a time.
func TestRefusalsOfAnAccountGoThroughPages(t *testing.T) {
	w := newWorld(t)
	b := w.manyUsers(0)
	late := w.account(account.New{Username: "late", Email: "late@nhs.net"}, path.Choose)
	asked := map[int]int{}
	b.get("/users/" + late.ID) // what is read once for many pages
	for _, n := range []int{3, 42} {
		w.update(func(ctx context.Context, u *db.W) error {
			for range n {
				err := u.RecordRefusal(ctx, audit.Event{Kind: "signin.password-wrong", Subject: account.Ref(late.ID)})
				if err != nil {
					return err
				}
			}
			return u.Record(ctx, audit.Event{Kind: signin.SignedIn, Subject: account.Ref(late.ID)})
		})
		asked[n] = len(dbtest.Statements(t, w.d, func() { b.get("/users/"+late.ID).mustHave(t, "the newest first") }))
	}
	if asked[3] != asked[42] {
		t.Errorf("statements by rows: %v", asked)
	}
	b.get("/users/"+late.ID).mustHave(t, "1 to 20 of 45 refusals", "late, page 1 of 3",
		`href="/users/`+late.ID+`?page=2"`)
	b.get("/users/"+late.ID+"?page=3").mustHave(t, "41 to 45 of 45 refusals")
}
