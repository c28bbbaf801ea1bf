package linking_test

import (
	"context"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// records gives the records of the links of an account.
func (w *world) records(id string) []review.Record {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]review.Record, error) {
		return review.RecordsOf(ctx, r, id)
	})
}

// lacks lists which of some words a record does not have among its proofs and rules.
func lacks(record review.Record, words ...string) (missing []string) {
	text := strings.Join(record.Proofs, "; ")
	for _, rule := range record.Rules {
		text += "; " + rule.Number + " " + rule.Words
	}
	for _, one := range words {
		if !strings.Contains(text, one) {
			missing = append(missing, one)
		}
	}
	return missing
}

// R12: each link leaves a record of what it was made on, which an undo leaves as it is.
func TestEachLinkLeavesARecord(t *testing.T) {
	w := newWorld(t)
	admin := w.account("admin", path.Choose, func(n *account.New) {
		n.Grants = account.Everywhere.Of(account.ManageUsers)
	})
	a := w.account("ada", path.Choose)
	w.settle()
	p := person("500", a.Email)
	w.link(a, p)
	list := w.records(a.ID)
	if len(list) != 1 {
		t.Fatalf("%d records of one link", len(list))
	}
	want := review.IdentityFacts{
		Issuer: issuer, Subject: "500", Name: "Ada Example", Email: a.Email, Verified: true, Level: 3,
	}
	if list[0].CareIdentity != want || list[0].Account.Username != "ada" || list[0].MadeBy != "Ada Example" {
		t.Errorf("the record is %+v", list[0])
	}
	missing := lacks(list[0], "typed the username and the password", "proved at CIS2", "R2 Both have one email address",
		"R5 ", "R10 ", "R12 ")
	if missing != nil {
		t.Errorf("the record lacks %q: %+v", missing, list[0])
	}
	code, err := w.linker.Undo(t.Context(), actor.Actor{Kind: actor.Person, ID: admin.ID}, a.ID, "not theirs")
	w.Must(err)
	cookie, err := w.claimByRelinkCode(p, "ada", code)
	w.Must(err)
	w.Must(w.confirm(cookie, w.code(a.Email)))
	list = w.records(a.ID)
	if len(list) != 2 {
		t.Fatalf("%d records of two links, one of them undone", len(list))
	}
	missing = lacks(list[0], "code that an administrator had handed over", "code that was mailed to "+a.Email, "R3 ")
	if missing != nil {
		t.Errorf("the record of the second link lacks %q: %+v", missing, list[0])
	}
}

// The account of an approved request is linked in one Update with its record.
func TestTheLinkOfARequestLeavesARecord(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose, func(n *account.New) { n.PasswordHash = "" })
	p := person("500", "other@example.nhs.uk")
	p.Name = "Leila Other"
	by := actor.Actor{Kind: actor.Person, ID: "admin", Name: "Al Admin"}
	w.Must(w.DB.Update(t.Context(), by, func(u *db.W) error {
		return w.linker.JoinRequested(t.Context(), u, a, p, nil)
	}))
	list := w.records(a.ID)
	if len(list) != 1 || list[0].MadeBy != "Al Admin" {
		t.Fatalf("the records are %+v", list)
	}
	missing := lacks(list[0], "approved the request", "R7 The names differ, and an administrator compared them")
	if missing != nil {
		t.Errorf("the record lacks %q: %+v", missing, list[0])
	}
}

// Every way to show that an account is one's own has its words in the record.
func TestEveryControlHasWords(t *testing.T) {
	all := []linking.Control{linking.BySession, linking.ByTyping, linking.BySetUp, linking.ByMailbox, linking.ByRequest}
	for _, c := range all {
		if linking.ControlText(c) == "" {
			t.Errorf("%q has no words", c)
		}
	}
}
