package site_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/platform/db/dbtest"
)

// Links with two names are searched as users are, by the account.
func TestLinksWithTwoNamesAreFound(t *testing.T) {
	w := newWorld(t)
	b := w.manyUsers(60)
	w.linkedWithTwoNames(60)
	for query, want := range map[string]struct{ has, lacks string }{
		"q=user001":               {"<title>Links where the names differ: 1 link -", "user000"},
		"q=ztr":                   {`href="/users/names?page=2&amp;q=ztr"`, "Nobody has linked"},
		"q=ztr&page=2":            {"51 to 60 of 60 links", `rel="next"`},
		"q=brien+zoe":             {"No links found", "user000"},
		"q=oth+name":              {"60 links", "Nobody has linked"}, // of the Care Identity
		"q=othe&kind=shared":      {"No links found", "user000"},
		"q=nobody":                {`Check the spelling, or <a href="/users/names">see all`, "Nobody has linked"},
		"kind=shared":             {"No links found", "user000"},
		"kind=individual":         {"60 links", "Nobody has linked"},
		"state=linked":            {"No links found", "user000"},
		"state=not-linked&q=user": {"60 links", "Nobody has linked"},
	} {
		got := b.get("/users/names?" + query).body
		if !strings.Contains(got, want.has) || strings.Contains(got, want.lacks) {
			t.Errorf("%s: wants %s and not %s: %s", query, want.has, want.lacks, got)
		}
	}
	statements := dbtest.Statements(t, w.d, func() { b.get("/users/names?q=ztr") })
	if len(statements) > 13 { // two of them look for the name of a Care Identity
		t.Errorf("%d statements: %s", len(statements), strings.Join(statements, "\n"))
	}
}

// Where nobody linked so, there is nothing to search.
func TestNoLinksWithTwoNamesAreNotSearched(t *testing.T) {
	w := newWorld(t)
	b := w.manyUsers(1)
	if got := b.get("/users/names").body; strings.Contains(got, `name="q"`) ||
		!strings.Contains(got, "Nobody has linked") {
		t.Errorf("the empty page: %s", got)
	}
	w.linkedWithTwoNames(1)
	if got := b.get("/users/names").body; !strings.Contains(got, `name="q"`) {
		t.Errorf("with one: %s", got)
	}
}

// As with users, what has no letter or digit to look for lists nobody, and says what is needed.
func TestLinksWithTwoNamesAreNotSearchedForNothing(t *testing.T) {
	w := newWorld(t)
	b := w.manyUsers(2)
	w.linkedWithTwoNames(2)
	got := b.get("/users/names?q=%25")
	if got.status != http.StatusUnprocessableEntity || strings.Contains(got.body, "user000") ||
		!strings.Contains(got.body, "Enter a word of at least 2 letters or digits") {
		t.Errorf("%d %s", got.status, got.body)
	}
}
