// Package frame gives the pages of Care Identity Management what they share: sessions, guards, and the header,
// navigation and footer of each page.
package frame

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web/page"
)

// SiteName is the name of the site.
const SiteName = "Care Identity Management"

// State holds what a session of this site keeps beside its care identity.
type State struct {
	Role   string
	Proved time.Time // when the person proved who they are; zero if that is not known
	Level  int       // of authentication, of that proof; 0 if that is not known
}

// Sessions are the site's sessions.
var Sessions = portal.Sessions[State]("cim")

// The kinds of events that this package records.
const (
	eventOut            audit.Kind = "cim.out"
	eventLogoutReplayed audit.Kind = "cim.logout-replayed"
	eventProviderLogout audit.Kind = "cim.provider-logout"
)

// Frame holds what the site's packages of pages share.
type Frame struct {
	*portal.Portal[State, Current]
	CIS2Pages string // address of CIS2's own pages
	Directory string // address of the directory; empty if it is not known
}

// Options hold what the frame is made with.
type Options struct {
	DB        *db.DB
	Box       *seal.Box
	CIS2      *portal.CIS2
	CIS2Pages string
	Directory string
	Banner    page.Banner
	Desk      page.Desk // how to reach the service desk
}

// New makes the frame.
func New(o Options) *Frame {
	f := &Frame{CIS2Pages: o.CIS2Pages, Directory: o.Directory}
	f.Portal = portal.New(portal.Options[State, Current]{
		Name:       "cim",
		Title:      SiteName,
		InSentence: SiteName,
		Banner:     o.Banner,

		ServiceDesk: o.Desk,
		DB:          o.DB,
		Box:         o.Box,
		CIS2:        o.CIS2,
		Sessions:    Sessions,
		Ref:         identity.Ref,
		Person:      readCurrent,
		Active:      active,
		Events: portal.Events{
			SignedOut: eventOut, ProviderLogout: eventProviderLogout, LogoutReplayed: eventLogoutReplayed,
		},
		// A care identity has the same number here as at CIS2.
		Subject:     func(_ context.Context, _ db.R, _, subject string) (string, error) { return subject, nil },
		Proved:      func(s State) time.Time { return s.Proved },
		Help:        help,
		NameAndRole: func(c Current, s State) (name, role string) { return c.Identity.DisplayName(), s.Role },
	})
	f.Frame = f.Page
	return f
}

// The paths of the first pages for those who work for others.
const (
	DeskPath   = "/desk/sessions" // of the service desk
	PeoplePath = "/people"        // of the registration authority

	RequestsPath = "/requests" // of what registration authorities are asked for
	QueuePath    = "/queue"    // of everybody who waits for one
	ClinicsPath  = "/clinics"  // of those who are looked after one after another
	ReportsPath  = "/reports"  // of registration authorities

	BatchesPath = "/batches" // of what is done to many people at once

	ApplicationsPath = "/applications" // of Apply for Care ID, for those who invite and check
)

// RequestPath gives the path of the page of a request.
func RequestPath(id string) string { return RequestsPath + "/" + url.PathEscape(id) }

// ReportPath gives the path of a report.
func ReportPath(name string) string { return ReportsPath + "/" + name }

// Current describes the person who is signed in on a browser.
type Current struct {
	Session  session.Session[State]
	Identity identity.Identity
	Desk     string // id of the role profile that lets them work at the service desk; empty if they have none

	Officers  officer.List     // all their jobs at registration authorities
	Office    officer.Officer  // the job by which they work: that of Authority, or of their role, or the highest
	Authority access.Authority // their job at a registration authority; without a role profile if they have none
}

var errNotActive = fault.SayCure(fault.Unauthenticated,
	"You were logged out, because your Care Identity is not active any more.", "Contact your registration authority.")

// readCurrent reads the person of a session, or gives fault.Unauthenticated if their care identity is not active any
// more.
func readCurrent(ctx context.Context, r db.R, s session.Session[State]) (Current, error) {
	i, err := identity.ByUUID(ctx, r, s.Subject)
	if err != nil {
		return Current{}, err
	}
	if i.Status != identity.Active {
		return Current{}, errNotActive
	}
	c := Current{Session: s, Identity: i}
	profiles, err := access.RoleProfiles(ctx, r, i.UUID, r.Now())
	if profile, may := access.DeskProfile(profiles, s.State.Role); may {
		c.Desk = profile.RoleID
	}
	if err != nil {
		return c, err
	}
	c.Authority, _ = access.AuthorityOf(profiles, s.State.Role)
	c.Officers, err = officer.Of(ctx, r, profiles)
	c.Office = officeOf(c.Officers.Jobs, cmp.Or(c.Authority.RoleID, s.State.Role))
	return c, err
}

// officeOf gives the job that a role profile gives, else the highest.
func officeOf(jobs []officer.Officer, roleID string) (o officer.Officer) {
	at := slices.IndexFunc(jobs, func(o officer.Officer) bool { return o.RoleID == roleID })
	if len(jobs) > 0 {
		o = jobs[max(at, 0)]
	}
	return o
}

// active reports whether there is an active care identity with this number.
func active(ctx context.Context, r db.R, uuid string) (bool, error) {
	i, err := identity.ByUUID(ctx, r, uuid)
	if errors.Is(err, fault.NotFound) {
		return false, nil
	}
	return i.Status == identity.Active, err
}

// User gives the person who is signed in; nil if nobody is, which the guard SignedIn rules out.
func User(r *http.Request) *Current { return portal.User[State, Current](r) }

// Page begins the parameters of a page, with the site's navigation.
func (f *Frame) Page(w http.ResponseWriter, r *http.Request, title string) page.Params {
	p := f.Portal.Page(w, r, title)
	p.Navigation = navigation(r.URL.Path, User(r))
	return p
}

func navigation(at string, c *Current) []page.Link {
	list := []page.Link{{Text: "Home", Href: "/", Current: at == "/"}}
	if c != nil {
		list = append(list,
			page.Link{Text: "View your profile", Href: path.ProfilePage, Current: at == path.ProfilePage},
			page.Link{
				Text: "Connections", Href: path.ConnectionsPage, Current: strings.HasPrefix(at, path.ConnectionsPage),
			})
	}
	if c != nil && len(c.Officers.Jobs) > 0 {
		list = append(list,
			page.Link{Text: "People", Href: PeoplePath, Current: strings.HasPrefix(at, PeoplePath)},
			page.Link{Text: "Requests", Href: RequestsPath, Current: strings.HasPrefix(at, RequestsPath)})
	}
	if c != nil && (c.Officers.May(permission.DecideRequest, permission.Yes) ||
		c.Officers.May(permission.VerifyProfile, permission.Yes)) {
		list = append(list, page.Link{Text: "Queue", Href: QueuePath, Current: at == QueuePath})
	}
	if c != nil && c.Officers.May(permission.ReportPositions, permission.Yes) {
		current := strings.HasPrefix(at, ReportsPath)
		list = append(list, page.Link{Text: "Reports", Href: ReportsPath, Current: current})
	}
	if c != nil && c.Officers.May(permission.AssignBatch, permission.Yes) {
		list = append(list, page.Link{Text: "Batches", Href: BatchesPath, Current: strings.HasPrefix(at, BatchesPath)})
	}
	if c != nil && c.Officers.May(permission.Invite, permission.Yes) {
		current := strings.HasPrefix(at, ApplicationsPath)
		list = append(list, page.Link{Text: "Applications", Href: ApplicationsPath, Current: current})
	}
	if c != nil && c.Desk != "" {
		current := strings.HasPrefix(at, "/desk/")
		list = append(list, page.Link{Text: "Service desk", Href: DeskPath, Current: current})
	}
	return append(list,
		page.Link{Text: "Find your registration authority", Href: path.FindRAPage, Current: at == path.FindRAPage},
		page.Link{Text: "Obtain a Care Identity", Href: path.ApplyPage, Current: at == path.ApplyPage})
}
