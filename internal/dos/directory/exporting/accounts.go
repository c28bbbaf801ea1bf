// Package exporting writes the directory's accounts as files that an import reads.
package exporting

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/db"
	"signpost/internal/platform/sheet"
)

// Population is every account, with what they may do and what their regions and services are called.
type Population struct {
	accounts []account.Account
	grants   map[string]account.Grants
	logins   map[string]time.Time
	places   map[string]directory.Called // regions and services, by id
}

// Size is how many accounts there are.
func (p Population) Size() int { return len(p.accounts) }

// ReadPopulation reads every account.
func ReadPopulation(ctx context.Context, r db.R) (p Population, err error) {
	if p.accounts, err = account.Everyone(ctx, r); err != nil {
		return p, err
	}
	if p.grants, err = account.AllGrants(ctx, r); err != nil {
		return p, err
	}
	if p.logins, err = account.AllLastLogins(ctx, r); err != nil {
		return p, err
	}
	services, err := directory.AllCalled(ctx, r)
	p.places = make(map[string]directory.Called, len(services))
	for _, s := range services {
		p.places[s.ID] = s
	}
	return p, err
}

// exportHeading has the columns in the order in which they are written.
var exportHeading = []string{"username", "first_name", "last_name", "email", "phone", "status", "kind", "organisation",
	"region", "groups", "permissions", "last_login", "created", "access_reason", "approved_by", "approved_date"}

// Write writes the accounts as a CSV file that an import reads. Hashes of passwords are written only if they are
// wanted. Cells that a spreadsheet would run as formulas are written as text.
func (p Population) Write(to io.Writer, hashes bool) error {
	if _, err := io.WriteString(to, sheet.ByteOrderMark); err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	heading := exportHeading
	if hashes {
		heading = append(heading[:len(heading):len(heading)], "password_hash")
	}
	rows := csv.NewWriter(to)
	_ = rows.Write(heading) // Flush keeps the error
	for _, a := range p.accounts {
		cells := p.cells(a)
		if hashes {
			cells = append(cells, a.PasswordHash)
		}
		_ = rows.Write(sheet.SafeRow(cells...))
	}
	rows.Flush()
	if err := rows.Error(); err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	return nil
}

// cells gives the row of an account.
func (p Population) cells(a account.Account) []string {
	status := "INACTIVE"
	if a.Active {
		status = "ACTIVE"
	}
	groups, permissions := p.rights(p.grants[a.ID])
	return []string{a.Username, a.FirstName, a.LastName, a.Email, a.Phone, status, string(a.Kind), a.Organisation,
		p.number(a.Region), strings.Join(groups, "; "), strings.Join(permissions, "; "), written(p.logins[a.ID]),
		written(a.Created), a.AccessReason, a.ApprovedBy, written(a.Approved)}
}

// number gives the number of a region or service, as the directory has it.
func (p Population) number(id string) string {
	if s, known := p.places[id]; known {
		return s.UID
	}
	return id
}

func written(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.RFC3339Nano)
}

// rights gives the groups and the permissions of an account, each with where it holds.
func (p Population) rights(grants account.Grants) (groups, permissions []string) {
	seen := map[string]bool{}
	for _, g := range grants {
		what := string(g.Permission)
		into := &permissions
		if g.Group != "" {
			what = g.Group.Title()
			into = &groups
		}
		what += " @ " + PlaceText(g.Scope, p.number)
		if !seen[what] {
			*into = append(*into, what)
		}
		seen[what] = true
	}
	return groups, permissions
}

// PlaceText names a scope as an import reads it. number gives the number of a region or service.
func PlaceText(s account.Scope, number func(id string) string) string {
	switch s.Kind {
	case account.KindEverywhere:
		return "everywhere"
	case account.KindRegion:
		return "region " + number(s.ID)
	case account.KindService:
		return "service " + number(s.ID)
	case account.KindOwnOrganisation:
	}
	return "own organisation"
}
