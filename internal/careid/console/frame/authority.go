package frame

import (
	"net/http"
	"net/url"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

var errNotAuthority = fault.SayCure(fault.Forbidden,
	"This page is for registration authority managers and agents.",
	"If you are one, ask a registration authority manager to look at your positions.")

// Authority lets only those through who have a job at a registration authority, and records its role with what they do.
func (f *Frame) Authority() web.Guard {
	in := f.SignedIn()
	check := func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		r, err := in.Check(w, r)
		if err != nil {
			return nil, err
		}
		authority := User(r).Authority
		if authority.RoleID == "" {
			return r, errNotAuthority
		}
		by := web.Actor(r)
		by.Role = authority.RoleID
		web.WithActor(r, by)
		return r, nil
	}
	return web.Guard{Name: "registration authority", Check: check}
}

// PositionsPath gives the path of the positions of an organisation.
func PositionsPath(code string) string {
	return PeoplePath + "/organisations/" + url.PathEscape(code) + "/positions"
}

// ReachPath is where managers say how their registration authority is reached.
const ReachPath = PeoplePath + "/organisations/reach"

// OrganisationPath gives the path of the page about an organisation.
func OrganisationPath(code string) string {
	return PeoplePath + "/organisations/" + url.PathEscape(code)
}

// ApprovalsPath gives the path of what an organisation has approved.
func ApprovalsPath(code string) string {
	return OrganisationPath(code) + "/authenticators"
}
