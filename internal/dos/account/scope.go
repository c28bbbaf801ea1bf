package account

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/platform/db"
)

// ScopeKind says how a scope is meant.
type ScopeKind string

// The kinds of scopes. Accounts belong to regions and organisations; services to organisations, and to the services
// above them, of which the topmost is a region.
const (
	KindEverywhere      ScopeKind = "everywhere"
	KindOwnOrganisation ScopeKind = "own-organisation" // the account's home organisation, and its services
	KindRegion          ScopeKind = "region"           // the accounts of a region, and the services below it
	KindService         ScopeKind = "service"          // a service and all below it
)

// Scope is where a permission may be used. Own organisation is whatever the home organisation is at the moment of use.
type Scope struct {
	Kind ScopeKind `json:"kind"`
	ID   string    `json:"id,omitempty"` // of the region or service
}

// The scopes that need no id.
var (
	Everywhere      = Scope{Kind: KindEverywhere}
	OwnOrganisation = Scope{Kind: KindOwnOrganisation}
)

// InRegion is the scope of a region, given by the id of its service.
func InRegion(id string) Scope { return Scope{Kind: KindRegion, ID: id} }

// BelowService is the scope of a service and all below it.
func BelowService(id string) Scope { return Scope{Kind: KindService, ID: id} }

// Of gives permissions in the scope.
func (s Scope) Of(permissions ...Permission) (grants Grants) {
	for _, p := range permissions {
		grants = append(grants, Grant{Permission: p, Scope: s})
	}
	return grants
}

// Reach is what the scopes of somebody's grants cover together.
type Reach struct {
	Everywhere    bool
	Organisations []string // ODS codes
	Regions       []string
	Services      []string // each with all below it
}

// add widens the reach by a scope of somebody whose home organisation has an ODS code.
func (r *Reach) add(s Scope, home string) {
	switch s.Kind {
	case KindEverywhere:
		r.Everywhere = true
	case KindOwnOrganisation:
		if home != "" {
			r.Organisations = append(r.Organisations, home)
		}
	case KindRegion:
		r.Regions = append(r.Regions, s.ID)
	case KindService:
		r.Services = append(r.Services, s.ID)
	}
}

// Covers reports whether an account is within the reach. An account is not below any service.
func (r Reach) Covers(a Account) bool {
	return r.Everywhere || a.Organisation != "" && slices.Contains(r.Organisations, a.Organisation) ||
		a.Region != "" && slices.Contains(r.Regions, a.Region)
}

// Condition is that an account, which a query calls a, is within the reach. It asks only for what the reach has, and
// has no OR, so that the engines go through one index in its order.
func (r Reach) Condition(args *db.Arguments) string {
	switch {
	case r.Everywhere:
		return "TRUE"
	case len(r.Organisations) == 0 && len(r.Regions) == 0:
		return nothing
	case len(r.Organisations) == 0:
		return isOneOf(args, "a.region", r.Regions)
	case len(r.Regions) == 0:
		return isOneOf(args, "a.organisation", r.Organisations)
	}
	return "CASE WHEN " + isOneOf(args, "a.region", r.Regions) + " THEN TRUE ELSE " +
		isOneOf(args, "a.organisation", r.Organisations) + " END"
}

// HasAccount is that the account with an id, which a query has in a column, is within the reach. It is looked at for
// each row of the query, so it is for those of few rows.
func (r Reach) HasAccount(args *db.Arguments, column string) string {
	if r.Everywhere {
		return "TRUE"
	}
	return "EXISTS (SELECT 1 FROM account a WHERE a.id = " + column + " AND " + r.Condition(args) + ")"
}

// HasAccountAt is that an organisation, whose ODS code a query has in a column, has accounts within the reach.
func (r Reach) HasAccountAt(args *db.Arguments, column string) string {
	return "EXISTS (SELECT 1 FROM account a WHERE a.organisation = " + column + " AND " + r.Condition(args) + ")"
}

// HasToLink is that the account whose id stands in a column is one person's, who has not linked it yet.
func HasToLink(column string) string {
	return `(SELECT active AND NOT (shared OR linked OR web_service_only) FROM account WHERE id = ` + column + `)`
}

// HasAddress is the condition that the account whose id stands in a column has the canonical address of another one.
func HasAddress(column, key string) string {
	return `EXISTS (SELECT 1 FROM account a WHERE a.id = ` + column + ` AND a.email_key = ` + key + `
		AND a.email_key <> '')`
}

// AnyAt reports whether an organisation with an ODS code has accounts within a reach.
func AnyAt(ctx context.Context, r db.R, code string, within Reach) (bool, error) {
	var args db.Arguments
	place := "CAST(" + args.Add(code) + " AS TEXT)"
	found, err := db.Value[bool](ctx, r, `SELECT `+within.HasAccountAt(&args, place), args.List()...)
	if err != nil {
		return false, fmt.Errorf("look for accounts of organisation %s: %w", code, err)
	}
	return found, nil
}

// besideRegions is that an account is within the reach by its organisation, and would not be by its region.
func (r Reach) besideRegions(args *db.Arguments) string {
	condition := isOneOf(args, "a.organisation", r.Organisations)
	if len(r.Regions) > 0 {
		condition += " AND NOT " + isOneOf(args, "a.region", r.Regions)
	}
	return condition
}

// hasRegion reports whether all accounts of a region are within the reach.
func (r Reach) hasRegion(region string) bool {
	return r.Everywhere || region != "" && slices.Contains(r.Regions, region)
}

func isOneOf(args *db.Arguments, column string, values []string) string {
	if len(values) == 1 {
		return column + " = " + args.Add(values[0])
	}
	return column + " IN (" + db.AddEach(args, values) + ")"
}

// above reports whether the reach is wider than all that somebody with another reach can manage: only then is the
// other not a peer.
func (r Reach) above(other Reach, whose Account) bool {
	switch {
	case other.Everywhere:
		return false
	case r.Everywhere:
		return true
	case len(other.Regions) > 0:
		return false
	}
	return len(other.Organisations) == 0 || whose.Region != "" && slices.Contains(r.Regions, whose.Region)
}

// RegionInUse reports whether an account belongs to a region, or may do something in it.
func RegionInUse(ctx context.Context, r db.R, id string) (bool, error) {
	const inUse = `SELECT (SELECT COUNT(*) FROM account WHERE region = $1)
		+ (SELECT COUNT(*) FROM account_grant WHERE scope_kind = $2 AND scope_id = $1)`
	n, err := db.Value[int64](ctx, r, inUse, id, string(KindRegion))
	if err != nil {
		return false, fmt.Errorf("count accounts of region: %w", err)
	}
	return n > 0, nil
}
