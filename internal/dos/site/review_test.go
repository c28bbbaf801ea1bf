package site_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/review"
	"signpost/internal/dos/rollout"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// held has Ada try to link with an address that looks like hers, and gives her browser.
func (w *world) held() *browser {
	w.Helper()
	before := w.issuer.Person.Email
	w.issuer.Person.Email = strings.Replace(w.ada.Email, "example", "examp1e", 1)
	defer func() { w.issuer.Person.Email = before }()
	b := w.begun()
	if got := b.post("/link/confirm", "code", w.code(w.ada.Email)); got.location != "/link/held" {
		w.Fatalf("a link of addresses that look alike: %d to %q %s", got.status, got.location, got.body)
	}
	return b
}

// caseID is the id of the case that waits about an account.
func (w *world) caseID(accountID string) string {
	w.Helper()
	var id string
	w.View(func(ctx context.Context, r db.R) (err error) {
		id, err = db.Value[string](ctx, r, `SELECT id FROM link_review WHERE account_id = $1 AND decided_at IS NULL`, accountID)
		return err
	})
	return id
}

// ruth is a browser of somebody who reviews links and manages users, with a telephone number.
func (w *world) ruth() *browser {
	w.Helper()
	w.account(account.New{Username: "ruth", FirstName: "Ruth", LastName: "Reviewer", Email: "ruth@example.nhs.uk",
		Grants:  account.Everywhere.Of(account.ReviewLinks, account.ManageUsers),
		Details: account.Details{Phone: "0113 496 0000"}}, path.Choose)
	b := w.browser()
	b.withPassword("ruth", goodPass)
	return b
}

// A link that a rule holds ends with a page that says who looks at it; they compare both sides and approve it, and then
// the same steps link the account.
func TestAHeldLinkIsReviewedByPages(t *testing.T) {
	w := newWorld(t)
	ruth := w.ruth()
	ruth.get("/link-reviews").mustHave(t, "No link waits for you")
	ada := w.held()
	shown := webtest.Text(ada.get("/link/held").body)
	for _, want := range []string{"has to look at this link first", "Ruth Reviewer", "ruth@example.nhs.uk", "0113 496 0000",
		"Nothing was linked"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the page of the held link lacks %q: %s", want, shown)
		}
	}
	if w.linked(w.ada.ID) {
		t.Fatal("the link is made")
	}
	ruth.get("/link-reviews").mustHave(t, "Addresses that look alike")
	at := "/link-reviews/" + w.caseID(w.ada.ID)
	ruth.get(at).mustHave(t, "Both sides", "Differs", "examp1e")
	if got := ruth.post(at+"/decide", ruth.seeing(at, "decision", "approve")...); got.location == "/link-reviews" {
		t.Error("decided without a reason")
	}
	got := ruth.post(at+"/decide", ruth.seeing(at, "decision", "approve", "reason", "I telephoned her")...)
	if got.location != "/link-reviews" {
		t.Fatalf("decision: %d to %q %s", got.status, got.location, got.body)
	}
	ruth.get(at).mustHave(t, "What was decided", "I telephoned her")
	ada.get("/link/held").mustHave(t, "You can now link the account", "approved it", "the same steps once more")
	w.issuer.Person.Email = strings.Replace(w.ada.Email, "example", "examp1e", 1)
	b := w.begun()
	if got := b.post("/link/confirm", "code", w.code(w.ada.Email)); got.location != "/linked" {
		t.Fatalf("after the approval: %d to %q %s", got.status, got.location, got.body)
	}
	ruth.get("/users/"+w.ada.ID).mustHave(t, "looked at the doubts about it")
}

// Whoever a case concerns sees it and does not decide; whoever may not review links sees nothing of it.
func TestOwnLinksAreDecidedByOthers(t *testing.T) {
	w := newWorld(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddGroup(ctx, u, w.ada.ID, account.UserAdministrator, account.Everywhere)
	})
	ada := w.held()
	at := "/link-reviews/" + w.caseID(w.ada.ID)
	ada.get(at).mustHave(t, "somebody else has to decide")
	got := ada.post(at+"/decide", ada.seeing(at, "decision", "approve", "reason", "It is me")...)
	if got.location == "/link-reviews" {
		t.Error("Ada approved her own link")
	}
	w.account(account.New{Username: "far", Email: "far@example.nhs.uk", Organisation: "FXX09",
		Grants: account.OwnOrganisation.Of(account.ReviewLinks)}, path.Choose)
	far := w.browser()
	far.withPassword("far", goodPass)
	far.get("/link-reviews").mustHave(t, "No link waits for you")
	if got := far.get(at); strings.Contains(got.body, "examp1e") {
		t.Errorf("a reviewer of another organisation sees the case: %s", webtest.Text(got.body))
	}
}

// several answers that several Care Identities have any address, and knows of one its registration authority.
type several struct{ asker }

func (s several) Ask(ctx context.Context, q extract.Question) (extract.Answer, error) {
	if q.Email != "" {
		return extract.Answer{Ref: q.Ref, Found: extract.Several}, s.problem
	}
	return s.asker.Ask(ctx, q)
}

// Whoever reviews a link finds on its page whom to ask: the holder, by the number that we have, and the registration
// authority; and whether several Care Identities have the address still.
func TestAReviewNamesWhomToAsk(t *testing.T) {
	for name, tt := range map[string]struct {
		asker rollout.Asker
		want  []string
		lacks []string
	}{
		"several still": {several{asker{subject: "500000000042"}}, []string{"Fenmarch Hospitals",
			`href="mailto:ra@fenmarch.example"`, `href="tel:01632960990"`,
			"Several Care Identities have the address now", "is not told which the others are"}, nil},
		"none by now": {asker{subject: "500000000042"}, []string{"Fenmarch Hospitals",
			"By now no Care Identity has the address"}, nil},
		"no answer": {several{asker{problem: errors.New("away")}}, nil,
			[]string{"Registration authority of", "have the address now", "By now"}},
		"the national service": {nil, nil, []string{"Registration authority of", "By now"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.asker = tt.asker
			w.makeSite()
			ruth := w.ruth()
			w.sql(`UPDATE account SET phone = '0113 496 0222' WHERE username = 'ada'`)
			var id string
			w.Update(func(ctx context.Context, u *db.W) error {
				theirs := review.IdentityFacts{Issuer: w.issuer.Name, Subject: "500000000042", Name: "Ada Okafor"}
				found, err := review.Hold(ctx, u, w.ada.ID, []review.Kind{review.Ambiguous},
					review.Facts{Account: review.FactsOf(w.ada), CareIdentity: theirs})
				id = found.Case.ID
				return err
			})
			page := ruth.get("/link-reviews/" + id)
			page.mustHave(t, append(tt.want, "Whom you can ask", `href="tel:01134960222"`, "can change it",
				`href="mailto:`+w.ada.Email+`"`)...)
			for _, text := range tt.lacks {
				mustLack(t, page, text)
			}
		})
	}
}

// waits opens a case about the account of a username, and gives its id.
func (w *world) waits(username string) (id string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		a, err := account.ByUsername(ctx, u, username)
		if err != nil {
			return err
		}
		found, err := review.Hold(ctx, u, a.ID, []review.Kind{review.Recycled}, review.Facts{Account: review.FactsOf(a)})
		id = found.Case.ID
		return err
	})
	return id
}

// While a link waits and something else is to do, the checklist does not say that there is nothing to do.
func TestAWaitingLinkDoesNotSayThatThereIsNothingToDo(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	w.waits("bo")
	bo := w.browser()
	bo.withPassword("bo", goodPass)
	bo.get("/checklist").mustHave(t, "An administrator is looking at your link", "You need not do anything about it:",
		"There is something else that you can do meanwhile. It stands below.", "What to do now")
	bo.get("/link").mustHave(t, "An administrator is looking at your link")
	if got := webtest.Text(bo.get("/link").body); strings.Contains(got, "It stands below") {
		t.Errorf("where nothing stands below: %s", got)
	}
}
