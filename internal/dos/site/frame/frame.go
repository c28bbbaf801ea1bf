// Package frame holds what the pages of the directory share: the guards that decide who may see a page, and the
// header and footer around it.
package frame

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/banner"
	"signpost/internal/dos/belonging"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

// SiteName is the name of the site on its pages.
const SiteName = "Directory of Services"

// LogInForm sends the browser to CIS2, to sign in with a Care Identity or to link one.
var LogInForm = form.Form{Path: "/sign-in/care-identity", At: "/"}

// Frame is shared by the site's page packages.
type Frame struct {
	*portal.Portal[signin.State, signin.Current]
	Passwords *signin.PasswordSignIn
	Linker    *linking.Linker
	Places    Places // the addresses of places
	CIM       string // address of Care Identity Management; empty if it is not known
	Known     tries.Known
	Door      *signin.Door
	Belonging *belonging.Claims
	// Returns says, for an act for which people are sent to CIS2, what happens when they come back. Coming in and
	// linking are package entry's own.
	Returns map[string]Return
	// Seconds says, for the path of a form whose sending ends the session, how a second click on it is answered.
	Seconds map[string]Second
	// EmergencyFor leads a user to where they ask for emergency rights for a service, or read what to do first; empty
	// where they can never ask. Package breakglass decides it.
	EmergencyFor func(user *signin.Current, serviceID string) string
	// EventText words what an event tells. Package mine has the words.
	EventText func(e audit.Entry) string
}

// Second answers a form that was sent twice, once what it does is done. If that is not so, it answers nothing.
type Second func(w http.ResponseWriter, r *http.Request, author web.Author) (answered bool, err error)

// AnotherAuthor answers a form that was rendered for somebody other than the user who is logged in now: a second click
// as the first one, and others as the portal does.
func (f *Frame) AnotherAuthor(w http.ResponseWriter, r *http.Request, author web.Author) error {
	if second := f.Seconds[r.URL.Path]; second != nil && User(r) == nil {
		if answered, err := second(w, r, author); answered || err != nil {
			return err
		}
	}
	return f.Portal.AnotherAuthor(w, r, author)
}

// Return takes somebody who has come back from CIS2.
type Return func(w http.ResponseWriter, r *http.Request, pending portal.Pending, person cis2.Person) error

// Options holds what New needs to make a frame.
type Options struct {
	Passwords *signin.PasswordSignIn
	Linker    *linking.Linker
	Box       *seal.Box
	CIS2      *portal.CIS2
	Asker     signin.Asker  // nil if the care identity side answers no questions
	Banner    page.Banner   // a notice above every page, such as that this is a demo
	CIM       string        // address of Care Identity Management; empty if it is not known
	Login     string        // address of the login pages; empty where others run them
	Desk      page.Desk     // how to reach the service desk
	Banners   *banner.Board // messages of the programme team
	Flows     []string      // cookies of what may be in progress on a browser; signing in removes them
}

// New makes the frame.
func New(o Options) *Frame {
	f := &Frame{Passwords: o.Passwords, Linker: o.Linker, Places: PlacesAt(o.CIM, o.Login), CIM: o.CIM,
		Returns:      map[string]Return{},
		Seconds:      map[string]Second{},
		EmergencyFor: func(*signin.Current, string) string { return "" },
		EventText:    func(e audit.Entry) string { return string(e.Kind) },
		Known:        tries.Known{Box: o.Box, Name: "dos-known"}}
	f.Door = &signin.Door{DB: o.Passwords.DB, CIS2: o.CIS2, Asker: o.Asker, Box: o.Box, Post: o.Linker.Post,
		Links: o.Linker}
	f.Belonging = &belonging.Claims{DB: o.Passwords.DB, Post: o.Linker.Post, Door: f.Door}
	f.Portal = portal.New(portal.Options[signin.State, signin.Current]{
		Name:        "dos",
		Title:       SiteName,
		InSentence:  "the Directory of Services",
		AccountHref: AccountPage,
		Banner:      o.Banner,
		ServiceDesk: o.Desk,
		DB:          o.Passwords.DB,
		Box:         o.Box,
		CIS2:        o.CIS2,
		Sessions:    signin.Sessions,
		Events:      signin.Events,
		Ref:         account.Ref,
		Person:      userOf,
		Stands:      f.Door.Stands,
		Endings:     signin.Endings,
		Notice:      notice,
		News:        newsOf(o.Banners),
		Help:        help,
		Subject:     signin.AccountOf,
		Active:      signin.MayLogIn,
		Flows:       o.Flows,
		Proved:      func(s signin.State) time.Time { return s.Proved },
		ProveAt:     proveAt,
		NameAndRole: func(c signin.Current, _ signin.State) (name, role string) {
			return c.Account.Name(), c.Role()
		},
	})
	f.Frame = f.Page
	return f
}

// Visitor gives somebody who came back from CIS2, with what the care identity side says of them.
func (f *Frame) Visitor(r *http.Request, v signin.Visitor) signin.Visitor {
	asked, err := f.Door.Ask(r.Context(), v)
	if err != nil {
		web.Log(r, slog.String("not asked about a visitor", err.Error()))
	}
	return asked
}

// ForgottenPath is where people ask for a code to set another password.
const ForgottenPath = "/forgotten-password"

// ForgottenCookie names the cookie of a browser on which another password is being set.
const ForgottenCookie = "dos-forgotten"

// ProvePath is where somebody who logged in by password types it once more.
const ProvePath = "/account/prove"

func proveAt(s signin.State) string {
	if s.How == signin.ByPassword {
		return ProvePath
	}
	return ""
}

// May lets signed-in users with any of the permissions through, in whatever scope.
func (f *Frame) May(permissions ...account.Permission) web.Guard {
	signedIn := f.SignedIn()
	return web.Guard{Name: "may " + fmt.Sprint(permissions),
		Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
			r, err := signedIn.Check(w, r)
			if err != nil {
				return nil, err
			}
			if !Allowed(r, permissions...) {
				if ended, err := f.emergencyEnded(w, r, permissions...); ended != nil || err != nil {
					return r, errors.Join(ended, err)
				}
				if slices.ContainsFunc(permissions, User(r).Withheld.Hold) {
					return r, User(r).WhyWithheld()
				}
				return r, account.Lacking("Your account does not have permission to see this page.", permissions...)
			}
			return r, nil
		}}
}

// User gives the signed-in user, or nil if nobody is signed in. Behind the guard SignedIn there is always one.
func User(r *http.Request) *signin.Current { return portal.User[signin.State, signin.Current](r) }

// Allowed reports whether the signed-in user has any of the permissions, to show them what they can do. The package
// that does it checks again, with the scope.
func Allowed(r *http.Request, permissions ...account.Permission) bool {
	c := User(r)
	return c != nil && (slices.ContainsFunc(permissions, c.Grants.Hold) ||
		slices.ContainsFunc(permissions, c.Widened.Hold))
}

// offered reports whether the navigation leads to what needs any of the permissions: also where they are withheld, as
// the page then says why.
func offered(r *http.Request, permissions ...account.Permission) bool {
	return Allowed(r, permissions...) || slices.ContainsFunc(permissions, User(r).Withheld.Hold)
}

// Reach gives on what the signed-in user may use any of the permissions.
func Reach(r *http.Request, permissions ...account.Permission) account.Reach {
	if c := User(r); c != nil {
		return c.WidenedReach(permissions...)
	}
	return account.Reach{}
}

// Page gives the header, navigation and footer around a page.
func (f *Frame) Page(w http.ResponseWriter, r *http.Request, title string) page.Params {
	p := f.Portal.Page(w, r, title)
	p.FooterLinks = []page.Link{{Text: "Accessibility and help", Href: "/help"}}
	if User(r) == nil {
		return p
	}
	for _, notice := range []func(r *http.Request) page.Banner{nightNotice, exceptionsNotice, numberNotice} {
		if p.Notice.Text == "" {
			p.Notice = notice(r)
		}
	}
	if User(r).Session.State.How == signin.ByPassword { // the first page of all others is the search
		p.Navigation = append(p.Navigation, page.Link{Text: "Home", Href: "/", Current: r.URL.Path == "/"})
	}
	p.Navigation = append(p.Navigation,
		page.Link{Text: "Find a service", Href: "/services", Current: r.URL.Path == "/services"},
		page.Link{Text: "Account", Href: AccountPage, Current: r.URL.Path == AccountPage})
	if offered(r, account.ApproveUser) {
		p.Navigation = append(p.Navigation, page.Link{
			Text: "Requests", Href: RequestsPage, Current: r.URL.Path == RequestsPage,
		})
	}
	if offered(r, account.InviteUser) && !offered(r, account.ApproveUser) { // others find it on that page
		p.Navigation = append(p.Navigation, page.Link{
			Text: "Invite colleagues", Href: InvitePage, Current: r.URL.Path == InvitePage,
		})
	}
	if offered(r, account.ManageUsers, account.ServiceDesk) {
		p.Navigation = append(p.Navigation, page.Link{
			Text: "Users", Href: path.UsersPage, Current: r.URL.Path == path.UsersPage,
		})
	}
	if offered(r, account.WorkTickets) {
		p.Navigation = append(p.Navigation, page.Link{
			Text: "Tickets", Href: TicketsPage, Current: r.URL.Path == TicketsPage,
		})
	}
	if offered(r, account.ViewReports) && !offered(r, account.ManageUsers, account.ServiceDesk) { // who find it there
		p.Navigation = append(p.Navigation, page.Link{
			Text: "Reports", Href: BoardPage, Current: r.URL.Path == BoardPage,
		})
	}
	if offered(r, account.ReviewLinks) {
		p.Navigation = append(p.Navigation, page.Link{
			Text: "Link reviews", Href: ReviewsPage, Current: r.URL.Path == ReviewsPage,
		})
	}
	if offered(r, account.BreakGlass) {
		p.Navigation = append(p.Navigation, page.Link{
			Text: "Emergency rights", Href: EmergencyPage, Current: r.URL.Path == EmergencyPage,
		})
	}
	return p
}
