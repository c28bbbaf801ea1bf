package linking_test

import (
	"context"
	"slices"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// grants are the rights of an account.
func (w *world) grants(a account.Account) account.Grants {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (account.Grants, error) {
		return account.GrantsOf(ctx, r, a.ID)
	})
}

// L30: somebody linked the wrong account and used it. When that is undone, the account's rights are as they were, what
// the wrong person did is all kept, and so are the records of both links.
func TestTheWrongPersonsLinkIsUndone(t *testing.T) {
	w := newWorld(t)
	admin := w.account("administrator", path.Prepare, func(n *account.New) {
		n.Grants = account.UserAdministrator.In(account.Everywhere)
	})
	a := w.account("ada", path.Choose, func(n *account.New) {
		n.Organisation = "Z99Z9"
		n.Grants = account.ProviderUser.In(account.OwnOrganisation)
	})
	w.settle()
	before := w.grants(a)
	wrong := person("wrong", "wrong@example.nhs.uk")
	wrong.Roles = positionOpens
	cookie, err := w.claim(wrong, "ada", goodPass) // who knows the password and reads the mailbox
	w.Must(err)
	w.Must(w.confirm(cookie, w.code(a.Email)))
	const acts = 25
	for range acts {
		if outcome, _ := w.enter(wrong); outcome != signin.Enter {
			t.Fatalf("the wrong person does not come in: %s", outcome)
		}
		who := actor.Actor{Kind: actor.Person, ID: a.ID, Name: wrong.Name}
		w.Must(w.DB.Update(t.Context(), who, func(u *db.W) error {
			return u.Record(t.Context(), audit.Event{Kind: "test.act", Subject: account.Ref(a.ID)})
		}))
	}
	ofWrong := func() int64 {
		return w.Count(`SELECT COUNT(*) FROM event WHERE actor_id = $1 AND kind IN ('test.act', 'account.linked')`, a.ID)
	}
	kept := ofWrong()
	code, err := w.linker.Undo(t.Context(), actor.Actor{Kind: actor.Person, ID: admin.ID}, a.ID, "not theirs")
	w.Must(err)
	var y worldtest.Tally
	outcome, _ := w.enter(wrong)
	y.Refused(t, "the wrong person comes in", outcome == signin.Enter)
	y.Refused(t, "rights were lost or given", !slices.Equal(w.grants(a), before))
	y.Refused(t, "something that the wrong person did was lost", kept < acts || ofWrong() != kept)

	right := person("right", a.Email)
	right.Roles = positionOpens
	cookie, err = w.claimByRelinkCode(right, "ada", code)
	w.Must(err)
	w.Must(w.confirm(cookie, w.code(a.Email)))
	if outcome, _ := w.enter(right); outcome != signin.Enter || !slices.Equal(w.grants(a), before) {
		t.Errorf("the owner: %s, with %v", outcome, w.grants(a))
	}
	subjects := map[string]bool{}
	for _, one := range w.records(a.ID) {
		subjects[one.CareIdentity.Subject] = true
	}
	past := w.Count(`SELECT COUNT(*) FROM account_link_past WHERE account_id = $1 AND subject = 'wrong'`, a.ID)
	if !subjects["wrong"] || !subjects["right"] || past != 1 {
		t.Errorf("the records are of %v, past links %d", subjects, past)
	}
	y.Report(t, "L30 the wrong person's link")
}

// L2: the account that an attacker made with the victim's address is theirs no more once the victim has linked it by an
// administrator's code and their mailbox: neither its password, nor its sessions, nor a change that waits.
func TestAPlantedAccountEndsWithTheLink(t *testing.T) {
	w := newWorld(t)
	admin := w.account("administrator", path.Prepare, func(n *account.New) {
		n.Grants = account.UserAdministrator.In(account.Everywhere)
	})
	a := w.account("planted", path.Choose, func(n *account.New) {
		n.Email = "victim@example.nhs.uk"
		n.EmailProved = false
	})
	w.settle()
	session, err := w.in("planted", goodPass)
	w.Must(err)
	me := actor.Actor{Kind: actor.Person, ID: a.ID, Session: "one"}
	w.Must(mailbox.Ask(t.Context(), w.DB, me, w.linker.Post, a.ID, "attacker@example.nhs.uk"))
	change := w.code("attacker@example.nhs.uk")
	if w.find(session) != nil {
		t.Fatal("the attacker's session does not work before")
	}
	var y worldtest.Tally
	victim := person("victim", a.Email)
	cookie, err := w.claimByRelinkCode(victim, "planted", w.allow(admin, a))
	w.Must(err)
	y.Refused(t, "L2 linked before the address was proved", w.confirm(cookie, "") == nil)
	w.Must(w.confirm(cookie, w.code(a.Email)))
	y.Refused(t, "L2, L3 the attacker's session", w.find(session) == nil)
	_, err = w.in("planted", goodPass)
	y.Refused(t, "L2 the attacker's password", err == nil)
	y.Refused(t, "L2, L5 the attacker's change of address",
		mailbox.Confirm(t.Context(), w.DB, me, w.linker.Post, a.ID, change) == nil)
	y.Report(t, "L2, L3, L5 a planted account")
}
