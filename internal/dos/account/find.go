package account

import (
	"context"
	"fmt"
	"strings"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/searchname"
)

// Kind is what an account is for.
type Kind string

// The kinds. Whatever an account was for, it is Ended once it is not active.
const (
	Individual Kind = "individual"
	Shared     Kind = "shared"
	WebService Kind = "web-service"
	Ended      Kind = "not-active"
)

// Kind gives the kind of the account.
func (a Account) Kind() Kind {
	switch {
	case !a.Active:
		return Ended
	case a.WebServiceOnly:
		return WebService
	case a.Shared:
		return Shared
	}
	return Individual
}

// Search says which accounts are looked for. The zero Search finds all of them.
type Search struct {
	Words    string // beginnings of words of username, names, email address or ODS code; or a Care Identity number
	Kind     Kind
	Linked   bool // only those with a link
	Unlinked bool // only those without one
}

// Found is an account with when it was linked; a zero time is not linked.
type Found struct {
	Account
	Linked  time.Time
	Subject string // the Care Identity number of the link
}

const selectFound = `SELECT a.id, a.username, a.first_name, a.last_name, a.email, a.email_key, a.email_since,
	a.email_proved_at, a.shared, a.web_service_only, a.active, a.password_hash, a.organisation, a.created_at,
	a.relink_until, l.linked_at, COALESCE(l.subject, '')
	FROM account a LEFT JOIN account_link l ON l.account_id = a.id ORDER BY a.username`

func scanFound(scan db.Scanner) (f Found, err error) {
	f.Account, err = scanAccount(func(to ...any) error { return scan(append(to, db.At(&f.Linked), &f.Subject)...) })
	return f, err
}

// Find lists accounts by username: at most limit of them after the first skip, and how many there are in all.
func Find(ctx context.Context, r db.R, s Search, skip, limit int) (list []Found, total int, err error) {
	err = r.Each(ctx, func(scan func(...any) error) error {
		f, err := scanFound(scan)
		if err != nil || !s.finds(f) {
			return err
		}
		if total >= skip && len(list) < limit {
			list = append(list, f)
		}
		total++
		return nil
	}, selectFound)
	if err != nil {
		return nil, 0, fmt.Errorf("find accounts: %w", err)
	}
	return list, total, nil
}

func (s Search) finds(f Found) bool {
	linked := !f.Linked.IsZero()
	if s.Kind != "" && f.Kind() != s.Kind || s.Linked && !linked || s.Unlinked && linked {
		return false
	}
	if number := strings.Join(strings.Fields(strings.ReplaceAll(s.Words, "-", " ")), ""); number != "" &&
		number == f.Subject {
		return true
	}
	return searchname.Match(s.Words, f.Username+" "+f.Name()+" "+f.Email+" "+f.Organisation)
}
