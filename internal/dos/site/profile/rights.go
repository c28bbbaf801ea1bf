package profile

import (
	"context"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/page"
)

// rightsView says what somebody may do in one scope.
type rightsView struct {
	Where string   // marks names by page.Apart
	Lets  []string // what they may do there
}

// rightsOf says what the user may do besides searching, and where: by scope, in the order of their grants.
func rightsOf(ctx context.Context, r db.R, user *signin.Current) (list []rightsView, err error) {
	services, err := scopeServices(ctx, r, user.Grants)
	if err != nil {
		return nil, err
	}
	organisation, err := directory.OrganisationText(ctx, r, user.Account.Organisation)
	if err != nil {
		return nil, err
	}
	for _, g := range user.Grants {
		where := scopeText(g.Scope, organisation, services)
		at := slices.IndexFunc(list, func(v rightsView) bool { return v.Where == where })
		if at < 0 {
			at = len(list)
			list = append(list, rightsView{Where: where})
		}
		if lets := g.Permission.Lets(); !slices.Contains(list[at].Lets, lets) {
			list[at].Lets = append(list[at].Lets, lets)
		}
	}
	return list, nil
}

// scopeServices reads the names of the services and regions that are scopes, by id.
func scopeServices(ctx context.Context, r db.R, grants account.Grants) (map[string]string, error) {
	var ids []string
	for _, g := range grants {
		if g.Scope.ID != "" && !slices.Contains(ids, g.Scope.ID) {
			ids = append(ids, g.Scope.ID)
		}
	}
	list, err := directory.ByIDs(ctx, r, ids)
	names := map[string]string{}
	for _, s := range list {
		names[s.ID] = s.Name
	}
	return names, err
}

func scopeText(s account.Scope, organisation string, services map[string]string) string {
	name, known := services[s.ID]
	if !known {
		name = "that is no longer in the directory"
	}
	switch s.Kind {
	case account.KindEverywhere:
		return "Everywhere"
	case account.KindRegion:
		return "In the region " + page.Apart(name)
	case account.KindService:
		return "For the service " + page.Apart(name) + " and all below it"
	}
	if organisation == "" {
		return "In your organisation, which is not known: ask your DoS user administrator to enter it"
	}
	return "In your organisation, " + page.Apart(organisation)
}
