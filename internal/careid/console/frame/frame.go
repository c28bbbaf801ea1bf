// Package frame is what the pages of Care Identity Management share: who may come to them, and what
// stands around them.
package frame

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/held"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

// SiteName is what the site calls itself.
const SiteName = "Care Identity Management"

// State is what a session of this site holds beside its care identity.
type State struct{ Role string }

// Sessions are the site's, with the limits of a relying party of CIS2.
var Sessions = session.Kind[State]{Site: "cim", Idle: 15 * time.Minute, Most: 12 * time.Hour}

// Frame is shared by the site's page packages.
type Frame struct {
	DB           *db.DB
	Relying      *portal.CIS2
	Banner       page.Banner
	SignInOrigin string // where forms that begin a sign-in lead
	CIS2         string // address of CIS2's own pages
	Held         held.Posts
}

// DeskPath is where the service desk's pages are.
const DeskPath = "/desk/sessions"

// Current is who is signed in on a browser.
type Current struct {
	Session  session.Session[State]
	Identity identity.Identity
	Desk     string // id of the role profile by which they may work at the service desk; empty if there is none
}

const sessionCookie = "cim"

type currentKey struct{}

// SignedIn lets through whoever is signed in, and sends others to the front page.
func (f *Frame) SignedIn() web.Guard {
	return web.Guard{Name: "signed in", Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		r, err := f.known(r)
		if errors.Is(err, fault.Unauthenticated) {
			return nil, f.Held.Refuse(w, r)
		}
		if err != nil {
			return nil, err
		}
		return r, f.Held.Sent(w, r)
	}}
}

// Perhaps lets everybody through, and knows who is signed in.
func (f *Frame) Perhaps() web.Guard {
	return web.Guard{Name: "anyone", Check: func(_ http.ResponseWriter, r *http.Request) (*http.Request, error) {
		known, err := f.known(r)
		if errors.Is(err, fault.Unauthenticated) {
			return r, nil
		}
		return known, err
	}}
}

func (f *Frame) known(r *http.Request) (*http.Request, error) {
	var c Current
	var now time.Time
	err := f.DB.View(r.Context(), func(read db.R) (err error) {
		now = read.Now()
		if c.Session, err = Sessions.Find(r.Context(), read, Cookie(r)); err != nil {
			return err
		}
		if c.Identity, err = identity.ByUUID(r.Context(), read, c.Session.Subject); err != nil {
			return err
		}
		held, err := access.RoleProfiles(r.Context(), read, c.Identity.UUID, now)
		if by, may := access.DeskProfile(held, c.Session.State.Role); may {
			c.Desk = by.RoleID
		}
		return err
	})
	if err != nil {
		return r, err
	}
	if c.Identity.Status != identity.Active {
		return r, fault.Unauthenticated
	}
	if err := c.Session.Touch(r.Context(), f.DB, now); err != nil {
		return r, err
	}
	web.WithActor(r, actor.Actor{Kind: actor.Person, ID: c.Identity.UUID, Name: c.Identity.DisplayName(), Role: c.Session.State.Role})
	return r.WithContext(context.WithValue(r.Context(), currentKey{}, &c)), nil
}

// Who is signed in; nil where nobody is, which a guard of SignedIn rules out.
func Who(r *http.Request) *Current {
	c, _ := r.Context().Value(currentKey{}).(*Current)
	return c
}

// Cookie is the session cookie that a browser sent, or empty.
func Cookie(r *http.Request) string { return web.Cookie(r, sessionCookie) }

// SignIn sets the cookie of a session that has begun.
func SignIn(w http.ResponseWriter, cookie string) { web.SetCookie(w, sessionCookie, cookie, 0) }

// SignOut removes the cookie of a session that has ended.
func SignOut(w http.ResponseWriter) { web.ClearCookie(w, sessionCookie) }

// Page is what stands around a page.
func (f *Frame) Page(w http.ResponseWriter, r *http.Request, title string) page.Params {
	p := page.Params{Title: title, SiteName: SiteName, SiteHref: "/", Banner: f.Banner, Flash: web.Flash(w, r)}
	p.Navigation = []page.Link{{Text: "Home", Href: "/", Current: r.URL.Path == "/"}}
	c := Who(r)
	if c != nil {
		f.Held.SignedIn(w, r, c.Identity.UUID)
		p.Session = held.Warning
		p.Account = page.Account{Name: c.Identity.DisplayName(), SignOut: "/sign-out"}
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

// HandleForm answers a form that people send, and has it held where a session ends before it arrives.
func (f *Frame) HandleForm(s *web.Site, sent form.Form, g web.Guard, h web.Handler) {
	f.Held.Forms = append(f.Held.Forms, sent)
	s.Handle("POST "+sent.Path, g, h)
}

// MountHeld adds the pages of forms that were sent after a session had ended.
func (f *Frame) MountHeld(s *web.Site) {
	f.Held.Mount(s, held.Site{
		SignedIn: f.SignedIn(), Page: f.Page,
		Subject: func(r *http.Request) string { return Who(r).Identity.UUID },
		Left:    f.left,
	})
}

// left is how long the browser's session still holds if it is not used. Asking is no use of it.
func (f *Frame) left(r *http.Request) (left time.Duration, final bool, err error) {
	err = f.DB.View(r.Context(), func(read db.R) error {
		s, err := Sessions.Find(r.Context(), read, Cookie(r))
		left, final = s.Left(read.Now())
		return err
	})
	return left, final, err
}

// LeadToSignIn lets the forms of a page end at CIS2.
func (f *Frame) LeadToSignIn(w http.ResponseWriter) { web.FormsLeadTo(w, f.SignInOrigin) }

// ErrorPage shows a failure.
func (f *Frame) ErrorPage(r *http.Request, shown web.Failure) templ.Component {
	p := page.Params{Title: shown.Title, SiteName: SiteName, SiteHref: "/", Banner: f.Banner}
	if c := Who(r); c != nil {
		p.Account = page.Account{Name: c.Identity.DisplayName(), SignOut: "/sign-out"}
	}
	return page.Failed(p, shown.Says, shown.Cure, shown.Reference)
}
