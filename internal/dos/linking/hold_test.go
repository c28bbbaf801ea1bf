package linking_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/national/cis2"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// reviewer makes an account that may review links everywhere, with who they are.
func (w *world) reviewer(username string) actor.Actor {
	w.Helper()
	a := w.account(username, path.Choose, func(n *account.New) {
		n.Grants = account.Everywhere.Of(account.ReviewLinks, account.ManageUsers)
	})
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: "Ruth Reviewer"}
}

// waiting lists the cases that wait for somebody.
func (w *world) waiting() []review.Case {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]review.Case, error) {
		list, _, err := review.Waiting(ctx, r, account.Reach{Everywhere: true}, 0, 50)
		return list, err
	})
}

// try goes through a ceremony by password, with the mailed code where one is needed, and gives what comes of it.
func (w *world) try(p cis2.Person, a account.Account) error {
	w.Helper()
	cookie, err := w.claim(p, a.Username, goodPass)
	w.Must(err)
	code := ""
	if p.Email != a.Email {
		code = w.code(a.Email)
	}
	return w.confirm(cookie, code)
}

func heldBack(err error) bool {
	refusal, _ := linking.RefusalOf(err)
	return refusal == linking.HeldBack
}

// R7, L8, L10, L12: a link whose address was another account's, is that of several Care Identities, or looks like the
// account's is made only after a person has approved it, within 7 days, and with all proofs once more.
func TestDoubtfulLinksGoToAPerson(t *testing.T) {
	var y worldtest.Tally
	for name, doubt := range map[string]func(w *world, a account.Account) (string, review.Kind){
		"L8 the address of a leaver whose account was deactivated": func(w *world, _ account.Account) (string, review.Kind) {
			leaver := w.account("leaver", path.Choose)
			office := administration.Office{DB: w.DB, Post: w.Post}
			w.Must(office.Deactivate(w.Context(), worldtest.By, leaver.ID, "left"))
			return leaver.Email, review.Recycled
		},
		"L8 the address that another account had before": func(w *world, _ account.Account) (string, review.Kind) {
			other := w.account("other", path.Choose)
			w.Must(w.changeEmail(other.ID, "new@example.nhs.uk"))
			return other.Email, review.Recycled
		},
		"R7 the address that came with another Care Identity": func(w *world, _ account.Account) (string, review.Kind) {
			other := w.account("other", path.Choose)
			w.settle()
			w.link(other, person("another", other.Email))
			return other.Email, review.Recycled
		},
		"L12 several Care Identities have the address": func(w *world, a account.Account) (string, review.Kind) {
			w.linker.Asker = asker(func(q extract.Question) (extract.Answer, error) {
				if q.Email == a.Email {
					return extract.Answer{Ref: q.Ref, Found: extract.Several}, nil
				}
				return extract.Answer{Ref: q.Ref, Found: extract.One, State: extract.Active}, nil
			})
			return a.Email, review.Ambiguous
		},
		"L10 the address looks like the account's": func(_ *world, a account.Account) (string, review.Kind) {
			return strings.Replace(a.Email, "example", "examp1e", 1), review.LookAlike
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			by := w.reviewer("ruth")
			honest := w.account("honest", path.Choose)
			a := w.account("ada", path.Choose)
			w.settle()
			w.link(honest, person("honest", honest.Email)) // the twin
			address, kind := doubt(w, a)
			w.settle()
			p := person("new", address)
			y.Refused(t, name, !heldBack(w.try(p, a)))
			y.Refused(t, name+", once more", !heldBack(w.try(p, a)))
			cases := w.waiting()
			if w.linked(a.ID) || len(cases) != 1 || cases[0].Kinds[0] != kind || len(cases[0].Kinds) != 1 {
				t.Fatalf("linked %v, with the cases %+v", w.linked(a.ID), cases)
			}
			if n := w.Mailed("link.to-review", "ruth@example.nhs.uk"); n != 1 {
				t.Errorf("%d mails to the reviewer", n)
			}
			if w.Mailed("link.held", a.Email) != 1 {
				t.Error("the holder is not told")
			}
			id := cases[0].ID
			_, err := w.linker.DecideReview(t.Context(), by, id, w.looked(id, true, "I telephoned them"))
			w.Must(err)
			if w.Mailed("link.approved", a.Email) != 1 {
				t.Error("the holder is not told of the approval")
			}
			w.Must(w.try(p, a))
			missing := lacks(w.records(a.ID)[0], "R7 Ruth Reviewer looked at the doubts", "I telephoned them")
			if !w.linked(a.ID) || missing != nil {
				t.Errorf("linked %v, and the record lacks %q", w.linked(a.ID), missing)
			}
		})
	}
	y.Report(t, "R7, L8, L10, L12 doubtful links")
}

// doubtful makes an account and a Care Identity whose link is held, and gives the case.
func (w *world) doubtful() (a account.Account, p cis2.Person, c review.Case) {
	w.Helper()
	a = w.account("ada", path.Choose)
	w.settle()
	p = person("new", "ada@examp1e.nhs.uk")
	if err := w.try(p, a); !heldBack(err) {
		w.Fatalf("the link is not held: %v", err)
	}
	return a, p, w.waiting()[0]
}

// A refusal stands for 7 days, an approval as long; after that the pair is looked at again.
func TestDecisionsAboutLinksEnd(t *testing.T) {
	for name, approve := range map[string]bool{"approved": true, "refused": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			by := w.reviewer("ruth")
			a, p, c := w.doubtful()
			_, err := w.linker.DecideReview(t.Context(), by, c.ID, w.looked(c.ID, approve, "asked them"))
			w.Must(err)
			if !approve {
				if err := w.try(p, a); !heldBack(err) || len(w.waiting()) != 0 {
					t.Errorf("at once after the refusal: %v, with %d new cases", err, len(w.waiting()))
				}
				const kind = "link.refused-by-reviewer"
				if w.Mailed(kind, a.Email) != 1 || w.Mailed(kind, p.Email) != 1 {
					t.Error("the refusal is not told to both sides")
				}
			}
			w.Clock.Advance(review.GoodFor + time.Minute)
			if err := w.try(p, a); !heldBack(err) || len(w.waiting()) != 1 || w.linked(a.ID) {
				t.Errorf("after 7 days: %v, with %d new cases", err, len(w.waiting()))
			}
		})
	}
}

// An approval is for one link, and for the doubts that were looked at.
func TestAnApprovalIsForOneLinkAndItsDoubts(t *testing.T) {
	var y worldtest.Tally
	approved := func() (w *world, by actor.Actor, a account.Account, p cis2.Person) {
		t.Helper()
		w = newWorld(t)
		by = w.reviewer("ruth")
		a, p, c := w.doubtful()
		_, err := w.linker.DecideReview(t.Context(), by, c.ID, w.looked(c.ID, true, "asked them"))
		w.Must(err)
		return w, by, a, p
	}
	w, by, a, p := approved()
	w.Must(w.try(p, a)) // the honest twin
	code, err := w.linker.Undo(t.Context(), by, a.ID, "two people after all")
	w.Must(err)
	cookie, err := w.claimByRelinkCode(p, a.Username, code)
	w.Must(err)
	y.Refused(t, "a second link", !heldBack(w.confirm(cookie, w.code(a.Email))) || w.linked(a.ID))

	w, _, a, p = approved()
	w.linker.Asker = asker(func(q extract.Question) (extract.Answer, error) {
		if q.Email == a.Email {
			return extract.Answer{Ref: q.Ref, Found: extract.Several}, nil
		}
		return extract.Answer{Ref: q.Ref, Found: extract.One, State: extract.Active}, nil
	})
	y.Refused(t, "another doubt", !heldBack(w.try(p, a)) || w.linked(a.ID))
	y.Report(t, "R7, L12 approvals of others")
}

// L28: nobody decides about their own account, without the permission, outside their scope, or a second time.
func TestWhoDecidesAboutALink(t *testing.T) {
	w := newWorld(t)
	by := w.reviewer("ruth")
	a, _, c := w.doubtful()
	elsewhere := w.account("local", path.Choose, func(n *account.New) {
		n.Organisation = "FXX01"
		n.Grants = account.OwnOrganisation.Of(account.ReviewLinks)
	})
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddGroup(ctx, u, a.ID, account.UserAdministrator, account.Everywhere)
	})
	var y worldtest.Tally
	for name, id := range map[string]string{
		"the holder": a.ID, "a reviewer of another organisation": elsewhere.ID,
		"somebody without the permission": w.account("user", path.Choose).ID,
	} {
		_, err := w.linker.DecideReview(t.Context(), actor.Actor{Kind: actor.Person, ID: id}, c.ID, w.looked(c.ID, true, "it is me"))
		y.Refused(t, name, !is(err, fault.Forbidden))
	}
	_, err := w.linker.DecideReview(t.Context(), by, c.ID, w.looked(c.ID, true, " "))
	y.Refused(t, "without a reason", !is(err, fault.Invalid))
	_, err = w.linker.DecideReview(t.Context(), by, c.ID, w.looked(c.ID, false, "I do not know them"))
	w.Must(err)
	_, err = w.linker.DecideReview(t.Context(), by, c.ID, w.looked(c.ID, true, "I changed my mind"))
	y.Refused(t, "a second decision", !is(err, fault.Conflict))
	y.Report(t, "L28, L29 decisions about links")
}

// A link of two names stands on the desk after it was made: a reviewer confirms or undoes it.
func TestLinksOfTwoNamesAreLookedAt(t *testing.T) {
	for name, confirm := range map[string]bool{"confirmed": true, "undone": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			by := w.reviewer("ruth")
			a := w.account("ada", path.Choose)
			w.settle()
			p := person("500", a.Email)
			p.Name = "Leila Other"
			cookie, err := w.claim(p, "ada", goodPass)
			w.Must(err)
			w.Must(w.linker.AcceptNames(t.Context(), stranger, cookie))
			w.Must(w.confirm(cookie, ""))
			cases := w.waiting()
			if !w.linked(a.ID) || len(cases) != 1 || cases[0].Kinds[0] != review.NamesDiffer || cases[0].Holds {
				t.Fatalf("linked %v, with the cases %+v", w.linked(a.ID), cases)
			}
			_, err = w.linker.DecideReview(t.Context(), by, cases[0].ID, w.looked(cases[0].ID, confirm, "asked them"))
			w.Must(err)
			if w.linked(a.ID) != confirm || len(w.waiting()) != 0 {
				t.Errorf("linked %v, with %d cases", w.linked(a.ID), len(w.waiting()))
			}
		})
	}
}

// changeEmail changes the address of an account as its holder does.
func (w *world) changeEmail(id, to string) error {
	w.Helper()
	by := actor.Actor{Kind: actor.Person, ID: id, Session: "one"}
	w.Must(mailbox.Ask(w.Context(), w.DB, by, w.Post, id, to))
	return mailbox.Confirm(w.Context(), w.DB, by, w.Post, id, w.code(to))
}
