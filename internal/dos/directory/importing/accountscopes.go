package importing

import (
	"context"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/national/ods"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet/cell"
)

// names are what organisations, regions and services are called, so that files may name them as people do.
type names struct {
	organisations     map[string]string   // ODS codes, by plain name; empty where several have it
	codes             map[string]bool     // of the organisations that are known
	regions, services map[string][]string // ids, by plain name, number or ODS code
	numbers           map[string]string   // of regions and services, by id
}

func namesIn(ctx context.Context, r db.R) (n names, err error) {
	n = names{organisations: map[string]string{}, codes: map[string]bool{}, regions: map[string][]string{},
		services: map[string][]string{}, numbers: map[string]string{}}
	if r == nil {
		return n, nil
	}
	organisations, err := directory.AllOrganisations(ctx, r)
	if err != nil {
		return n, err
	}
	for code, title := range organisations {
		n.codes[code] = true
		key := cell.Plain(title)
		if _, twice := n.organisations[key]; twice {
			code = ""
		}
		if key != "" {
			n.organisations[key] = code
		}
	}
	all, err := directory.AllCalled(ctx, r)
	for _, s := range all {
		into := n.services
		if s.Region {
			into = n.regions
		}
		n.numbers[s.ID] = s.UID
		for _, called := range []string{s.ID, s.UID, s.Name, s.ODSCode} {
			if key := cell.Plain(called); key != "" && !slices.Contains(into[key], s.ID) {
				into[key] = append(into[key], s.ID)
			}
		}
	}
	return n, err
}

// resolve finds what a row names, and what its account may do. Notes say what was not taken as it stands.
func (n names) resolve(one *person) (notes []string, err error) {
	if one.Organisation, notes = n.organisation(one.organisation); one.Organisation == "" && len(notes) == 0 &&
		one.organisation != "" {
		notes = append(notes, "The organisation "+fault.Quoted(one.organisation)+" is not known, so the account has "+
			"none: "+cureOrganisation)
	}
	scopes, err := n.scopesOf(one)
	if err != nil {
		return notes, err
	}
	for _, column := range []struct {
		name   string
		values []string
	}{{"groups", one.groups}, {"permissions", one.permissions}} {
		for _, value := range column.values {
			grants, err := n.grants(value, *one, scopes)
			if err != nil {
				return notes, fault.OfField(column.name, fault.InOneLine(err))
			}
			one.Grants = append(one.Grants, grants...)
		}
	}
	one.Grants = uniqueGrants(one.Grants)
	return notes, nil
}

// cureUnknownCode says what to do about an ODS code that nobody has imported. The account is taken: organisations may
// come later, and until then its code names nobody.
const cureUnknownCode = "see that it is right, and import the organisation"

// cureOrganisation says what to do about an organisation that is not known.
const cureOrganisation = "enter its ODS code in the row, or import the organisation first"

func uniqueGrants(all account.Grants) (some account.Grants) {
	for _, g := range all {
		if !slices.Contains(some, g) {
			some = append(some, g)
		}
	}
	return some
}

// organisation gives the ODS code of an organisation, by its code or its name.
func (n names) organisation(text string) (code string, notes []string) {
	if code := n.organisations[cell.Plain(text)]; code != "" {
		return code, nil
	}
	parsed, err := ods.Parse(text)
	switch {
	case err != nil:
		return "", nil
	case len(n.codes) == 0:
		notes = append(notes, "Nobody can say whose ODS code "+fault.Quoted(string(parsed))+" is, as the directory "+
			"has no list of organisations yet: "+cureUnknownCode)
	case !n.codes[string(parsed)]:
		notes = append(notes, "The ODS code "+fault.Quoted(string(parsed))+" is of no organisation that was imported: "+
			cureUnknownCode)
	}
	return string(parsed), notes
}

// scopes are where a row says that its account may do something.
type scopes struct {
	everywhere        bool
	services, regions []account.Scope
}

// everywhere are what people write for all regions.
var everywhere = []string{"everywhere", "all", "allregions", "national", "england"}

func (n names) scopesOf(one *person) (s scopes, err error) {
	for _, called := range one.regions {
		if slices.Contains(everywhere, cell.Plain(called)) {
			s.everywhere = true
			continue
		}
		id, err := only(n.regions, called, "regions", "region")
		if err != nil {
			return s, err
		}
		s.regions = append(s.regions, account.InRegion(id))
	}
	for _, called := range one.services {
		id, err := only(n.services, called, "services", "service")
		if err != nil {
			return s, err
		}
		s.services = append(s.services, account.BelowService(id))
	}
	switch {
	case one.region != "":
		if one.Region, err = only(n.regions, one.region, "region", "region"); err != nil {
			return s, err
		}
		if len(one.regions) == 0 {
			s.regions = []account.Scope{account.InRegion(one.Region)}
		}
	case len(s.regions) == 1:
		one.Region = s.regions[0].ID
	}
	return s, nil
}

// only finds the one region or service that is called so.
func only(among map[string][]string, called, column, what string) (string, error) {
	ids := among[cell.Plain(called)]
	switch {
	case len(ids) == 1:
		return ids[0], nil
	case len(ids) > 1:
		return "", fault.OfField(column, "Several have "+fault.Quoted(called)+": enter the number of one "+what)
	case len(among) == 0:
		return "", fault.OfField(column, "There is no "+what+" "+fault.Quoted(called)+", nor any other: import the "+
			what+"s first")
	}
	return "", fault.OfField(column, "There is no "+what+" "+fault.Quoted(called)+
		": enter its name or number as the directory has it")
}

// grants gives what a group or permission stands for. It holds where the value itself says, after an @, or else in the
// narrowest place that the row names and the group can be given in.
func (n names) grants(value string, one person, in scopes) (account.Grants, error) {
	called, where, placed := strings.Cut(value, "@")
	group, permission, known := namedRight(called)
	if !known {
		return nil, fault.OfField("", fault.Quoted(value)+" is no group and no permission. Those that there are: "+
			strings.Join(rights(), ", "))
	}
	if group != "" && !group.For(one.Kind) {
		return nil, fault.OfField("", "An account of this kind cannot have the group "+group.Title())
	}
	if len(group.Permissions()) == 0 && permission == "" {
		return nil, nil // everybody who is logged in can do it
	}
	allowed := group.Scopes()
	if group == "" {
		allowed = permission.Scopes()
	}
	chosen := in.narrowest(allowed, one.Organisation)
	if placed {
		scope, err := n.scope(where)
		if err != nil {
			return nil, err
		}
		chosen = nil
		if slices.Contains(allowed, scope.Kind) {
			chosen = []account.Scope{scope}
		}
	}
	if len(chosen) == 0 {
		return nil, fault.OfField("", nowhere(value, one, allowed))
	}
	var grants account.Grants
	for _, scope := range chosen {
		if group != "" {
			grants = append(grants, group.In(scope)...)
		} else {
			grants = append(grants, scope.Of(permission)...)
		}
	}
	return grants, nil
}

// nowhere says why a group or permission can hold in none of the places that a row names.
func nowhere(value string, one person, allowed []account.ScopeKind) string {
	if one.organisation != "" && one.Organisation == "" && slices.Contains(allowed, account.KindOwnOrganisation) {
		return "The organisation " + fault.Quoted(one.organisation) + " is not known, so there is no place in which " +
			fault.Quoted(value) + " can hold: " + cureOrganisation + ". Or enter " + placesText(allowed)
	}
	return fault.Quoted(value) + " needs a place in which it can hold. Enter " + placesText(allowed)
}

// narrowest gives the scopes in which something holds.
func (s scopes) narrowest(allowed []account.ScopeKind, organisation string) []account.Scope {
	can := func(kind account.ScopeKind) bool { return slices.Contains(allowed, kind) }
	switch {
	case len(s.services) > 0 && can(account.KindService):
		return s.services
	case s.everywhere && can(account.KindEverywhere):
		return []account.Scope{account.Everywhere}
	case len(s.regions) > 0 && can(account.KindRegion) && (len(s.services) == 0 || !can(account.KindService)):
		return s.regions
	case organisation != "" && can(account.KindOwnOrganisation):
		return []account.Scope{account.OwnOrganisation}
	}
	return nil
}

// scope reads where a value says that it holds: everywhere, in the own organisation, in a region or for a service.
func (n names) scope(text string) (account.Scope, error) {
	text = strings.TrimSpace(text)
	switch key := cell.Plain(text); {
	case slices.Contains(everywhere, key):
		return account.Everywhere, nil
	case key == "ownorganisation":
		return account.OwnOrganisation, nil
	}
	what, called, _ := strings.Cut(text, " ")
	switch strings.ToLower(what) {
	case "region":
		id, err := only(n.regions, called, "", "region")
		return account.InRegion(id), err
	case "service":
		id, err := only(n.services, called, "", "service")
		return account.BelowService(id), err
	}
	return account.Scope{}, fault.OfField("", fault.Quoted(text)+" is no place. Enter everywhere, own organisation, "+
		"region and its name, or service and its number")
}

// placesText says which columns can name a place of some kinds.
func placesText(kinds []account.ScopeKind) string {
	var texts []string
	for _, kind := range kinds {
		switch kind {
		case account.KindEverywhere:
			texts = append(texts, `"everywhere" under regions`)
		case account.KindRegion:
			texts = append(texts, "a region")
		case account.KindService:
			texts = append(texts, "a service")
		case account.KindOwnOrganisation:
			texts = append(texts, "a home organisation")
		}
	}
	return strings.Join(texts, ", or ")
}

// singular is the name of a group or permission as it is compared: people write one user, and many users.
func singular(name string) string { return strings.TrimSuffix(cell.Plain(name), "s") }

// namedRight finds the group or the permission that is called so, in whatever spelling.
func namedRight(called string) (group account.Group, p account.Permission, known bool) {
	key := singular(called)
	for _, g := range account.Groups() {
		if key == singular(string(g)) || key == singular(g.Title()) {
			return g, "", true
		}
	}
	for _, p := range account.All() {
		if key == singular(string(p)) {
			return "", p, true
		}
	}
	return "", "", false
}

// rights lists the groups and permissions that there are.
func rights() (list []string) {
	for _, g := range account.Groups() {
		list = append(list, g.Title())
	}
	for _, p := range account.All() {
		list = append(list, string(p))
	}
	return list
}
