package linking_test

import (
	"context"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/alias"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// aliases is a world with two administrators who sign aliases.
type aliases struct {
	*world

	table    alias.Table
	ann, bea actor.Actor
}

func newAliases(t *testing.T) *aliases {
	t.Helper()
	w := &aliases{world: newWorld(t)}
	w.table = alias.Table{DB: w.DB, Post: w.Post}
	administrator := func(username string) actor.Actor {
		a := w.account(username, path.Choose, func(n *account.New) {
			n.Grants = account.UserAdministrator.In(account.Everywhere)
		})
		return actor.Actor{Kind: actor.Person, ID: a.ID, Name: username}
	}
	w.ann = administrator("ann")
	w.bea = administrator("bea")
	return w
}

// pair makes a pair of domains that counts.
func (w *aliases) pair(one, other string) alias.Alias {
	w.Helper()
	a := w.proposed(one, other)
	_, err := w.table.Sign(w.Context(), w.bea, a.ID, w.shownAlias(a.ID))
	w.Must(err)
	return a
}

// shownAlias names a pair of domains as its page shows it now.
func (w *world) shownAlias(id string) string {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (string, error) {
		a, err := alias.ByID(ctx, r, id)
		if err != nil {
			return "", err
		}
		table, err := alias.List(ctx, r)
		if err != nil {
			return "", err
		}
		return a.Seen(alias.Cautions(a, table))
	})
}

func (w *aliases) proposed(one, other string) alias.Alias {
	w.Helper()
	a, err := w.table.Propose(w.Context(), w.ann, alias.Typed{One: one, Other: other, Reason: "one trust"})
	w.Must(err)
	return a
}

func (w *aliases) offered(p cis2.Person) linking.Candidate {
	w.Helper()
	c, err := w.linker.Candidate(w.Context(), arrived(p))
	w.Must(err)
	return c
}

// R7: domains propose an account only while two administrators say that they are aliases, and only as an equal address
// would.
func TestAnAliasProposesAndNoMore(t *testing.T) {
	w := newAliases(t)
	a := w.account("ada", path.Choose)
	w.account("unproved", path.Choose, func(n *account.New) { n.EmailProved = false })
	w.account("early", path.Prepare)
	w.account("desk", path.Choose, func(n *account.New) { n.Email = "reception@example.nhs.uk" })
	w.account("both", path.Choose)
	w.account("both2", path.Choose, func(n *account.New) { n.Email = "both@other.nhs.uk" })
	w.account("chain", path.Choose, func(n *account.New) { n.Email = "chain@third.nhs.uk" })
	w.settle()
	w.account("fresh", path.Choose)
	p := person("500", "Ada@NHS.net")
	if got := w.offered(p); got.Username != "" {
		t.Fatalf("without an alias it proposes %q", got.Username)
	}
	pair := w.pair("nhs.net", "example.nhs.uk")
	w.pair("nhs.net", "other.nhs.uk")
	w.pair("other.nhs.uk", "third.nhs.uk")
	w.proposed("signed-once.nhs.uk", "example.nhs.uk")
	if got := w.offered(p); got.Username != "ada" || got.ByAlias != "example.nhs.uk" {
		t.Fatalf("the honest candidate is %+v", got)
	}
	var y worldtest.Tally
	unproved := p
	unproved.EmailVerified = false
	y.Refused(t, "an address that CIS2 has not proved", w.offered(unproved).Username != "")
	another := p
	another.Name = "Leila Other"
	y.Refused(t, "another name", w.offered(another).Username != "")
	for _, address := range []string{"ada@signed-once.nhs.uk", "ada@example.nhs.uk.example", "аda@nhs.net",
		"a.da@nhs.net", "ada+dos@nhs.net", "unproved@nhs.net", "early@nhs.net", "reception@nhs.net", "fresh@nhs.net",
		"both@nhs.net", "chain@nhs.net", "ada@third.nhs.uk"} {
		y.Refused(t, address, w.offered(person("1", address)).Username != "")
	}
	_, err := w.table.Withdraw(t.Context(), w.ann, pair.ID, "wrong")
	w.Must(err)
	y.Refused(t, "an alias that was withdrawn", w.offered(p).Username != "")
	if w.linked(a.ID) {
		t.Error("an alias linked an account")
	}
	y.Report(t, "R7 candidates of aliases")
}

// R3, R7: an alias replaces no proof. The record of a link names it and who signed it, and the link stays when the
// alias goes.
func TestAnAliasReplacesNoProof(t *testing.T) {
	w := newAliases(t)
	a := w.account("ada", path.Choose)
	w.settle()
	pair := w.pair("nhs.net", "example.nhs.uk")
	p := person("500", "ada@nhs.net")
	cookie, err := w.claim(p, "ada", goodPass)
	w.Must(err)
	if err := w.confirm(cookie, ""); err == nil || w.linked(a.ID) {
		t.Fatalf("an alias stood for the code: %v", err)
	}
	w.Must(w.confirm(cookie, w.code(a.Email)))
	list := w.records(a.ID)
	missing := lacks(list[0], "R7 The domains example.nhs.uk and nhs.net",
		"signed by ann on 11 November 2026 and by bea",
		"proved nothing", "R3 ")
	if missing != nil {
		t.Errorf("the record lacks %q: %+v", missing, list[0])
	}
	_, err = w.table.Withdraw(t.Context(), w.bea, pair.ID, "wrong")
	w.Must(err)
	links := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]alias.Link, error) {
		return alias.Links(ctx, r, pair.ID)
	})
	if len(links) != 1 || links[0].AccountID != a.ID || !w.linked(a.ID) {
		t.Errorf("after the withdrawal: linked %v, listed %+v", w.linked(a.ID), links)
	}
	other := w.account("bo", path.Choose)
	w.settle()
	cookie, err = w.claim(person("501", "bo@nhs.net"), "bo", goodPass)
	w.Must(err)
	w.Must(w.confirm(cookie, w.code(other.Email)))
	if missing := lacks(w.records(other.ID)[0], "The domains"); missing == nil {
		t.Error("a record names an alias that was withdrawn before")
	}
}

// An alias lifts no doubt: an address that was another account's is given to a person as without it.
func TestAnAliasLiftsNoDoubt(t *testing.T) {
	w := newAliases(t)
	w.pair("nhs.net", "example.nhs.uk")
	leaver := w.account("leaver", path.Choose, func(n *account.New) { n.Email = "ada@nhs.net" })
	w.Update(func(ctx context.Context, u *db.W) error {
		if err := account.Deactivate(ctx, u, leaver.ID, "left"); err != nil {
			return err
		}
		return mailbox.Bury(ctx, u, w.Post, leaver)
	})
	a := w.account("ada", path.Choose)
	w.settle()
	cookie, err := w.claim(person("500", "ada@nhs.net"), "ada", goodPass)
	w.Must(err)
	err = w.confirm(cookie, w.code(a.Email))
	if refused, _ := linking.RefusalOf(err); refused != linking.HeldBack || w.linked(a.ID) {
		t.Fatalf("linked %v: %v", w.linked(a.ID), err)
	}
	cases := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]review.Case, error) {
		list, _, err := review.Waiting(ctx, r, account.Reach{Everywhere: true}, 0, 9)
		return list, err
	})
	if len(cases) != 1 || cases[0].Kinds[0] != review.Recycled {
		t.Errorf("the cases are %+v", cases)
	}
}
