package account

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"signpost/internal/dos/account/widening"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Grant is a permission in a scope, with the group by which it came.
type Grant struct {
	Permission Permission `json:"permission"`
	Scope      Scope      `json:"scope"`
	Group      Group      `json:"group,omitempty"` // empty for a permission that was given by itself
}

// Grants are all that an account was given.
type Grants []Grant

// Hold reports whether they have a permission, in whatever scope.
func (g Grants) Hold(p Permission) bool {
	return slices.ContainsFunc(g, func(one Grant) bool { return one.Permission == p })
}

// Reach gives what they let somebody from a home organisation use any of the permissions on.
func (g Grants) Reach(home string, permissions ...Permission) (reach Reach) {
	for _, one := range g {
		if slices.Contains(permissions, one.Permission) {
			reach.add(one.Scope, home)
		}
	}
	return reach
}

const insertGrant = `INSERT INTO account_grant (account_id, permission, scope_kind, scope_id, group_name)
	VALUES ($1, $2, $3, $4, $5)`

func addGrants(ctx context.Context, w *db.W, id string, grants Grants) error {
	for _, g := range grants {
		err := w.Soon(ctx, insertGrant, id, string(g.Permission), string(g.Scope.Kind), g.Scope.ID, string(g.Group))
		if err != nil {
			return fmt.Errorf("grant %s: %w", g.Permission, err)
		}
	}
	return nil
}

const selectGrants = `SELECT permission, scope_kind, scope_id, group_name FROM account_grant WHERE account_id = $1
	ORDER BY group_name, permission, scope_kind, scope_id`

func scanGrant(scan db.Scanner) (g Grant, err error) {
	err = scan(&g.Permission, &g.Scope.Kind, &g.Scope.ID, &g.Group)
	return g, err
}

// AskGrants asks for what an account was given, together with other queries.
func AskGrants(id string) *db.Answer[Grant] { return db.Ask(scanGrant, selectGrants, id) }

// GrantsOf lists what an account was given.
func GrantsOf(ctx context.Context, r db.R, id string) (Grants, error) {
	list, err := db.All(ctx, r, scanGrant, selectGrants, id)
	if err != nil {
		return nil, fmt.Errorf("list grants: %w", err)
	}
	return list, nil
}

// The faults of acts that somebody may not do.
var (
	errReadingOnly = fault.SayCure(fault.Forbidden, "This shared account can only be used to look now.",
		"Log in with an account of your own. If you have none yet, request one.")
	// ErrOutside tells somebody that an account is not theirs to look after.
	ErrOutside = fault.SayCure(fault.Forbidden, "This account is outside the area that you look after.",
		"Ask a DoS user administrator of its region or organisation.")
	errPeer = fault.SayCure(fault.Forbidden, "This account manages users as widely as yours, so you cannot change it.",
		"Ask a DoS user administrator who looks after a wider area.")
	errWidest = fault.SayCure(fault.Forbidden, "This account manages users everywhere, so nobody can change it here.",
		"Its holder can give the group up. If they have left, ask those who run the Directory of Services: they "+
			"deactivate it with signpost admin account.")
	errOwn = fault.SayCure(fault.Forbidden, "You cannot do this to your own account.",
		"Ask another DoS user administrator.")
)

// lacking answers somebody who holds none of the permissions that something takes.
func lacking(permissions ...Permission) error {
	return Lacking("Your account does not have permission to do this.", permissions...)
}

// Lacking is the fault, in these words, of somebody who holds none of the permissions that something takes. Its page
// names who can give one.
func Lacking(message string, permissions ...Permission) error {
	lacks := make([]string, len(permissions))
	for i, p := range permissions {
		lacks[i] = string(p)
	}
	return &fault.Fault{Code: fault.Forbidden, Message: message,
		Cure: "Ask your DoS user administrator if you need it.", Lacks: lacks}
}

// standing is what an active account may do at this moment.
type standing struct {
	account Account
	grants  Grants
}

// standingOf reads what an account may do; the fault that it may not, if it is not there or not active.
func standingOf(ctx context.Context, r db.R, id string) (s standing, err error) {
	if s.account, err = ByID(ctx, r, id); err == nil && s.account.ReadingOnly {
		return s, errReadingOnly
	}
	if err == nil && s.account.Active {
		s.grants, err = GrantsOf(ctx, r, id)
		return s, err
	}
	if err == nil || errors.Is(err, fault.NotFound) {
		err = lacking()
	}
	return s, err
}

// ReachOf gives, within the Update that acts, on what its actor may use a permission at this moment, or a fault if they
// do not hold it at all. The command line and imports reach everywhere; a person holds permissions by an account that
// is active. Emergency rights do not count.
func ReachOf(ctx context.Context, w *db.W, p Permission) (Reach, error) {
	return reachOf(ctx, w, p, func(Account) (Grants, error) { return nil, nil })
}

// WidenedReachOf is ReachOf with the emergency rights that the actor has at this moment. They count only for whoever
// acts in them, so that nothing that rests on them lacks their mark.
func WidenedReachOf(ctx context.Context, w *db.W, p Permission) (Reach, error) {
	return reachOf(ctx, w, p, func(a Account) (Grants, error) { return widenedOf(ctx, w, a) })
}

// widenedOf gives the emergency rights in which the actor of an Update acts with an account.
func widenedOf(ctx context.Context, w *db.W, a Account) (Grants, error) {
	use := widening.In(w.Actor())
	if use == "" {
		return nil, nil
	}
	found, err := widening.ByID(ctx, w, use)
	if errors.Is(err, fault.NotFound) || err == nil && (found.AccountID != a.ID || !found.OpenAt(w.Now())) {
		return nil, nil
	}
	return Widened(found), err
}

// reachOf is ReachOf with more that an account was given.
func reachOf(ctx context.Context, w *db.W, p Permission, more func(Account) (Grants, error)) (Reach, error) {
	switch w.Actor().Kind {
	case actor.CommandLine, actor.Import:
		return Reach{Everywhere: true}, nil
	case actor.Person:
	default:
		return Reach{}, lacking(p)
	}
	s, err := standingOf(ctx, w, w.Actor().ID)
	if err != nil {
		return Reach{}, err
	}
	added, err := more(s.account)
	grants := slices.Concat(s.grants, added)
	if err == nil && !grants.Hold(p) {
		err = lacking(p)
	}
	return grants.Reach(s.account.Organisation, p), err
}

// ReachNow gives on what the holder of an account may use a permission at this moment, or a fault if they do not hold
// it at all. It is for what is done later in their name.
func ReachNow(ctx context.Context, r db.R, id string, p Permission) (Reach, error) {
	s, err := standingOf(ctx, r, id)
	if err == nil && !s.grants.Hold(p) {
		err = lacking(p)
	}
	return s.grants.Reach(s.account.Organisation, p), err
}

// Require checks, within the Update that acts, that its actor holds the permission, in whatever scope.
func Require(ctx context.Context, w *db.W, p Permission) error {
	_, err := ReachOf(ctx, w, p)
	return err
}

// RequireEverywhere checks that the actor holds the permission without limit.
func RequireEverywhere(ctx context.Context, w *db.W, p Permission) error {
	reach, err := ReachOf(ctx, w, p)
	if err == nil && !reach.Everywhere {
		return lacking(p)
	}
	return err
}

// RequireWithin checks that the actor may use the permission on an account, which may be a peer's.
func RequireWithin(ctx context.Context, w *db.W, p Permission, accountID string) error {
	_, _, err := within(ctx, w, p, accountID)
	return err
}

// within checks what RequireWithin does, and gives the account and the actor's reach.
func within(ctx context.Context, w *db.W, p Permission, accountID string) (Account, Reach, error) {
	reach, err := ReachOf(ctx, w, p) // first, so that nobody learns which accounts there are
	if err != nil {
		return Account{}, reach, err
	}
	a, err := ByID(ctx, w, accountID)
	if err == nil && !reach.Covers(a) {
		err = ErrOutside
	}
	return a, reach, err
}

// RequireOver checks that the actor may use the permission on an account that is neither their own nor a peer's: one
// that manages users as widely as they do.
func RequireOver(ctx context.Context, w *db.W, p Permission, accountID string) error {
	a, reach, err := within(ctx, w, p, accountID)
	if err != nil || w.Actor().Kind != actor.Person {
		return err
	}
	grants, err := GrantsOf(ctx, w, accountID)
	if err != nil {
		return err
	}
	return MayChange(w.Actor().ID, reach, a, grants)
}

// MayChange gives the reason why somebody with an account and a reach may not change another account, which has these
// grants; nil if they may.
func MayChange(by string, reach Reach, a Account, grants Grants) error {
	switch {
	case by == a.ID:
		return errOwn
	case !reach.Covers(a):
		return ErrOutside
	case grants.Reach(a.Organisation, ManageUsers).Everywhere:
		return errWidest
	case grants.Hold(ManageUsers) && !reach.above(grants.Reach(a.Organisation, ManageUsers), a):
		return errPeer
	}
	return nil
}

// RequireFor returns a fault unless an account is active and holds the permission, in whatever scope.
func RequireFor(ctx context.Context, r db.R, id string, p Permission) error {
	_, err := ReachNow(ctx, r, id, p)
	return err
}

const selectAdministrators = selectAccount + ` a WHERE a.active AND NOT a.web_service_only
	AND EXISTS (SELECT 1 FROM account_grant g WHERE g.account_id = a.id AND g.permission = $1
		AND g.scope_kind = $2) ORDER BY a.id`

// Administrators lists the active accounts that may manage users everywhere, whether anybody can come in by them or
// not.
func Administrators(ctx context.Context, r db.R) ([]Account, error) {
	list, err := db.All(ctx, r, scanAccount, selectAdministrators, string(ManageUsers), string(KindEverywhere))
	if err != nil {
		return nil, fmt.Errorf("list administrators: %w", err)
	}
	return list, nil
}

const selectCovering = selectAccount + ` a WHERE a.active AND NOT a.web_service_only AND a.id <> $1
	AND EXISTS (SELECT 1 FROM account_grant g WHERE g.account_id = a.id AND g.permission = $2 AND (
		g.scope_kind = $3 OR g.scope_kind = $4 AND g.scope_id = $5 AND $5 <> ''
		OR g.scope_kind = $6 AND a.organisation = $7 AND $7 <> '')) ORDER BY a.id`

// ReviewersOf lists the active accounts, other than itself, who may decide links of an account that a rule stopped.
func ReviewersOf(ctx context.Context, r db.R, a Account) ([]Account, error) {
	return coveredBy(ctx, r, a, ReviewLinks)
}

// AdministratorsOf lists the active accounts, other than itself, whose permission to manage users covers an account:
// who is mailed about it, and who is named on its pages.
func AdministratorsOf(ctx context.Context, r db.R, a Account) ([]Account, error) {
	return coveredBy(ctx, r, a, ManageUsers)
}

// coveredBy lists the active accounts, other than itself, whose permission covers an account.
func coveredBy(ctx context.Context, r db.R, a Account, p Permission) ([]Account, error) {
	list, err := db.All(ctx, r, scanAccount, selectCovering, a.ID, string(p), string(KindEverywhere),
		string(KindRegion), a.Region, string(KindOwnOrganisation), a.Organisation)
	if err != nil {
		return nil, fmt.Errorf("list who looks after an account: %w", err)
	}
	return list, nil
}

// StillOut is that the account of a person, whose id a query has in a column, is active and not linked. It is looked at
// for each row of the query.
func StillOut(column string) string {
	return `EXISTS (SELECT 1 FROM account a WHERE a.id = ` + column + ` AND a.active AND NOT a.linked)`
}

const selectHolding = selectAccount + ` a WHERE a.active AND NOT a.web_service_only
	AND EXISTS (SELECT 1 FROM account_grant g WHERE g.account_id = a.id AND g.permission IN (%s)) ORDER BY a.id`

// HoldersOf lists the active accounts that hold any of the permissions, in whatever scope.
func HoldersOf(ctx context.Context, r db.R, permissions ...Permission) ([]Account, error) {
	var args db.Arguments
	where := fmt.Sprintf(selectHolding, db.AddEach(&args, names(permissions)))
	list, err := db.All(ctx, r, scanAccount, where, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list holders of permissions: %w", err)
	}
	return list, nil
}

func names(permissions []Permission) (list []string) {
	for _, p := range permissions {
		list = append(list, string(p))
	}
	return list
}
