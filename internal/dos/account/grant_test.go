package account_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

const (
	north = "region-north"
	south = "region-south"
)

// add makes an account named for what it is, with everything else as given.
func (w *world) add(n account.New) account.Account {
	w.Helper()
	n.Email = n.Username + "@example.nhs.uk"
	return w.Account(n, "")
}

// manager makes an account that manages users in a scope.
func (w *world) manager(username string, s account.Scope, region, organisation string) account.Account {
	w.Helper()
	return w.add(account.New{Username: username, Region: region, Organisation: organisation,
		Grants: account.UserAdministrator.In(s)})
}

// people are accounts in two regions and three organisations, with administrators of each width.
type people struct {
	everywhere, second, ofNorth, besideNorth, ofSouth, ofPractice, user, elsewhere, unknown account.Account
}

func (w *world) people() people {
	w.Helper()
	return people{
		everywhere:  w.manager("everywhere", account.Everywhere, "", "ZIB"),
		second:      w.manager("second", account.Everywhere, "", "ZIB"),
		ofNorth:     w.manager("north", account.InRegion(north), north, "ZN1"),
		besideNorth: w.manager("north.too", account.InRegion(north), north, "ZN1"),
		ofSouth:     w.manager("south", account.InRegion(south), south, "ZS1"),
		ofPractice:  w.manager("practice", account.OwnOrganisation, north, "A81001"),
		user:        w.add(account.New{Username: "user", Region: north, Organisation: "A81001"}),
		elsewhere:   w.add(account.New{Username: "elsewhere", Region: south, Organisation: "A81002"}),
		unknown:     w.add(account.New{Username: "unknown"}),
	}
}

// Who may change whose account: nobody beyond their scope, nobody a peer's, nobody their own.
func TestAccountsAreChangedFromAbove(t *testing.T) {
	w := newWorld(t)
	p := w.people()
	everyone := []account.Account{p.everywhere, p.second, p.ofNorth, p.besideNorth, p.ofSouth, p.ofPractice, p.user,
		p.elsewhere, p.unknown}
	var y worldtest.Tally
	for _, tt := range []struct {
		by   account.Account
		over []account.Account
	}{
		{p.everywhere, []account.Account{p.ofNorth, p.besideNorth, p.ofSouth, p.ofPractice, p.user, p.elsewhere, p.unknown}},
		{p.ofNorth, []account.Account{p.ofPractice, p.user}},
		{p.ofSouth, []account.Account{p.elsewhere}},
		{p.ofPractice, []account.Account{p.user}},
		{p.user, nil},
	} {
		for _, target := range everyone {
			err := w.try(actor.Actor{Kind: actor.Person, ID: tt.by.ID}, func(ctx context.Context, u *db.W) error {
				return account.RequireOver(ctx, u, account.ManageUsers, target.ID)
			})
			if slices.ContainsFunc(tt.over, func(a account.Account) bool { return a.ID == target.ID }) {
				if err != nil {
					t.Errorf("%s over %s: %v", tt.by.Username, target.Username, err)
				}
				continue
			}
			y.Refused(t, tt.by.Username+" over "+target.Username, err == nil)
			if err != nil && !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s over %s: %v", tt.by.Username, target.Username, err)
			}
		}
	}
	y.Report(t, "accounts beyond a scope, of peers and their own")
}

// A peer may be helped, but not beyond the scope.
func TestPeersAreHelpedWithinTheScope(t *testing.T) {
	w := newWorld(t)
	p := w.people()
	for _, tt := range []struct {
		by, target account.Account
		may        bool
	}{
		{p.everywhere, p.second, true}, {p.ofNorth, p.besideNorth, true}, {p.ofNorth, p.user, true},
		{p.ofNorth, p.ofSouth, false}, {p.ofNorth, p.elsewhere, false}, {p.ofPractice, p.elsewhere, false},
		{p.ofPractice, p.unknown, false}, {p.ofNorth, p.unknown, false}, {p.user, p.user, false},
	} {
		err := w.try(actor.Actor{Kind: actor.Person, ID: tt.by.ID}, func(ctx context.Context, u *db.W) error {
			return account.RequireWithin(ctx, u, account.ManageUsers, tt.target.ID)
		})
		if (err == nil) != tt.may {
			t.Errorf("%s and %s: %v", tt.by.Username, tt.target.Username, err)
		}
	}
}

// Each permission is looked at by itself, in its own scope.
func TestAScopeBelongsToItsPermission(t *testing.T) {
	w := newWorld(t)
	mixed := w.add(account.New{Username: "mixed", Grants: slices.Concat(
		account.Everywhere.Of(account.ServiceDesk), account.InRegion(north).Of(account.ManageUsers))})
	p := w.people()
	may := func(q account.Permission, id string) bool {
		return w.try(actor.Actor{Kind: actor.Person, ID: mixed.ID}, func(ctx context.Context, u *db.W) error {
			return account.RequireOver(ctx, u, q, id)
		}) == nil
	}
	if !may(account.ServiceDesk, p.elsewhere.ID) || !may(account.ManageUsers, p.user.ID) {
		t.Error("what was given is refused")
	}
	if may(account.ManageUsers, p.elsewhere.ID) || may(account.ApproveUser, p.user.ID) {
		t.Error("one permission's scope counted for another")
	}
	err := w.try(actor.Actor{Kind: actor.Person, ID: p.ofNorth.ID}, func(ctx context.Context, u *db.W) error {
		return account.RequireEverywhere(ctx, u, account.ManageUsers)
	})
	if !errors.Is(err, fault.Forbidden) {
		t.Errorf("a region counted as everywhere: %v", err)
	}
}

func TestAdministratorsOfAnAccount(t *testing.T) {
	w := newWorld(t)
	p := w.people()
	for _, tt := range []struct {
		of   account.Account
		want []string
	}{
		{p.user, []string{"everywhere", "north", "north.too", "practice", "second"}},
		{p.elsewhere, []string{"everywhere", "second", "south"}}, {p.unknown, []string{"everywhere", "second"}},
		{p.everywhere, []string{"second"}},
	} {
		list, err := db.Read(t.Context(), w.DB, func(r db.R) ([]account.Account, error) {
			return account.AdministratorsOf(t.Context(), r, tt.of)
		})
		w.Must(err)
		var names []string
		for _, a := range list {
			names = append(names, a.Username)
		}
		slices.Sort(names)
		if !slices.Equal(names, tt.want) {
			t.Errorf("of %s: %q, want %q", tt.of.Username, names, tt.want)
		}
	}
}

// A search finds the accounts within the reach of who searches, and counts no others.
func TestSearchesKeepToTheReach(t *testing.T) {
	w := newWorld(t)
	w.people()
	for name, tt := range map[string]struct {
		within account.Reach
		want   []string
	}{
		"a region":        {account.Reach{Regions: []string{south}}, []string{"elsewhere", "south"}},
		"an organisation": {account.Reach{Organisations: []string{"A81001"}}, []string{"practice", "user"}},
		"both": {account.Reach{Regions: []string{south}, Organisations: []string{"A81001"}},
			[]string{"elsewhere", "practice", "south", "user"}},
		"nothing": {account.Reach{}, nil}, "a service": {account.Reach{Services: []string{north}}, nil},
	} {
		if got := found(w, account.Search{Within: tt.within}); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestEveryPermissionAndGroupIsWorded(t *testing.T) {
	for _, p := range account.All() {
		if p.Lets() == string(p) {
			t.Errorf("nothing says what %s lets do", p)
		}
	}
	for _, g := range account.Groups() {
		if !g.Known() || g.Title() == "" || len(g.Permissions()) > 0 && len(g.Scopes()) == 0 {
			t.Errorf("group %s: %q in %v", g, g.Title(), g.Scopes())
		}
	}
	if account.Group("other").Known() || account.Group("other").In(account.Everywhere) != nil {
		t.Error("a group that is not one")
	}
}
