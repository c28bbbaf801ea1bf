package mailbox

import (
	"context"
	"fmt"

	"signpost/internal/platform/db"
)

// DomainUse counts who has an address in a domain: active accounts, and Care Identities at the time of their link.
type DomainUse struct{ Accounts, CareIdentities int }

// UseOf counts who has an address in a domain, which has no capitals. It looks through all accounts.
func UseOf(ctx context.Context, r db.R, domain string) (u DomainUse, err error) {
	ending := "%@" + domain
	accounts := db.Ask(db.Column[int], `SELECT COUNT(*) FROM account WHERE active AND email_key LIKE $1`, ending)
	linked := db.Ask(db.Column[int], `SELECT COUNT(*) FROM account_link WHERE their_email LIKE $1`, ending)
	if err := db.Together(ctx, r, accounts, linked); err != nil {
		return u, fmt.Errorf("count addresses of a domain: %w", err)
	}
	if u.Accounts, err = accounts.One(); err != nil {
		return u, err
	}
	u.CareIdentities, err = linked.One()
	return u, err
}
