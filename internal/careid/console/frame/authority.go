package frame

import (
	"net/http"
	"net/url"

	"signpost/internal/careid/hosting"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

var (
	errNotAuthority = fault.SayCure(fault.Forbidden,
		"This page is for registration authority managers and agents.",
		"If you are one, ask a registration authority manager to look at your positions.")
	errNotOfficer = fault.SayCure(fault.Forbidden,
		"This page is for those who have a job at a registration authority that it is for.",
		"If you need it, ask a registration authority manager to look at your positions.")
	errNotServed = fault.SayCure(fault.Forbidden, "Your registration authority does not serve this organisation.",
		"The page People lists those that it serves.")
)

// Authority lets only those through who are a manager or an agent of a registration authority, and records their role
// with what they do.
func (f *Frame) Authority() web.Guard {
	return f.staff("registration authority", errNotAuthority, func(c *Current) string { return c.Authority.RoleID })
}

// May lets only those through whose job at a registration authority lets them do one of some acts, if only to what is
// assignable to them, and records the role of their job with what they do.
func (f *Frame) May(acts ...permission.Act) web.Guard {
	return f.staff("may "+string(acts[0]), errNotOfficer, func(c *Current) string {
		for _, act := range acts {
			if c.Officers.May(act, permission.Yes, permission.Assignable) {
				return c.Office.RoleID
			}
		}
		return ""
	})
}

// staff lets only those through of whom role gives the role profile by which they come.
func (f *Frame) staff(name string, refusal error, role func(c *Current) string) web.Guard {
	in := f.SignedIn()
	return web.Guard{Name: name, Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		r, err := in.Check(w, r)
		if err != nil {
			return nil, err
		}
		by := web.Actor(r)
		if by.Role = role(User(r)); by.Role == "" {
			return r, refusal
		}
		web.WithActor(r, by)
		return f.strongly(w, r)
	}}
}

// MayAt reports whether the user's job lets them do an act for people of an organisation.
func MayAt(r *http.Request, read db.R, act permission.Act, code string) (bool, error) {
	return User(r).Officers.MayAt(r.Context(), read, act, code, permission.Yes)
}

// OrganisationOf reads the organisation of a request, by its code in the path, which the registration authority of the
// user serves.
func OrganisationOf(r *http.Request, read db.R) (organisation.Organisation, error) {
	code := r.PathValue("code")
	serves, err := hosting.Serves(r.Context(), read, User(r).Authority.Organisation, code)
	if err != nil {
		return organisation.Organisation{}, err
	}
	if !serves {
		return organisation.Organisation{}, errNotServed
	}
	return organisation.ByCode(r.Context(), read, code)
}

// StaffRecordPath gives the path of what the staff record of an organisation sent.
func StaffRecordPath(code string) string {
	return PeoplePath + "/organisations/" + url.PathEscape(code) + "/staff-record"
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
