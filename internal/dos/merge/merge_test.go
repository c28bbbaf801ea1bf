package merge_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/account/namesake"
	"signpost/internal/dos/merge"
	"signpost/internal/dos/review"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// A merge moves the link and the chosen groups, closes one account, ends what opened both, is told to all, and keeps a
// record of the link.
func TestTwoAccountsBecomeOne(t *testing.T) {
	w := newWorld(t)
	w.link(w.young, "900")
	given := account.ProviderUser.In(account.InRegion(w.north))
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddGroup(ctx, u, w.young.ID, account.ProviderUser, account.InRegion(w.north))
	})
	if _, err := w.in(w.old); err != nil {
		t.Fatal(err)
	}
	id := w.ready(w.young, w.old, account.Membership{Group: account.ProviderUser, Scope: account.InRegion(w.north)})
	w.Must(w.office.Do(t.Context(), by(w.ofNorth), id, w.seen(id)))
	if got := w.linkedTo(w.old) + "," + w.linkedTo(w.young); got != "900," {
		t.Errorf("links %q", got)
	}
	old, young := w.read(w.old), w.read(w.young)
	if !old.Active || young.Active || old.PasswordHash != "" || young.PasswordHash != "" {
		t.Errorf("old %+v, young %+v", old, young)
	}
	if !slices.Contains(w.grants(w.old), given[0]) {
		t.Errorf("grants %+v", w.grants(w.old))
	}
	if n := w.Count(`SELECT COUNT(*) FROM session WHERE subject = $1`, w.old.ID); n != 0 {
		t.Errorf("%d sessions live", n)
	}
	for _, to := range []string{w.old.Email, w.young.Email, "900@care.nhs.uk"} {
		if n := w.Mailed("merge.done", to); n != 1 {
			t.Errorf("%d mails to %s", n, to)
		}
	}
	w.View(func(ctx context.Context, r db.R) error {
		records, err := review.RecordsOf(ctx, r, w.old.ID)
		if len(records) != 1 || len(records[0].Proofs) != 3 {
			t.Errorf("records %+v", records)
		}
		return err
	})
	if n := len(w.Events("merge.done")); n != 2 {
		t.Errorf("%d events, want one in the trail of each", n)
	}
}

// An undo within 30 days leaves both as they were, but for sessions and passwords.
func TestMergeIsUndone(t *testing.T) {
	w := newWorld(t)
	w.link(w.young, "900")
	before := []account.Account{w.read(w.old), w.read(w.young)}
	grants := []account.Grants{w.grants(w.old), w.grants(w.young)}
	id := w.ready(w.young, w.old)
	w.Must(w.office.Do(t.Context(), by(w.ofNorth), id, w.seen(id)))
	w.Clock.Advance(29 * 24 * time.Hour)
	if err := w.office.Undo(t.Context(), by(w.ofNorth), id, w.seen(id), " "); !errors.Is(err, fault.Invalid) {
		t.Errorf("undone without a reason: %v", err)
	}
	w.Must(w.office.Undo(t.Context(), by(w.ofNorth), id, w.seen(id), "They are two people"))
	for i, a := range []account.Account{w.old, w.young} {
		now := w.read(a)
		now.PasswordHash = before[i].PasswordHash
		if now != before[i] || !slices.Equal(w.grants(a), grants[i]) {
			t.Errorf("%s was %+v, is %+v", a.Username, before[i], now)
		}
	}
	if got := w.linkedTo(w.old) + "," + w.linkedTo(w.young); got != ",900" {
		t.Errorf("links %q", got)
	}
	if hash := w.read(w.old).PasswordHash; hash != "" {
		t.Error("a password came back")
	}
	for _, to := range []string{w.old.Email, w.young.Email, "900@care.nhs.uk"} {
		if n := w.Mailed("merge.undone", to); n != 1 {
			t.Errorf("%d mails to %s", n, to)
		}
	}
	if err := w.office.Undo(t.Context(), by(w.ofNorth), id, w.seen(id), "again"); !errors.Is(err, fault.Conflict) {
		t.Errorf("undone twice: %v", err)
	}
}

// done gives a merge that was done and that moved a link.
func (w *world) done() string {
	w.Helper()
	w.link(w.young, "900")
	id := w.ready(w.young, w.old)
	w.Must(w.office.Do(w.Context(), by(w.ofNorth), id, w.seen(id)))
	return id
}

func (w *world) deactivate(a account.Account) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, a.ID, "left") })
}

// A code goes to where the other account had its mail 3 days ago, so that whoever changed it a moment ago gets none.
func TestCodeGoesToTheSettledAddress(t *testing.T) {
	w := newWorld(t)
	me := by(w.old)
	w.Must(mailbox.Ask(t.Context(), w.DB, me, w.Post, w.old.ID, "thief@example.nhs.uk"))
	w.Settle()
	w.Must(mailbox.Confirm(t.Context(), w.DB, me, w.Post, w.old.ID, w.Code("thief@example.nhs.uk")))
	_, err := w.propose(w.ofNorth, w.old, w.young)
	w.Must(err)
	w.Must(w.office.SendCode(t.Context(), by(w.young)))
	if n := w.Mailed("merge.code", "thief@example.nhs.uk"); n != 0 {
		t.Error("the code went to the new address")
	}
	if n := w.Mailed("merge.code", w.old.Email); n != 1 {
		t.Errorf("%d codes to the old address", n)
	}
	if n := w.Mailed("merge.proposed", w.old.Email); n != 1 {
		t.Errorf("%d notices to the old address", n)
	}
}

// Of merges, undos, deactivations and links at once each ends as one after the other would: never with two links, nor
// with an open account that is merged.
func TestMergesAtOnce(t *testing.T) {
	t.Parallel()
	for round := range 4 {
		w := newWorld(t)
		id := w.ready(w.young, w.old)
		shown := w.seen(id)
		var all sync.WaitGroup
		done := make([]error, 4)
		acts := []func() error{
			func() error { return w.office.Do(t.Context(), by(w.ofNorth), id, shown) },
			func() error { return w.office.Do(t.Context(), by(w.admin), id, shown) },
			func() error {
				return w.DB.Update(t.Context(), by(w.admin), func(u *db.W) error {
					return account.AddLink(t.Context(), u,
						account.Link{AccountID: w.young.ID, Issuer: issuer, Subject: "900", How: "typed"})
				})
			},
			func() error {
				return w.DB.Update(t.Context(), by(w.admin), func(u *db.W) error {
					return account.Deactivate(t.Context(), u, w.old.ID, "left")
				})
			},
		}
		for i := range acts {
			all.Go(func() { done[i] = acts[(i+round)%len(acts)]() })
		}
		all.Wait()
		m := w.merge(id)
		young := w.read(w.young)
		merged := m.State == merge.Done
		if merged == young.Active {
			t.Errorf("round %d: merge is %s, the closed account is active: %v; %v", round, m.State, young.Active, done)
		}
		if n := w.Count(`SELECT COUNT(*) FROM account WHERE active AND merged_into <> ''`); n != 0 {
			t.Errorf("round %d: %d open accounts that are merged", round, n)
		}
		if n := len(w.Events("merge.done")); merged != (n == 2) {
			t.Errorf("round %d: %d events", round, n)
		}
	}
}

// An address at a domain that two administrators signed as an alias speaks for one person.
func TestCandidatesByAlias(t *testing.T) {
	w := newWorld(t)
	other := w.Account(account.New{Username: "other", FirstName: "Anna", LastName: "Married",
		Email: "ann.old@trust.nhs.uk", Region: w.north}, "")
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, insertAlias, u.Now())
		return errors.Join(err, u.Record(ctx, administrationEvent(other)))
	})
	found, err := merge.Candidates(t.Context(), w.DB, w.old, account.Reach{Regions: []string{w.north}})
	w.Must(err)
	at := slices.IndexFunc(found, func(p merge.Pair) bool { return p.Other.ID == other.ID })
	if at < 0 || len(found[at].Evidence) < 2 {
		t.Errorf("found %+v", found)
	}
	found, err = merge.Candidates(t.Context(), w.DB, w.old, account.Reach{})
	if err != nil || len(found) != 0 {
		t.Errorf("outside the reach: %+v, %v", found, err)
	}
}

// What speaks for one person is named, and one thing alone proposes nobody.
func TestCandidates(t *testing.T) {
	w := newWorld(t)
	w.Account(account.New{Username: "bob", FirstName: "Bob", LastName: "Other", Email: "bob@example.nhs.uk",
		Organisation: "A81001", Region: w.north}, "")
	w.Must(namesake.Note(t.Context(), w.DB))
	w.View(func(ctx context.Context, r db.R) error {
		reach := account.Reach{Regions: []string{w.north}}
		found, err := merge.Candidates(ctx, w.DB, w.old, reach)
		var names []string
		for _, p := range found {
			names = append(names, p.Other.Username+": "+strings.Join(p.Evidence, ", "))
		}
		if !slices.Contains(names, "ann.young: Same name, Same organisation") {
			t.Errorf("found %q", names)
		}
		if slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "bob") }) {
			t.Errorf("found %q", names)
		}
		if err != nil {
			return err
		}
		pairs, err := merge.Pairs(ctx, r, reach)
		if len(pairs) == 0 {
			t.Error("no pairs")
		}
		for _, p := range pairs {
			if p.One.Region != w.north || p.Other.Region != w.north {
				t.Errorf("pair outside the region: %s and %s", p.One.Username, p.Other.Username)
			}
		}
		return err
	})
}
