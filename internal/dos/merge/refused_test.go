package merge_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/merge"
	"signpost/internal/dos/review"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// refusals are merges that must not be, each of a world in which the same two accounts can be merged.
var refusals = []struct {
	name, reason string
	try          func(w *world) error
}{
	{"with itself", "This is one account", func(w *world) error { _, err := w.propose(w.ofNorth, w.old, w.old); return err }},
	{"one's own account", "You cannot do this to your own", func(w *world) error { _, err := w.propose(w.ofNorth, w.ofNorth, w.young); return err }},
	{"a peer's account", "This account manages users as widely", func(w *world) error { _, err := w.propose(w.ofNorth, w.secondOfNorth, w.young); return err }},
	{"an account that manages everywhere", "This account manages users everywhere", func(w *world) error {
		_, err := w.propose(w.admin, w.wide, w.young)
		return err
	}},
	{"an account outside the region", "This account is outside", func(w *world) error {
		_, err := w.propose(w.ofNorth, w.old, w.elsewhere)
		return err
	}},
	{"by somebody who manages nobody", "Your account does not have permission", func(w *world) error { _, err := w.propose(w.elsewhere, w.old, w.young); return err }},
	{"a shared account", "Only accounts of one person", func(w *world) error {
		team := w.Account(account.New{Username: "team", Email: "team@example.nhs.uk", Kind: account.Shared,
			PasswordHash: w.Hash, Region: w.north}, "")
		_, err := w.propose(w.ofNorth, w.old, team)
		return err
	}},
	{"an account for a program", "Only accounts of one person", func(w *world) error {
		robot := w.Account(account.New{Username: "robot", Email: "robot@example.nhs.uk", Kind: account.Machine,
			Region: w.north}, "")
		_, err := w.propose(w.ofNorth, robot, w.young)
		return err
	}},
	{"two that are linked to two Care Identities", "The two accounts are linked to two", func(w *world) error {
		w.link(w.old, "901")
		w.link(w.young, "900")
		_, err := w.propose(w.ofNorth, w.old, w.young)
		return err
	}},
	{"a link whose address came to the account that stays with another Care Identity", "The link cannot be moved",
		func(w *world) error {
			w.Update(func(ctx context.Context, u *db.W) error {
				return review.Keep(ctx, u, w.old.ID, review.Facts{
					CareIdentity: review.IdentityFacts{Issuer: issuer, Subject: "901", Email: "900@care.nhs.uk"},
				})
			})
			w.link(w.young, "900")
			_, err := w.propose(w.ofNorth, w.old, w.young)
			return err
		}},
	{"a deactivated one", "One of the two accounts is not active", func(w *world) error {
		w.deactivate(w.young)
		_, err := w.propose(w.ofNorth, w.old, w.young)
		return err
	}},
	{"an open merge of one of them", "A merge of one of the two", func(w *world) error {
		third := w.person("ann.third", w.north, nil)
		_, err := w.propose(w.ofNorth, third, w.young)
		w.Must(err)
		_, err = w.propose(w.ofNorth, w.old, w.young)
		return err
	}},
	{"the second identity of the administrator", "You cannot merge accounts of your own", func(w *world) error {
		w.Update(func(ctx context.Context, u *db.W) error { // ann.young was linked to the administrator's identity
			l := account.Link{AccountID: w.young.ID, Issuer: issuer, Subject: "905", How: "typed"}
			if err := account.AddLink(ctx, u, l); err != nil {
				return err
			}
			if err := account.RemoveLink(ctx, u, w.young.ID, "test"); err != nil {
				return err
			}
			l.AccountID = w.ofNorth.ID
			return account.AddLink(ctx, u, l)
		})
		_, err := w.propose(w.ofNorth, w.old, w.young)
		return err
	}},
	{"a link for the review desk", "The link cannot be moved", func(w *world) error { // the old account's address was somebody else's before
		w.Update(func(ctx context.Context, u *db.W) error {
			_, err := u.Exec(ctx, `INSERT INTO account_email_past (account_id, email, email_key, since, until)
				VALUES ($1, $2, $2, $3, $4)`, w.elsewhere.ID, w.old.Email, u.Now().Add(-time.Hour), u.Now())
			return errors.Join(err, account.SetPassword(ctx, u, w.elsewhere.ID, ""),
				u.Record(ctx, administrationEvent(w.elsewhere)))
		})
		w.link(w.young, "900")
		_, err := w.propose(w.ofNorth, w.old, w.young)
		return err
	}},
	{"before the holder confirmed", "The holder has not shown", func(w *world) error {
		id, err := w.propose(w.ofNorth, w.old, w.young)
		w.Must(err)
		return w.office.Do(w.Context(), by(w.ofNorth), id, w.seen(id))
	}},
	{"with a wrong code", "Enter the code", func(w *world) error {
		_, err := w.propose(w.ofNorth, w.old, w.young)
		w.Must(err)
		w.Must(w.office.SendCode(w.Context(), by(w.young)))
		return w.office.Confirm(w.Context(), by(w.young), "2345-6789")
	}},
	{"with the code of another session", "This code has expired", func(w *world) error {
		_, err := w.propose(w.ofNorth, w.old, w.young)
		w.Must(err)
		w.Must(w.office.SendCode(w.Context(), by(w.young)))
		w.Settle()
		other := by(w.young)
		other.Session = "another"
		return w.office.Confirm(w.Context(), other, w.Code(w.old.Email))
	}},
	{"confirmed by a stranger", "There is no merge that waits", func(w *world) error {
		_, err := w.propose(w.ofNorth, w.old, w.young)
		w.Must(err)
		return w.office.SendCode(w.Context(), by(w.elsewhere))
	}},
	{"confirmed without the linked account's session", "One of the two accounts is linked", func(w *world) error {
		w.link(w.old, "900")
		_, err := w.propose(w.ofNorth, w.old, w.young)
		w.Must(err)
		return w.office.SendCode(w.Context(), by(w.young))
	}},
	{"with an address that was proved long ago", "The email address of the account with which", func(w *world) error {
		w.Clock.Advance(60 * 24 * time.Hour)
		_, err := w.propose(w.ofNorth, w.old, w.young)
		w.Must(err)
		return w.office.SendCode(w.Context(), by(w.young))
	}},
	{"after the link changed", "The email address or the link", func(w *world) error {
		id := w.ready(w.young, w.old)
		w.link(w.young, "900")
		return w.office.Do(w.Context(), by(w.ofNorth), id, w.seen(id))
	}},
	{"after one was deactivated", "One of the two accounts is not active", func(w *world) error {
		id := w.ready(w.young, w.old)
		w.deactivate(w.young)
		return w.office.Do(w.Context(), by(w.ofNorth), id, w.seen(id))
	}},
	{"after a week", "This merge is over", func(w *world) error {
		id := w.ready(w.young, w.old)
		w.Clock.Advance(merge.MergeFor)
		return w.office.Do(w.Context(), by(w.ofNorth), id, w.seen(id))
	}},
	{"after it was withdrawn", "This merge is over", func(w *world) error {
		id := w.ready(w.young, w.old)
		w.Must(w.office.Withdraw(w.Context(), by(w.ofNorth), id))
		return w.office.Do(w.Context(), by(w.ofNorth), id, w.seen(id))
	}},
	{"after a holder said no", "This merge is over", func(w *world) error {
		id := w.ready(w.young, w.old)
		w.Must(w.office.Decline(w.Context(), by(w.old)))
		return w.office.Do(w.Context(), by(w.ofNorth), id, w.seen(id))
	}},
	{"twice", "This merge is over", func(w *world) error {
		id := w.ready(w.young, w.old)
		w.Must(w.office.Do(w.Context(), by(w.ofNorth), id, w.seen(id)))
		return w.office.Do(w.Context(), by(w.ofNorth), id, w.seen(id))
	}},
	{"by an administrator who lost the right", "Your account does not have permission", func(w *world) error {
		id := w.ready(w.young, w.old)
		w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, w.ofNorth.ID, "left") })
		return w.office.Do(w.Context(), by(w.ofNorth), id, w.seen(id))
	}},
	{"a group that the administrator could not give", "You cannot give or take this group", func(w *world) error {
		w.Update(func(ctx context.Context, u *db.W) error {
			return account.AddGroup(ctx, u, w.young.ID, account.DoSLead, account.Everywhere)
		})
		_, err := w.propose(w.ofNorth, w.old, w.young,
			account.Membership{Group: account.DoSLead, Scope: account.Everywhere})
		return err
	}},
	{"a link to an account with rights that the administrator could not give", "You cannot give or take this group", func(w *world) error {
		w.link(w.young, "900")
		w.Update(func(ctx context.Context, u *db.W) error {
			return account.AddGroup(ctx, u, w.old.ID, account.DoSLead, account.Everywhere)
		})
		_, err := w.propose(w.ofNorth, w.old, w.young)
		return err
	}},
	{"undone after 30 days", "This merge was done more than 30", func(w *world) error {
		id := w.done()
		w.Clock.Advance(merge.UndoFor)
		return w.office.Undo(w.Context(), by(w.ofNorth), id, w.seen(id), "late")
	}},
	{"done by somebody who was given the permission just now", "You were given the permission", func(w *world) error {
		id := w.ready(w.young, w.old)
		fresh := w.person("fresh", w.north, nil)
		w.Update(func(ctx context.Context, u *db.W) error {
			return account.AddGroup(ctx, u, fresh.ID, account.UserAdministrator, account.Everywhere)
		})
		return w.office.Do(w.Context(), by(fresh), id, w.seen(id))
	}},
	{"undone by a stranger", "Your account does not have permission", func(w *world) error {
		return w.undo(w.elsewhere, w.done(), "mine")
	}},
	{"undone by its holder", "Your account does not have permission", func(w *world) error {
		return w.undo(w.old, w.done(), "mine")
	}},
	{"undone after the link was undone", "The link that was moved", func(w *world) error {
		id := w.done()
		w.Update(func(ctx context.Context, u *db.W) error { return account.RemoveLink(ctx, u, w.old.ID, "wrong") })
		return w.office.Undo(w.Context(), by(w.ofNorth), id, w.seen(id), "why not")
	}},
	{"undone after the survivor was deactivated", "The account that stayed", func(w *world) error {
		id := w.done()
		w.deactivate(w.old)
		return w.office.Undo(w.Context(), by(w.ofNorth), id, w.seen(id), "why not")
	}},
	{"the closed account activated by itself", "This account was merged", func(w *world) error {
		w.done()
		office := administration.Office{DB: w.DB, Post: w.Post}
		return office.Reactivate(w.Context(), by(w.admin), w.young.ID, "needed")
	}},
}

// Each merge that must not be is refused for its own reason; without that reason the same two merge.
func TestMergesThatMustNotBe(t *testing.T) {
	t.Parallel()
	newWorld(t).done()
	for _, one := range refusals {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			err := one.try(newWorld(t))
			f, known := fault.From(err)
			if !known || !strings.HasPrefix(f.Message, one.reason) {
				t.Fatalf("not refused as %q: %v", one.reason, err)
			}
		})
	}
	t.Logf("merges that must not be: tried %d, accepted 0", len(refusals))
}
