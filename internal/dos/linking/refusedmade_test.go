package linking_test

import (
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// twoNames links an account to a Care Identity of another name, so that a reviewer looks at it afterwards.
func (w *world) twoNames() (a account.Account, p cis2.Person) {
	w.Helper()
	a = w.account("ada", path.Choose)
	w.settle()
	p = person("500", "leila@example.nhs.uk")
	p.Name = "Leila Other"
	cookie, err := w.claim(p, "ada", goodPass)
	w.Must(err)
	w.Must(w.linker.AcceptNames(w.Context(), stranger, cookie))
	w.Must(w.confirm(cookie, w.code(a.Email)))
	return a, p
}

// refuseMade has a reviewer refuse the link that was made, which undoes it.
func (w *world) refuseMade(a account.Account) {
	w.Helper()
	id := w.waiting()[0].ID
	_, err := w.linker.DecideReview(w.Context(), w.reviewer("ruth"), id, w.looked(id, false, "another Ada"))
	w.Must(err)
	if w.linked(a.ID) {
		w.Fatal("the link was not undone")
	}
}

// relink links an account by a code of an administrator.
func (w *world) relink(a account.Account, p cis2.Person) error {
	w.Helper()
	admin := w.account("admin"+p.Subject, path.Choose, func(n *account.New) {
		n.Grants = account.Everywhere.Of(account.ManageUsers)
	})
	cookie, err := w.claimByRelinkCode(p, a.Username, w.allow(admin, a))
	w.Must(err)
	if !linking.SameName(a, p) {
		w.Must(w.linker.AcceptNames(w.Context(), stranger, cookie))
	}
	return w.confirm(cookie, w.code(a.Email))
}

// joinRequested links an account as an approved request does.
func (w *world) joinRequested(a account.Account, p cis2.Person) error {
	by := actor.Actor{Kind: actor.Person, ID: "admin", Name: "Al Admin"}
	return w.DB.Update(w.Context(), by, func(u *db.W) error {
		return w.linker.JoinRequested(w.Context(), u, a, p, nil)
	})
}

// A link that a reviewer undid is not made anew for 7 days, by whatever way; another Care Identity can be linked, and
// so can one whose link was undone by somebody who is no reviewer.
func TestALinkThatAReviewerUndidIsNotMadeAnew(t *testing.T) {
	var y worldtest.Tally
	for name, anew := range map[string]func(w *world, a account.Account, p cis2.Person) error{
		"by a relink code": (*world).relink, "by a request": (*world).joinRequested,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a, p := w.twoNames()
			w.refuseMade(a)
			err := anew(w, a, p)
			y.Refused(t, name, !heldBack(err) || w.linked(a.ID))
			if n := len(w.waiting()); n != 0 {
				t.Errorf("%d new cases", n)
			}
			w.Must(anew(w, a, person("501", a.Email))) // the honest twin

			w = newWorld(t)
			a, p = w.twoNames()
			w.refuseMade(a)
			w.Clock.Advance(review.GoodFor + time.Minute)
			w.Must(anew(w, a, p))

			w = newWorld(t)
			a, p = w.twoNames()
			_, err = w.linker.Undo(t.Context(), w.reviewer("ruth"), a.ID, "they asked for it")
			w.Must(err)
			w.Must(anew(w, a, p))
		})
	}
	y.Report(t, "links made anew that a reviewer undid")
}
