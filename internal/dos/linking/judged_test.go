package linking_test

import (
	"context"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

func as(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name()}
}

// administrator makes an account that manages users within a scope, of a home organisation of its own.
func (w *world) administrator(username string, s account.Scope, change ...func(n *account.New)) account.Account {
	w.Helper()
	return w.account(username, path.Choose, append(change, func(n *account.New) {
		n.Organisation = "ZZ001"
		n.Grants = account.UserAdministrator.In(s)
	})...)
}

func (w *world) administered() bool {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (bool, error) {
		return administration.Administered(ctx, r, "")
	})
}

// linkedByTwoNames links an account to a Care Identity of another name, and gives the case about it.
func (w *world) linkedByTwoNames(a account.Account) review.Case {
	w.Helper()
	p := person("two-"+a.Username, a.Email)
	p.Name = "Leila Other"
	cookie, err := w.claim(p, a.Username, goodPass)
	w.Must(err)
	w.Must(w.linker.AcceptNames(w.Context(), stranger, cookie))
	w.Must(w.confirm(cookie, ""))
	return w.waiting()[0]
}

// A review ends no link that could not be undone otherwise: of a peer, of somebody wider, of the last administrator.
func TestReviewsEndNoLinkOfPeersAndTheLast(t *testing.T) {
	for name, scope := range map[string]account.Scope{
		"of an administrator everywhere, who is the last": account.Everywhere, "of a peer": account.OwnOrganisation,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			local := w.administrator("local", account.OwnOrganisation)
			other := w.administrator("other", scope)
			user := w.account("user", path.Choose, func(n *account.New) { n.Organisation = "ZZ001" })
			w.settle()
			c := w.linkedByTwoNames(user) // the twin
			_, err := w.linker.DecideReview(t.Context(), as(local), c.ID, w.looked(c.ID, false, "not them"))
			w.Must(err)
			if w.linked(user.ID) {
				t.Fatal("the twin is linked")
			}
			before := w.administered()
			c = w.linkedByTwoNames(other)
			var y worldtest.Tally
			_, err = w.linker.DecideReview(t.Context(), as(local), c.ID, w.looked(c.ID, false, "not them"))
			y.Refused(t, name, !is(err, fault.Forbidden))
			if !w.linked(other.ID) || w.administered() != before || len(w.waiting()) != 1 {
				t.Errorf("linked %v, administered %v, %d cases", w.linked(other.ID), w.administered(), len(w.waiting()))
			}
			y.Report(t, "R11 links that a reviewer may not end")
		})
	}
}

// Whoever approves a link lets somebody in to all that the account has, so they must be able to give it.
func TestReviewersLetNobodyInToMoreThanTheyCouldGive(t *testing.T) {
	w := newWorld(t)
	local := w.administrator("local", account.OwnOrganisation)
	wide := w.administrator("wide", account.Everywhere)
	w.administrator("ada", account.Everywhere)
	w.settle()
	a := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (account.Account, error) {
		return account.ByUsername(ctx, r, "ada")
	})
	p := person("new", "ada@examp1e.nhs.uk")
	if err := w.try(p, a); !heldBack(err) {
		t.Fatalf("the link is not held: %v", err)
	}
	c := w.waiting()[0]
	var y worldtest.Tally
	_, err := w.linker.DecideReview(t.Context(), as(local), c.ID, w.looked(c.ID, true, "it is them"))
	y.Refused(t, "a local administrator approves the link of a wider one", !is(err, fault.Forbidden))
	_, err = w.linker.AllowRelink(t.Context(), as(local), a.ID)
	y.Refused(t, "and makes a relink code for it", !is(err, fault.Forbidden))
	y.Refused(t, "and somebody comes in", !heldBack(w.try(p, a)))
	_, err = w.linker.DecideReview(t.Context(), as(wide), c.ID, w.looked(c.ID, true, "it is them"))
	w.Must(err)
	w.Must(w.try(p, a))
	y.Report(t, "L29 approvals of links beyond one's own rights")
}

// L28: the reviewer is not the person, by any of their accounts, Care Identities and addresses, nor whoever made the
// code.
func TestNobodyApprovesTheirOwnLink(t *testing.T) {
	w := newWorld(t)
	ruth := w.reviewer("ruth")
	other := w.reviewer("other")
	var y worldtest.Tally
	mallory := w.account("mallory", path.Choose, func(n *account.New) {
		n.Grants = account.UserAdministrator.In(account.Everywhere)
	})
	boss := w.account("boss", path.Choose, func(n *account.New) { n.PasswordHash = "" })
	w.settle()
	w.link(mallory, person("mine", mallory.Email))
	_, err := w.linker.Undo(t.Context(), as(mallory), mallory.ID, "for a moment")
	w.Must(err)
	code, err := w.linker.AllowRelink(t.Context(), other, boss.ID)
	w.Must(err)
	cookie, err := w.claimByRelinkCode(person("mine", "boss@examp1e.nhs.uk"), "boss", code)
	w.Must(err)
	y.Refused(t, "an address that looks alike", !heldBack(w.confirm(cookie, w.code(boss.Email))))
	c := w.waiting()[0]
	_, err = w.linker.DecideReview(t.Context(), as(mallory), c.ID, w.looked(c.ID, true, "it is them"))
	y.Refused(t, "by whoever has the Care Identity", !is(err, fault.Forbidden))
	code, err = w.linker.AllowRelink(t.Context(), ruth, boss.ID)
	w.Must(err)
	_, err = w.linker.DecideReview(t.Context(), ruth, c.ID, w.looked(c.ID, true, "it is them"))
	y.Refused(t, "by whoever made the newest code", !is(err, fault.Forbidden))
	if code == "" || w.linked(boss.ID) {
		t.Error("linked")
	}
	_, err = w.linker.DecideReview(t.Context(), other, c.ID, w.looked(c.ID, false, "I do not know them"))
	w.Must(err)
	y.Report(t, "L28 own links")
}

// An approval stands for what was looked at, and not for other addresses.
func TestApprovalsStandForWhatWasLookedAt(t *testing.T) {
	w := newWorld(t)
	by := w.reviewer("ruth")
	a, p, c := w.doubtful()
	_, err := w.linker.DecideReview(t.Context(), by, c.ID, w.looked(c.ID, true, "I telephoned them"))
	w.Must(err)
	other := p
	other.Email = "ada@exampie.nhs.uk"
	var y worldtest.Tally
	y.Refused(t, "another address of the Care Identity", !heldBack(w.try(other, a)) || w.linked(a.ID))
	if cases := w.waiting(); len(cases) != 1 || cases[0].CareIdentity.Email != other.Email {
		t.Errorf("the cases are %+v", cases)
	}
	y.Report(t, "R7 approvals of other facts")
}

// A refusal, and a case that waits, stop the pair also where nothing is doubted any more.
func TestRefusedPairsAreNotLinkedByAnotherAddress(t *testing.T) {
	for name, refuse := range map[string]bool{"refused": true, "waiting": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			by := w.reviewer("ruth")
			a, p, c := w.doubtful()
			if refuse {
				_, err := w.linker.DecideReview(t.Context(), by, c.ID, w.looked(c.ID, false, "this is not Ada"))
				w.Must(err)
			}
			p.Email = "anything@else.example"
			var y worldtest.Tally
			y.Refused(t, name, !heldBack(w.try(p, a)) || w.linked(a.ID))
			y.Report(t, "R7 pairs with another address")
		})
	}
}

// A link too old to be undone can still be found wrong: the case ends, and the link stays.
func TestRefusalsOfOldLinksAreKept(t *testing.T) {
	w := newWorld(t)
	by := w.reviewer("ruth")
	a := w.account("ada", path.Choose)
	w.settle()
	c := w.linkedByTwoNames(a)
	w.Clock.Advance(account.UndoFor + time.Minute)
	decided, err := w.linker.DecideReview(t.Context(), by, c.ID, w.looked(c.ID, false, "not them"))
	w.Must(err)
	if decided.Undone || !w.linked(a.ID) || len(w.waiting()) != 0 {
		t.Errorf("undone %v, linked %v, %d cases", decided.Undone, w.linked(a.ID), len(w.waiting()))
	}
}

// R7: an address that came to an earlier link of the same account with another Care Identity goes to a person.
func TestAnAddressThatComesWithASecondCareIdentity(t *testing.T) {
	w := newWorld(t)
	boss := w.reviewer("ruth")
	a := w.account("ada", path.Choose)
	w.settle()
	w.link(a, person("leaver", a.Email))
	code, err := w.linker.Undo(t.Context(), boss, a.ID, "has left")
	w.Must(err)
	same, err := w.claimByRelinkCode(person("leaver", a.Email), "ada", code)
	w.Must(err)
	w.Must(w.confirm(same, w.code(a.Email))) // the twin
	code, err = w.linker.Undo(t.Context(), boss, a.ID, "has left")
	w.Must(err)
	next, err := w.claimByRelinkCode(person("successor", a.Email), "ada", code)
	w.Must(err)
	var y worldtest.Tally
	y.Refused(t, "the successor with the leaver's address", !heldBack(w.confirm(next, w.code(a.Email))))
	if cases := w.waiting(); len(cases) != 1 || cases[0].Kinds[0] != review.Recycled {
		t.Errorf("the cases are %+v", cases)
	}
	past := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]mailbox.PastHolder, error) {
		return linking.PastHoldersOf(ctx, r, w.Post, w.waiting()[0])
	})
	if len(past) == 0 || past[0].Subject != "leaver" {
		t.Errorf("the reviewer sees %+v", past)
	}
	y.Report(t, "R7 the same account's past")
}

// A decision is about what its page showed: not about a doubt that came while somebody looked.
func TestADoubtThatCameMeanwhileIsLookedAt(t *testing.T) {
	w := newWorld(t)
	by := w.reviewer("ruth")
	a := w.account("ada", path.Choose)
	facts := review.Facts{Account: review.FactsOf(a),
		CareIdentity: review.IdentityFacts{Issuer: "https://cis2.example", Subject: "500123"}}
	w.Update(func(ctx context.Context, u *db.W) error {
		return review.Note(ctx, u, a.ID, review.NamesDiffer, facts)
	})
	c := w.waiting()[0]
	before := w.looked(c.ID, true, "she married")
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := review.Again(ctx, u, a.ID, facts)
		return err
	})
	for _, decision := range []review.Decision{before, {Approve: true, Reason: "she married"}} {
		if _, err := w.linker.DecideReview(t.Context(), by, c.ID, decision); !is(err, fault.Conflict) {
			t.Errorf("decided about what was not looked at: %v", err)
		}
	}
	_, err := w.linker.DecideReview(t.Context(), by, c.ID, w.looked(c.ID, true, "I telephoned them"))
	w.Must(err) // the honest twin
}

// looked gives a decision of somebody who looks at a case as it is now.
func (w *world) looked(id string, approve bool, reason string) review.Decision {
	w.Helper()
	name := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (string, error) {
		c, err := review.ByID(ctx, r, id)
		if err != nil {
			return "", err
		}
		return c.Seen()
	})
	return review.Decision{Approve: approve, Reason: reason, Seen: name}
}
