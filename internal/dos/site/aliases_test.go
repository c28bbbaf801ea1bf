package site_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/alias"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/worldtest"
)

// proposedAlias has an administrator propose a domain as an alias of nhs.net, and gives its id.
func (w *world) proposedAlias(domain string) string {
	w.Helper()
	username := "first" + strings.ReplaceAll(domain, ".", "")
	first := w.account(account.New{Username: username, FirstName: "Fay", LastName: "First",
		Email: username + "@example.nhs.uk", Grants: account.UserAdministrator.In(account.Everywhere)}, path.Choose)
	table := alias.Table{DB: w.DB, Post: w.Post}
	by := actor.Actor{Kind: actor.Person, ID: first.ID, Name: first.Name()}
	a, err := table.Propose(w.Context(), by, alias.Typed{One: domain, Other: "nhs.net", Reason: "One trust"})
	w.Must(err)
	return a.ID
}

// everywhere gives a browser of somebody who manages users everywhere.
func (w *world) everywhere(username string) *browser {
	w.Helper()
	w.account(account.New{Username: username, FirstName: username, LastName: "Admin",
		Email: username + "@example.nhs.uk", Grants: account.UserAdministrator.In(account.Everywhere)}, path.Choose)
	b := w.browser()
	b.withPassword(username, goodPass)
	return b
}

// Two administrators sign an alias by pages; whoever comes with the other address is then shown the account, and no
// more.
func TestAnAliasIsSignedByTwoByPages(t *testing.T) {
	w := newWorld(t)
	one := w.everywhere("una")
	two := w.everywhere("dora")
	one.get("/users").mustHave(t, "Domain aliases")
	one.get("/aliases").mustHave(t, "Addresses in two domains propose nothing", "Propose a domain alias")
	got := one.post("/aliases/new", "one", "nhs.net", "other", "example.nhs.uk", "reason", "The trust moved to nhs.net")
	if got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "/aliases/") {
		t.Fatalf("proposal: %d to %q %s", got.status, got.location, got.body)
	}
	at := got.location
	one.get(at).mustHave(t, "another administrator has to sign it", "The trust moved to nhs.net")
	if got := one.post(at + "/sign"); got.status != http.StatusForbidden && got.location == at {
		t.Errorf("signed twice by one: %d", got.status)
	}
	w.issuer.Person.Subject = "500000000099"
	w.issuer.Person.Email = strings.Replace(w.ada.Email, "example.nhs.uk", "nhs.net", 1)
	comes := func() page {
		b := w.browser()
		b.careIdentity()
		return b.get("/sign-in/no-account")
	}
	if strings.Contains(comes().body, "in the domain example.nhs.uk") {
		t.Error("an alias that one person signed proposes an account")
	}
	two.get(at).mustHave(t, "Needs a second signature", "Sign this alias", "Who has example.nhs.uk",
		"3 users, and no linked", "Who has nhs.net", "Nobody: no user")
	if got := two.post(at+"/sign", two.seeing(at)...); got.location != at {
		t.Fatalf("second signature: %d to %q %s", got.status, got.location, got.body)
	}
	two.get(at).mustHave(t, "Counts", "No account was linked between them")
	comes().mustHave(t, "The account ada has your name and your email address, but in the domain example.nhs.uk")
	if w.linked(w.ada.ID) {
		t.Error("an alias linked an account")
	}
	if got := two.post(at + "/withdraw"); got.location == at {
		t.Error("withdrawn without a reason")
	}
	if got := one.post(at+"/withdraw", "reason", "It was wrong"); got.location != at {
		t.Fatalf("withdrawal: %d to %q %s", got.status, got.location, got.body)
	}
	two.get(at).mustHave(t, "Withdrawn", "It was wrong")
	if strings.Contains(comes().body, "in the domain example.nhs.uk") {
		t.Error("an alias that was withdrawn proposes an account")
	}
}

// Whoever proposed an alias is not offered to sign it by another account of theirs.
func TestNobodySignsByAnotherAccount(t *testing.T) {
	w := newWorld(t)
	at := "/aliases/" + w.proposedAlias("trust.nhs.uk")
	two := w.everywhere("dora")
	two.get(at).mustHave(t, "Sign this alias")
	w.sql(`INSERT INTO account_email_past (account_id, email, email_key, since, until)
		SELECT d.id, f.email, f.email_key, 1, 2 FROM account d, account f
		WHERE d.username = 'dora' AND f.username = 'firsttrustnhsuk'`)
	two.get(at).mustHave(t, "You proposed this alias")
	if strings.Contains(two.get(at).body, "Sign this alias") {
		t.Error("it is offered to whoever proposed it by another account")
	}
}

// What must not be an alias comes back at its field.
func TestDomainsThatCannotBeAliases(t *testing.T) {
	w := newWorld(t)
	one := w.everywhere("una")
	var y worldtest.Tally
	for domain, words := range map[string]string{
		"gmail.com": "Anybody can get an address in gmail.com", "NHS.net": "both are nhs.net", "n-hs.net": "looks like",
		"ada@trust.nhs.uk": "Enter only what stands behind the @", "": "Enter a domain",
	} {
		got := one.post("/aliases/new", "one", "nhs.net", "other", domain, "reason", "one trust")
		y.Refused(t, domain, strings.HasPrefix(got.location, "/aliases/") && got.location != "/aliases/new")
		got.mustHave(t, words)
	}
	y.Report(t, "domains that cannot be aliases")
}
