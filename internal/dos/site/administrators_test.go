package site_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/review"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/when"
)

// reachable gives the administrator a telephone number.
func (w *world) reachable() {
	w.Helper()
	w.administrator()
	w.update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE account SET phone = '01632 960 123' WHERE username = 'boss'`)
		return errors.Join(err, u.Record(ctx, audit.Event{Kind: "test", Subject: audit.Ref{Kind: "test", ID: "test"}}))
	})
}

const notKnownHere = "We do not know here which DoS user administrator is yours"

// Whoever comes with a Care Identity that opens nothing is told who looks after the account that their proven addresses
// propose. Whoever else comes, or names an account, learns of nobody.
func TestWhoHasNoAccountIsToldWhoToAsk(t *testing.T) {
	w := newWorld(t)
	w.reachable()
	arrives := func(address string, verified bool) *browser {
		w.issuer.Person.Subject = "500000000777"
		w.issuer.Person.Email = address
		w.issuer.Person.EmailVerified = verified
		b := w.browser()
		b.careIdentity()
		return b
	}
	stranger := arrives("eve@example.nhs.uk", true)
	got := stranger.get("/sign-in/no-account")
	typed := stranger.claim("ada", "wrong password here")
	for name, body := range map[string]string{"a stranger": got.body, "a stranger who names an account": typed.body,
		"an address that is not confirmed": arrives(w.ada.Email, false).get("/sign-in/no-account").body} {
		if text := webtest.Text(body); !strings.Contains(text, notKnownHere) || strings.Contains(text, "Bea Boss") {
			t.Errorf("%s: %s", name, text)
		}
	}
	arrives(w.ada.Email, true).get("/sign-in/no-account").mustHave(t, "The account ada has the email address",
		"<bdi>Bea Boss</bdi>", `href="mailto:boss@example.nhs.uk"`, `href="tel:01632960123"`)
}

// Whoever undid a link by a code to the account's mailbox is told whom to ask for a code to link again; whoever opens
// the page later learns of nobody.
func TestWhoUndidALinkIsToldWhoToAsk(t *testing.T) {
	w := newWorld(t)
	w.reachable()
	w.link()
	b := w.browser()
	b.post("/undo-link", "username", "ada")
	to := b.post("/undo-link/code", "code", w.code(w.ada.Email)).location
	b.get(to).mustHave(t, "(ada)", "<bdi>Bea Boss</bdi>", `href="mailto:boss@example.nhs.uk"`,
		`href="tel:01632960123"`)
	other := w.browser()
	other.cookies["__Host-once"] = to + "~"
	text := webtest.Text(other.get(to).body)
	if !strings.Contains(text, notKnownHere) || strings.Contains(text, "Bea") {
		t.Errorf("somebody else: %s", text)
	}
}

// Whose link waits for a reviewer is told so wherever they would link: since when, and who decides.
func TestWhoseLinkWaitsIsToldSo(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "ruth", FirstName: "Ruth", LastName: "Reviewer", Email: "ruth@example.nhs.uk",
		Grants: account.Everywhere.Of(account.ReviewLinks)}, path.Choose)
	b := w.browser()
	b.withPassword("ada", goodPass)
	const says = "An administrator is looking at your link"
	const button = "Proceed, this account is mine alone"
	everywhere := []string{"/", "/checklist", "/link", "/account"}
	for _, at := range everywhere {
		mustLack(t, b.get(at), says)
	}
	b.get("/link").mustHave(t, button)
	b.get("/account").mustHave(t, `href="/link"`)
	w.waits("ada")
	for _, at := range everywhere {
		b.get(at).mustHave(t, says, "Since ", "Who decides", "<bdi>Ruth Reviewer</bdi>",
			`href="mailto:ruth@example.nhs.uk"`)
		mustLack(t, b.get(at), `href="/link"`) // nothing that it leads to would change anything
	}
	mustLack(t, b.get("/link"), button)
	list := b.get("/checklist")
	list.mustHave(t, "An administrator is looking at it", "Who else is working on it", "Looking at it since")
	mustLack(t, list, "Link your DoS account to your Care Identity")
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE link_review SET decided_at = $1, decided_by = 'ruth', decided_name = 'Ruth',
			approved = TRUE, good_until = $2 WHERE account_id = $3`, u.Now(), u.Now().Add(review.GoodFor), w.ada.ID)
		return err
	})
	b.get("/link").mustHave(t, button)
	for _, at := range everywhere {
		b.get(at).mustHave(t, "Your link was approved", "Until "+when.DateTime(w.Clock.Now().Add(review.GoodFor)))
		mustLack(t, b.get(at), says)
	}
	w.Clock.Advance(review.GoodFor + time.Minute)
	b = w.browser()
	b.withPassword("ada", goodPass)
	mustLack(t, b.get("/checklist"), "Your link was approved")
}
