package site_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
)

// A file of users has those that were found and that the user manages, runs no formula, and is recorded.
func TestUsersAreExported(t *testing.T) {
	w := newWorld(t)
	north := w.region("North")
	for name, region := range map[string]string{"una": north, "otto": "south"} {
		w.account(account.New{Username: name, FirstName: `=HYPERLINK("https://evil.example")`, LastName: "O'Brien, \"Bo\"",
			Email: name + "@example.nhs.uk", Region: region}, path.Choose)
	}
	b := w.loggedIn("regional", account.UserAdministrator.In(account.InRegion(north)))
	b.get("/users?q=brien").mustHave(t, "/users/export?q=brien")
	got := b.get("/users/export?q=brien")
	if got.status != http.StatusOK || !strings.Contains(got.body, "\r\n") {
		t.Fatalf("%d %q", got.status, got.body)
	}
	rows, err := csv.NewReader(strings.NewReader(got.body)).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v: %s", len(rows), err, got.body)
	}
	want := []string{"una", `'=HYPERLINK("https://evil.example")`, "O'Brien, \"Bo\"", "una@example.nhs.uk"}
	if !slices.Equal(rows[1][:4], want) {
		t.Errorf("%q, want %q", rows[1], want)
	}
	if at := slices.Index(rows[0], "region"); rows[1][at] != "North" {
		t.Errorf("the region is %q, and not by its name", rows[1][at])
	}
	if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = 'account.list-exported'`); n != 1 {
		t.Errorf("%d events of the export", n)
	}
	desk := w.loggedIn("desk", account.Desk.In(account.Everywhere))
	if strings.Contains(desk.get("/users").body, "/users/export") {
		t.Error("the service desk is offered a file of all users")
	}
	if desk.get("/users/export").status != http.StatusForbidden {
		t.Error("the service desk takes a file of all users")
	}
}

// Users are found by state and region, and counted the same.
func TestUsersAreFoundByStateAndRegion(t *testing.T) {
	w := newWorld(t)
	north := w.region("North")
	w.account(account.New{Username: "una", FirstName: "Una", Email: "una@example.nhs.uk", Region: north,
		EmailProved: true}, path.Choose)
	w.account(account.New{Username: "otto", FirstName: "Otto", Email: "otto@example.nhs.uk"}, path.Choose)
	gone := w.account(account.New{Username: "gone", FirstName: "Gus", Email: "gone@example.nhs.uk"}, path.Choose)
	w.update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, gone.ID, "left") })
	b := w.loggedIn("admin", account.UserAdministrator.In(account.Everywhere))
	for query, want := range map[string]struct{ has, lacks string }{
		"region=" + north:   {">una<", ">otto<"},
		"region=none":       {">otto<", ">una<"},
		"state=not-active":  {">gone<", ">una<"},
		"state=unconfirmed": {">otto<", ">una<"},
		"state=never-used":  {">una<", ">admin<"},
		"state=moon":        {"No users found", ">una<"},
	} {
		got := b.get("/users?" + query).body
		if !strings.Contains(got, want.has) || strings.Contains(got, want.lacks) {
			t.Errorf("%s: wants %s and not %s: %s", query, want.has, want.lacks, got)
		}
	}
	b.get("/users/counts").mustHave(t, "Never used", "/users?state=not-active", "Shared")
	err := w.DB.View(t.Context(), func(r db.R) error {
		everything := account.Reach{Everywhere: true}
		counts, err := account.Count(t.Context(), r, everything, "")
		for state, n := range counts.States {
			found, err := account.Find(t.Context(), r, account.Search{Within: everything, State: state}, account.Place{}, 50)
			if err != nil || found.Total != n {
				t.Errorf("%s: %d are counted and %d found, %v", state, n, found.Total, err)
			}
		}
		if counts.States[account.Deactivated] != 1 || counts.All < 4 {
			t.Errorf("counts %+v", counts)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
