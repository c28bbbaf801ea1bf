package alias_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/alias"
	"signpost/internal/dos/dostest"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// world has three administrators everywhere, and one of a region.
type world struct {
	*dostest.World

	table                 alias.Table
	ann, bea, cyd, ofEast account.Account
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC))}
	w.Start()
	w.table = alias.Table{DB: w.DB, Post: w.Post}
	everywhere := account.UserAdministrator.In(account.Everywhere)
	w.ann = w.person("ann", everywhere)
	w.bea = w.person("bea", everywhere)
	w.cyd = w.person("cyd", everywhere)
	w.ofEast = w.person("east", account.UserAdministrator.In(account.InRegion("east")))
	return w
}

func (w *world) person(username string, grants account.Grants) account.Account {
	w.Helper()
	return w.Account(account.New{Username: username, FirstName: "Ada", Email: username + "@example.nhs.uk",
		PasswordHash: w.Hash, Grants: grants}, "")
}

func by(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Username}
}

func (w *world) propose(from account.Account, one, other string) (alias.Alias, error) {
	typed := alias.Typed{One: one, Other: other, Reason: "The trust moves its mail"}
	return w.table.Propose(w.Context(), by(from), typed)
}

// seen names a pair as its page shows it now; nothing if there is none.
func (w *world) seen(id string) (name string) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) error {
		a, err := alias.ByID(ctx, r, id)
		if errors.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		table, err := alias.List(ctx, r)
		if err != nil {
			return err
		}
		name, err = a.Seen(alias.Cautions(a, table))
		return err
	})
	return name
}

func (w *world) sign(from account.Account, id string) error {
	_, err := w.table.Sign(w.Context(), by(from), id, w.seen(id))
	return err
}

func (w *world) withdraw(from account.Account, id string) error {
	_, err := w.table.Withdraw(w.Context(), by(from), id, "The trust has left")
	return err
}

func (w *world) keys(address string) string {
	w.Helper()
	return strings.Join(worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]string, error) {
		return alias.Keys(ctx, r, address)
	}), " ")
}

func (w *world) made(from account.Account, one, other string) alias.Alias {
	w.Helper()
	a, err := w.propose(from, one, other)
	w.Must(err)
	return a
}

// A pair counts from its second signature until it is withdrawn, in both directions, and tells the administrators.
func TestAPairCountsWhileTwoSignedIt(t *testing.T) {
	w := newWorld(t)
	a := w.made(w.ann, " @NHS.net", "exampletrust.nhs.uk")
	if got := w.keys("Ann.Example@nhs.net"); got != "" {
		t.Errorf("with one signature it proposes %q", got)
	}
	w.Must(w.sign(w.bea, a.ID))
	if got := w.keys("Ann.Example@nhs.net"); got != "ann.example@exampletrust.nhs.uk" {
		t.Errorf("signed, it proposes %q", got)
	}
	if got := w.keys("ann.example@exampletrust.nhs.uk"); got != "ann.example@nhs.net" {
		t.Errorf("the other way it proposes %q", got)
	}
	w.Must(w.withdraw(w.cyd, a.ID))
	if got := w.keys("ann.example@nhs.net"); got != "" {
		t.Errorf("withdrawn, it proposes %q", got)
	}
	again := w.made(w.bea, "exampletrust.nhs.uk", "nhs.net")
	w.Must(w.sign(w.cyd, again.ID))
	for kind, n := range map[string]int{"alias.proposed": 1, "alias.signed": 2, "alias.withdrawn": 1} {
		if got := w.Mailed(kind, "ann@example.nhs.uk"); got != n {
			t.Errorf("%d mails %s to an administrator, want %d", got, kind, n)
		}
		if got := w.Mailed(kind, "east@example.nhs.uk"); got != 0 {
			t.Errorf("%d mails %s to one of a region", got, kind)
		}
	}
	list := worldtest.Read(w.World.World, alias.List)
	if len(list) != 2 || !list[0].Counts() || list[1].Withdrawn.Name != "cyd" ||
		list[1].WhyNot != "The trust has left" || list[1].Proposed.Name != "ann" || list[1].Signed.Name != "bea" {
		t.Errorf("the table is %+v", list)
	}
}

// That a is an alias of b, and b of c, says nothing of a and c.
func TestPairsMakeNoChain(t *testing.T) {
	w := newWorld(t)
	first := w.made(w.ann, "onetrust.nhs.uk", "nhs.net")
	w.Must(w.sign(w.bea, first.ID))
	second := w.made(w.ann, "nhs.net", "twotrust.nhs.uk")
	w.Must(w.sign(w.bea, second.ID))
	if got := w.keys("ada@onetrust.nhs.uk"); got != "ada@nhs.net" {
		t.Errorf("along a chain it proposes %q", got)
	}
	_, err := db.Read(t.Context(), w.DB, func(r db.R) (alias.Alias, error) {
		return alias.Between(t.Context(), r, "ada@onetrust.nhs.uk", "ada@twotrust.nhs.uk")
	})
	if !errors.Is(err, fault.NotFound) {
		t.Errorf("between the ends of a chain: %v", err)
	}
	list := worldtest.Read(w.World.World, alias.List)
	cautions := strings.Join(alias.Cautions(second, list), " ")
	if !strings.Contains(cautions, "nhs.net also stands with onetrust.nhs.uk") {
		t.Errorf("whoever signs is told %q", cautions)
	}
	likely := alias.Alias{ID: "new", One: "nhs.net", Other: "0netrust.nhs.uk"}
	if got := strings.Join(alias.Cautions(likely, list), " "); !strings.Contains(got, "looks like onetrust.nhs.uk") {
		t.Errorf("of a domain that looks like another: %q", got)
	}
}

func TestPairsThatMustNotBe(t *testing.T) {
	one, other, err := alias.Pair("trust.nhs.uk", "NHS.net.")
	if err != nil || one != "nhs.net" || other != "trust.nhs.uk" {
		t.Fatalf("the honest twin: %q, %q, %v", one, other, err)
	}
	var y worldtest.Tally
	for name, tt := range map[string][3]string{
		"nothing":               {"", "nhs.net", "one"},
		"one word":              {"nhs", "nhs.net", "one"},
		"an address":            {"ada@nhs.net", "trust.nhs.uk", "one"},
		"the same twice":        {"nhs.net", "NHS.NET", "other"},
		"the same with its dot": {"nhs.net", "nhs.net.", "other"},
		"a public provider":     {"nhs.net", "gmail.com", "other"},
		"another one":           {"nhs.net", "yahoo.co.uk", "other"},
		"below a public one":    {"mail.outlook.com", "nhs.net", "one"},
		"Cyrillic letters":      {"nhs.nеt", "nhs.net", "one"},
		"punycode":              {"xn--nhs-5cd.net", "nhs.net", "one"},
		"a digit for a letter":  {"tru5t.nhs.uk", "trust.nhs.uk", "other"},
		"one for l":             {"hospita1.nhs.uk", "hospital.nhs.uk", "other"},
		"a number":              {"10.0.0.1", "nhs.net", "one"},
		"more behind it":        {"nhs.net.co", "nhs.net", "other"},
		"a hyphen in it":        {"nhs.net", "nhs-net.com", "other"},
		"a letter before it":    {"rnhs.net", "nhs.net", "other"},
		"all of it below":       {"trust.nhs.uk", "trust.nhs.uk.evil.com", "other"},
	} {
		_, _, err := alias.Pair(tt[0], tt[1])
		y.Refused(t, name, err == nil)
		if f, known := fault.From(err); !known || f.Field != tt[2] {
			t.Errorf("%s: %v, want a fault of the field %s", name, err, tt[2])
		}
	}
	for _, domain := range []string{
		"co.uk", "ac.uk", "gov.uk", "nhs.uk", "doctors.org.uk", "doctors.net.uk", "hotmail.it", "gmail.co", "yahoo.in",
		"yahoo.co.jp", "outlook.com.au", "protonmail.ch", "virgin.net", "tiscali.co.uk", "blueyonder.co.uk", "o2.co.uk",
		"mailinator.com", "10minutemail.com", "onmicrosoft.com", "mail.com", "eu.mail.com",
	} {
		_, _, err := alias.Pair("trust.nhs.uk", domain)
		y.Refused(t, domain, err == nil)
	}
	y.Report(t, "R7 pairs of domains")
}

// Employers have domains that look like a provider's, and below one of their own.
func TestPairsOfEmployers(t *testing.T) {
	for one, other := range map[string]string{
		"outlook.nhs.uk": "nhs.net", "mail.trust.nhs.uk": "trust.nhs.uk", "trust.nhs.uk": "trust.org.uk",
		"proton.ac.uk": "nhs.net", "live.example.org": "nhs.net",
	} {
		if _, _, err := alias.Pair(one, other); err != nil {
			t.Errorf("%s and %s: %v", one, other, err)
		}
	}
}

// L28, L29: whoever proposes does not sign, by no account of theirs, nor does anybody who may not at that moment.
func TestWhoMaySign(t *testing.T) {
	w := newWorld(t)
	twin := w.person("twin", account.UserAdministrator.In(account.Everywhere))
	same := w.person("same", account.UserAdministrator.In(account.Everywhere))
	w.Update(func(ctx context.Context, u *db.W) error {
		link := account.Link{AccountID: w.ann.ID, Issuer: "i", Subject: "1", How: "x"}
		if err := account.AddLink(ctx, u, link); err != nil {
			return err
		}
		_, err := u.Exec(ctx, `INSERT INTO account_link_past (id, account_id, issuer, subject, linked_at, ended_at)
			VALUES ('past', $1, 'i', '1', $2, $2)`, twin.ID, u.Now())
		if err != nil {
			return err
		}
		_, err = u.Exec(ctx, `INSERT INTO account_email_past (account_id, email, email_key, since, until)
			VALUES ($1, 'ann@example.nhs.uk', 'ann@example.nhs.uk', $2, $2)`, same.ID, u.Now())
		return err
	})
	late := w.person("late", nil)
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddGroup(ctx, u, late.ID, account.UserAdministrator, account.Everywhere)
	})
	gone := w.person("gone", account.UserAdministrator.In(account.Everywhere))
	theirs := w.made(gone, "gone.nhs.uk", "nhs.net")
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, gone.ID, "left") })
	honest := w.made(w.ann, "honest.nhs.uk", "nhs.net")
	w.Must(w.sign(w.bea, honest.ID))
	a := w.made(w.ann, "trust.nhs.uk", "nhs.net")
	var y worldtest.Tally
	y.Refused(t, "whoever proposed it", w.sign(w.ann, a.ID) == nil)
	y.Refused(t, "their other account, by the Care Identity", w.sign(twin, a.ID) == nil)
	y.Refused(t, "their other account, by the address", w.sign(same, a.ID) == nil)
	y.Refused(t, "somebody of a region", w.sign(w.ofEast, a.ID) == nil)
	y.Refused(t, "somebody who was given the permission just now", w.sign(late, a.ID) == nil)
	y.Refused(t, "somebody deactivated", w.sign(gone, a.ID) == nil)
	y.Refused(t, "a stranger", w.sign(account.Account{}, a.ID) == nil)
	y.Refused(t, "one whose first signature does not count any more", w.sign(w.bea, theirs.ID) == nil)
	y.Refused(t, "one that counts already", w.sign(w.cyd, honest.ID) == nil)
	y.Refused(t, "one that there is not", w.sign(w.cyd, "none") == nil)
	y.Refused(t, "a withdrawal by somebody of a region", w.withdraw(w.ofEast, honest.ID) == nil)
	_, err := w.propose(w.ofEast, "east.nhs.uk", "nhs.net")
	y.Refused(t, "a proposal by somebody of a region", err == nil)
	_, err = w.propose(late, "late.nhs.uk", "nhs.net")
	y.Refused(t, "a proposal by somebody who was given the permission just now", err == nil)
	_, err = w.propose(w.bea, "nhs.net", "honest.nhs.uk")
	y.Refused(t, "a pair that is there", err == nil)
	if got := w.keys("ada@trust.nhs.uk") + w.keys("ada@gone.nhs.uk"); got != "" {
		t.Errorf("what nobody signed proposes %q", got)
	}
	w.Clock.Advance(time.Hour)
	w.Must(w.sign(late, a.ID))
	y.Report(t, "R7, L28, L29 second signatures")
}

// L28: two who sign each other's pairs within a day are flagged, and the others told.
func TestTwoWhoSignForEachOtherAreFlagged(t *testing.T) {
	w := newWorld(t)
	first := w.made(w.ann, "one.nhs.uk", "nhs.net")
	w.Must(w.sign(w.bea, first.ID))
	second := w.made(w.bea, "two.nhs.uk", "nhs.net")
	w.Must(w.sign(w.ann, second.ID))
	third := w.made(w.cyd, "three.nhs.uk", "nhs.net")
	w.Must(w.sign(w.ann, third.ID))
	w.Clock.Advance(25 * time.Hour)
	fourth := w.made(w.bea, "four.nhs.uk", "nhs.net")
	w.Must(w.sign(w.ann, fourth.ID))
	flagged := map[string]bool{}
	for _, a := range worldtest.Read(w.World.World, alias.List) {
		flagged[a.One] = flagged[a.One] || a.Flagged && a.One != "nhs.net"
		flagged[a.Other] = flagged[a.Other] || a.Flagged && a.Other != "nhs.net"
	}
	if !flagged["two.nhs.uk"] || flagged["one.nhs.uk"] || flagged["three.nhs.uk"] || flagged["four.nhs.uk"] {
		t.Errorf("flagged are %v", flagged)
	}
}
