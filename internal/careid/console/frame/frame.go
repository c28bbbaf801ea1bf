// Package frame is what the pages of Care Identity Management share: who may come to them, and what
// stands around them.
package frame

import (
	"context"
	"net/http"
	"strings"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web/page"
)

// SiteName is what the site calls itself.
const SiteName = "Care Identity Management"

// State is what a session of this site holds beside its care identity.
type State struct{ Role string }

// Sessions are the site's.
var Sessions = portal.Sessions[State]("cim")

// The kinds of events that this package records.
const (
	eventOut            audit.Kind = "cim.out"
	eventLogoutReplayed audit.Kind = "cim.logout-replayed"
	eventProviderLogout audit.Kind = "cim.provider-logout"
)

// Frame is shared by the site's page packages.
type Frame struct {
	*portal.Portal[State, Current]
	CIS2Pages string // address of CIS2's own pages
}

// Options are what the frame is made of.
type Options struct {
	DB        *db.DB
	Box       *seal.Box
	CIS2      *portal.CIS2
	CIS2Pages string
	Origin    string // where forms that begin a sign-in lead
	Banner    page.Banner
}

// New makes the frame.
func New(o Options) *Frame {
	f := &Frame{CIS2Pages: o.CIS2Pages}
	f.Portal = portal.New(portal.Options[State, Current]{
		Name: "cim", Title: SiteName, InSentence: SiteName, Banner: o.Banner,
		DB: o.DB, Box: o.Box, CIS2: o.CIS2, Origin: o.Origin, Sessions: Sessions, Ref: identity.Ref, Person: find,
		Events: portal.Events{SignedOut: eventOut, ProviderLogout: eventProviderLogout, LogoutReplayed: eventLogoutReplayed},
		// A care identity has the same number here as at CIS2.
		Subject:     func(_ context.Context, _ db.R, _, subject string) (string, error) { return subject, nil },
		NameAndRole: func(c Current, s State) (name, role string) { return c.Identity.DisplayName(), s.Role },
	})
	f.Portal.Frame = f.Page
	return f
}

// DeskPath is where the service desk's pages are.
const DeskPath = "/desk/sessions"

// Current is who is signed in on a browser.
type Current struct {
	Session  session.Session[State]
	Identity identity.Identity
	Desk     string // id of the role profile by which they may work at the service desk; empty if there is none
}

// find gives whose a session is, or fault.Unauthenticated where their care identity is not active any more.
func find(ctx context.Context, r db.R, s session.Session[State]) (Current, error) {
	i, err := identity.ByUUID(ctx, r, s.Subject)
	if err != nil {
		return Current{}, err
	}
	if i.Status != identity.Active {
		return Current{}, fault.Unauthenticated
	}
	c := Current{Session: s, Identity: i}
	profiles, err := access.RoleProfiles(ctx, r, i.UUID, r.Now())
	if by, may := access.DeskProfile(profiles, s.State.Role); may {
		c.Desk = by.RoleID
	}
	return c, err
}

// Who is signed in; nil where nobody is, which a guard of SignedIn rules out.
func Who(r *http.Request) *Current { return portal.User[State, Current](r) }

// Page is what stands around a page.
func (f *Frame) Page(w http.ResponseWriter, r *http.Request, title string) page.Params {
	p := f.Portal.Page(w, r, title)
	p.Navigation = []page.Link{{Text: "Home", Href: "/", Current: r.URL.Path == "/"}}
	if c := Who(r); c != nil {
		p.Navigation = append(p.Navigation, page.Link{Text: "View your profile", Href: "/view-your-profile", Current: r.URL.Path == "/view-your-profile"},
			page.Link{Text: "Connections", Href: "/connections", Current: strings.HasPrefix(r.URL.Path, "/connections")})
		if c.Desk != "" {
			p.Navigation = append(p.Navigation, page.Link{Text: "Service desk", Href: DeskPath, Current: strings.HasPrefix(r.URL.Path, "/desk/")})
		}
	}
	p.Navigation = append(p.Navigation,
		page.Link{Text: "Find your registration authority", Href: "/find-your-ra", Current: r.URL.Path == "/find-your-ra"},
		page.Link{Text: "Obtain a Care Identity", Href: "/apply", Current: r.URL.Path == "/apply"})
	return p
}
