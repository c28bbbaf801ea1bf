package site_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// pagesOfRefusals are the pages that say why somebody is not let in, or an account not linked.
var pagesOfRefusals = []string{
	"/sign-in/account-inactive", "/sign-in/no-position", "/sign-in/identity-low",
	"/link/refused/too-early", "/link/refused/taken", "/link/refused/team-mailbox", "/link/refused/identity-low",
	"/link/refused/overtaken", "/link/refused/identity-not-active", "/link/refused/password-by-mail",
	"/link/refused/set-up-no-position", "/link/refused/held",
}

// Each page of a refusal names who can help, with an email address and a telephone number, or says that it does not
// know them.
func TestEachRefusalSaysWhoToAsk(t *testing.T) {
	for name, tt := range map[string]struct{ phone, says string }{
		"with a telephone number":    {"01632 960 123", `href="tel:01632960123"`},
		"without a telephone number": {"", "(we have no telephone number)"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.administrator()
			w.update(func(ctx context.Context, u *db.W) error {
				_, err := u.Exec(ctx, `UPDATE account SET phone = $1 WHERE username = 'boss'`, tt.phone)
				return errors.Join(err, u.Record(ctx, audit.Event{Kind: "test", Subject: audit.Ref{Kind: "test", ID: "test"}}))
			})
			w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
			b := w.browser()
			b.withPassword("bo", goodPass)
			for _, at := range pagesOfRefusals {
				b.cookies["__Host-once"] = at + "~"
				page := b.get(at)
				known := strings.Contains(page.body, "Bea Boss") && strings.Contains(page.body, tt.says) &&
					strings.Contains(page.body, "mailto:boss@example.nhs.uk")
				if !known && !strings.Contains(page.body, "We do not know here which registration authority") {
					t.Errorf("%s: %d to %q: %s", at, page.status, page.location, webtest.Text(page.body))
				}
			}
			stranger := w.browser()
			for _, at := range pagesOfRefusals {
				stranger.cookies["__Host-once"] = at + "~"
				if page := stranger.get(at); !strings.Contains(page.body, "We do not know here which") {
					t.Errorf("%s of a stranger: %d to %q: %s", at, page.status, page.location, webtest.Text(page.body))
				}
			}
		})
	}
}
