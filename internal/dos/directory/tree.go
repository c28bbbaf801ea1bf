package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// RegionType is the type of the services at the top of the tree, which are the regions.
const RegionType = -1

const tellLead = "Tell your DoS lead what is wrong with it."

var (
	errOtherOrganisation = fault.SayCure(fault.Forbidden,
		"This service belongs to another organisation, so your account cannot change it.", tellLead)
	errOutside = fault.SayCure(fault.Forbidden,
		"This service is outside the area that you look after, so your account cannot change it.", tellLead)
)

// Outside tells somebody who may change services within a reach that they may not change this one.
func Outside(reach account.Reach) error {
	if len(reach.Regions)+len(reach.Services) == 0 {
		return errOtherOrganisation
	}
	return errOutside
}

// upwards is a service and all above it. A row that was read is not read again, so a loop ends.
const upwards = `(WITH RECURSIVE above (id, parent_id) AS (
	SELECT id, parent_id FROM service WHERE id = $1
	UNION SELECT s.id, s.parent_id FROM service s JOIN above ON s.id = above.parent_id
	) SELECT id FROM above)`

// downwards is a query for the services in a list of ids and all below them.
func downwards(ids string) string {
	return `WITH RECURSIVE below (id) AS (
		SELECT id FROM service WHERE id IN (` + ids + `)
		UNION SELECT s.id FROM service s JOIN below ON s.parent_id = below.id AND s.parent_id <> ''
		) SELECT id FROM below`
}

// Ancestors lists the ids of a service and of all above it.
func Ancestors(ctx context.Context, r db.R, id string) ([]string, error) {
	list, err := db.All(ctx, r, db.Column[string], `SELECT id FROM service WHERE id IN `+upwards, id)
	if err != nil {
		return nil, fmt.Errorf("read what is above service %s: %w", id, err)
	}
	return list, nil
}

// Within reports whether a service is within a reach: its organisation's, or it stands at or below a service or region
// of the reach.
func Within(ctx context.Context, r db.R, reach account.Reach, s Service) (bool, error) {
	if reach.Everywhere || s.ODSCode != "" && slices.Contains(reach.Organisations, s.ODSCode) {
		return true, nil
	}
	tops := slices.Concat(reach.Regions, reach.Services)
	if len(tops) == 0 {
		return false, nil
	}
	above, err := Ancestors(ctx, r, s.ID)
	return slices.ContainsFunc(above, func(id string) bool { return slices.Contains(tops, id) }), err
}

// Region is a region of the directory.
type Region struct{ ID, Name string }

func scanRegion(scan db.Scanner) (one Region, err error) {
	err = scan(&one.ID, &one.Name)
	return one, err
}

// Regions lists the regions by name.
func Regions(ctx context.Context, r db.R) ([]Region, error) {
	// -1 is RegionType, written out so that the index of regions is used.
	const ofType = `SELECT id, CASE WHEN public_name = '' THEN name ELSE public_name END FROM service
		WHERE type_id = -1 AND status = $1 ORDER BY name, id`
	list, err := db.All(ctx, r, scanRegion, ofType, int(Active))
	if err != nil {
		return nil, fmt.Errorf("list regions: %w", err)
	}
	return list, nil
}

// RegionText names a region by its id.
func RegionText(ctx context.Context, r db.R, id string) (string, error) {
	if id == "" {
		return "Not known", nil
	}
	found, err := ByID(ctx, r, id)
	if absent(err) {
		return "No longer there", nil
	}
	return found.Shown(), err
}

// RegionOf gives the id of the region that a service is in; empty if none is above it.
func RegionOf(ctx context.Context, r db.R, id string) (string, error) {
	const top = `SELECT id FROM service WHERE type_id = $2 AND id IN ` + upwards + ` ORDER BY id LIMIT 1`
	region, err := db.Value[string](ctx, r, top, id, RegionType)
	if err != nil && !absent(err) {
		return "", fmt.Errorf("read region of service %s: %w", id, err)
	}
	return region, nil
}

// maxNamed is how many services are listed that have the words of a name.
const maxNamed = 20

// Named lists active services by their number or the beginnings of the words of their name, whatever their type: at
// most 20.
func Named(ctx context.Context, r db.R, text string) ([]Service, error) {
	var s statement
	where := "status = " + s.value(int(Active)) + " AND (uid = " + s.value(text) + " OR " +
		s.named(Criteria{Name: text}) + ") ORDER BY name, id LIMIT " + s.value(maxNamed)
	list, err := db.All(ctx, r, scanService, selectService+" WHERE "+where, s.args...)
	if err != nil {
		return nil, fmt.Errorf("find services by name: %w", err)
	}
	return list, nil
}

// Contains reports whether a reach covers everything that a scope of an account covers.
func Contains(ctx context.Context, r db.R, reach account.Reach, s account.Scope, of account.Account) (bool, error) {
	return (&Area{Scope: s, Of: of}).In(ctx, r, reach)
}

// Area is everything that a scope of an account covers, to be held against the reaches of many: what has to be read of
// the directory for that is read once.
type Area struct {
	Scope account.Scope
	Of    account.Account

	above []string  // of a service: itself and all above it
	below []Service // of a service: itself and all below it

	home [][]string // of a home organisation: each of its services and all above it
}

// In reports whether a reach covers the area.
func (a *Area) In(ctx context.Context, r db.R, reach account.Reach) (bool, error) {
	switch {
	case reach.Everywhere:
		return true, nil
	case a.Scope.Kind == account.KindRegion:
		return slices.Contains(reach.Regions, a.Scope.ID), nil
	case a.Scope.Kind == account.KindService:
		return a.belowIn(ctx, r, reach)
	case a.Scope.Kind == account.KindOwnOrganisation && a.Of.Organisation != "":
		return a.homeIn(ctx, r, reach)
	}
	return false, nil
}

// belowIn reports whether a reach covers a service and all below it: from above, or service by service.
func (a *Area) belowIn(ctx context.Context, r db.R, reach account.Reach) (fromAbove bool, err error) {
	tops := slices.Concat(reach.Regions, reach.Services)
	if len(tops) > 0 && a.above == nil {
		if a.above, err = Ancestors(ctx, r, a.Scope.ID); err != nil {
			return false, err
		}
	}
	fromAbove = slices.ContainsFunc(a.above, func(id string) bool { return slices.Contains(tops, id) })
	if fromAbove || len(reach.Organisations) == 0 {
		return fromAbove, nil
	}
	if a.below == nil {
		if a.below, err = placedServices(ctx, r, `id IN (`+downwards("$1")+`)`, a.Scope.ID); err != nil {
			return false, err
		}
	}
	return len(a.below) > 0 && a.eachWithin(reach, tops), nil
}

// eachWithin reports whether each of the services is of an organisation of the reach, or at or below one of its tops,
// none of which is above them all.
func (a *Area) eachWithin(reach account.Reach, tops []string) bool {
	parents := map[string]string{}
	for _, s := range a.below {
		parents[s.ID] = s.Parent
	}
	return !slices.ContainsFunc(a.below, func(s Service) bool {
		if s.ODSCode != "" && slices.Contains(reach.Organisations, s.ODSCode) {
			return false
		}
		id := s.ID
		for range a.below { // no longer than a way up can be, so that a loop ends
			if slices.Contains(tops, id) {
				return false
			}
			id = parents[id]
		}
		return true
	})
}

// homeIn reports whether a reach covers the home organisation of the account, with all its services.
func (a *Area) homeIn(ctx context.Context, r db.R, reach account.Reach) (bool, error) {
	if slices.Contains(reach.Organisations, a.Of.Organisation) {
		return true, nil
	}
	if a.Of.Region == "" || !slices.Contains(reach.Regions, a.Of.Region) {
		return false, nil
	}
	if err := a.readHome(ctx, r); err != nil {
		return false, err
	}
	tops := slices.Concat(reach.Regions, reach.Services)
	return !slices.ContainsFunc(a.home, func(above []string) bool {
		return !slices.ContainsFunc(above, func(id string) bool { return slices.Contains(tops, id) })
	}), nil
}

// readHome reads where the services of the home organisation stand, once.
func (a *Area) readHome(ctx context.Context, r db.R) error {
	if a.home != nil {
		return nil
	}
	services, err := placedServices(ctx, r, `ods_code = $1`, a.Of.Organisation)
	if err != nil {
		return err
	}
	home := make([][]string, len(services))
	for i, s := range services {
		if home[i], err = Ancestors(ctx, r, s.ID); err != nil {
			return err
		}
	}
	a.home = home
	return nil
}

// placedServices lists services of which only the id, the organisation and the service above are read.
func placedServices(ctx context.Context, r db.R, where string, args ...any) ([]Service, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (s Service, err error) {
		err = scan(&s.ID, &s.ODSCode, &s.Parent)
		return s, err
	}, `SELECT id, ods_code, parent_id FROM service WHERE `+where+` ORDER BY id`, args...)
	if err != nil {
		return nil, fmt.Errorf("list services to compare with a reach: %w", err)
	}
	return list, nil
}

// ScopeExists reports whether a scope of an account covers something: its region or service is there, or the account
// has a home organisation.
func ScopeExists(ctx context.Context, r db.R, s account.Scope, of account.Account) (bool, error) {
	switch s.Kind {
	case account.KindEverywhere:
		return s.ID == "", nil
	case account.KindOwnOrganisation:
		return s.ID == "" && of.Organisation != "", nil
	case account.KindRegion, account.KindService:
	default:
		return false, nil
	}
	found, err := ByID(ctx, r, s.ID)
	if absent(err) {
		return false, nil
	}
	return err == nil && (s.Kind == account.KindService || found.Type == RegionType), err
}

// ScopeText says in words where a scope of an account reaches: "in the region North".
func ScopeText(ctx context.Context, r db.R, s account.Scope, of account.Account) (string, error) {
	switch s.Kind {
	case account.KindEverywhere:
		return "everywhere", nil
	case account.KindOwnOrganisation:
		if of.Organisation == "" {
			return "at the home organisation, which is not known", nil
		}
		organisation, err := OrganisationText(ctx, r, of.Organisation)
		return "at the home organisation, " + organisation, err
	case account.KindRegion, account.KindService:
	}
	found, err := ByID(ctx, r, s.ID)
	if err != nil && !absent(err) {
		return "", err
	}
	name := cmp.Or(found.Shown(), "that is no longer there")
	if s.Kind == account.KindRegion {
		return "in the region " + name, nil
	}
	return "for the service " + name + " and all below it", nil
}

// Placed is where a service stands in the tree.
type Placed struct {
	ID, Parent string
	Key        string // at the source it was imported from; empty for none
}

// WholeTree lists where every service and region stands. It is for imports.
func WholeTree(ctx context.Context, r db.R) ([]Placed, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (s Placed, err error) {
		err = scan(&s.ID, &s.Parent, &s.Key)
		return s, err
	}, `SELECT id, parent_id, COALESCE(source_key, '') FROM service`)
	if err != nil {
		return nil, fmt.Errorf("read the tree of services: %w", err)
	}
	return list, nil
}

// Called is a service by what people call it.
type Called struct {
	ID, UID, Name, ODSCode string
	Region                 bool
}

// AllCalled lists every active service and region. It is for imports and exports, which read the whole directory.
func AllCalled(ctx context.Context, r db.R) ([]Called, error) {
	const all = `SELECT id, uid, name, ods_code, type_id FROM service WHERE status = $1 ORDER BY id`
	list, err := db.All(ctx, r, func(scan db.Scanner) (n Called, err error) {
		var kind int64
		err = scan(&n.ID, &n.UID, &n.Name, &n.ODSCode, &kind)
		n.Region = kind == RegionType
		return n, err
	}, all, int(Active))
	if err != nil {
		return nil, fmt.Errorf("list services by name: %w", err)
	}
	return list, nil
}
