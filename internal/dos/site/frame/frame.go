// Package frame is what the pages of the directory share: who may come to them, and what stands around
// them.
package frame

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/held"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

// SiteName is what the site calls itself.
const SiteName = "Directory of Services"

// Frame is shared by the site's page packages.
type Frame struct {
	Desk   *signin.Desk
	Linker *linking.Linker
	Banner page.Banner // a notice above every page, such as that this is a demo
	// SignInOrigin is where forms that begin a sign-in lead: CIS2's origin.
	SignInOrigin string
	Places       Places // where steps are done
	Held         held.Posts
}

// sessionCookie holds the session of whoever is signed in.
const sessionCookie = "dos"

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

// May lets through whoever is signed in and has a permission.
func (f *Frame) May(p account.Permission) web.Guard {
	in := f.SignedIn()
	return web.Guard{Name: "may " + string(p), Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		r, err := in.Check(w, r)
		if err != nil {
			return nil, err
		}
		if !Allowed(r, p) {
			return r, fault.SayCure(fault.Forbidden, "Your account does not have permission to see this page.", "Ask your DoS user administrator if you need it.")
		}
		return r, nil
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
	c, err := f.Desk.Find(r.Context(), web.Cookie(r, sessionCookie))
	if err != nil {
		return r, err
	}
	web.WithActor(r, actor.Actor{Kind: actor.Person, ID: c.Account.ID, Name: c.Account.Name()})
	return r.WithContext(context.WithValue(r.Context(), currentKey{}, &c)), nil
}

// Who is signed in; nil where nobody is, which a guard of SignedIn rules out.
func Who(r *http.Request) *signin.Current {
	c, _ := r.Context().Value(currentKey{}).(*signin.Current)
	return c
}

// Allowed reports whether whoever is signed in has a permission, for showing what they can do; the slice
// that does it checks again.
func Allowed(r *http.Request, p account.Permission) bool {
	c := Who(r)
	return c != nil && slices.Contains(c.May, p)
}

// Before is the value of the browser's session cookie, for ending that session when somebody signs in.
func Before(r *http.Request) string { return web.Cookie(r, sessionCookie) }

// SignIn sets the cookie of a session that has begun.
func SignIn(w http.ResponseWriter, cookie string) { web.SetCookie(w, sessionCookie, cookie, 0) }

// SignOut removes the cookie of a session that has ended.
func SignOut(w http.ResponseWriter) { web.ClearCookie(w, sessionCookie) }

// Page is what stands around a page.
func (f *Frame) Page(w http.ResponseWriter, r *http.Request, title string) page.Params {
	p := page.Params{
		Title: title, SiteName: SiteName, SiteHref: "/", Banner: f.Banner, Flash: web.Flash(w, r),
		FooterLinks: []page.Link{{Text: "Accessibility and help", Href: "/help"}},
	}
	c := Who(r)
	if c == nil {
		return p
	}
	f.Held.SignedIn(w, r, c.Account.ID)
	p.Session = held.Warning
	p.Account = page.Account{Name: c.Account.Name(), Href: "/account", SignOut: "/sign-out"}
	p.Navigation = []page.Link{
		{Text: "Home", Href: "/", Current: r.URL.Path == "/"},
		{Text: "Find a service", Href: "/services", Current: r.URL.Path == "/services"},
		{Text: "Account", Href: "/account", Current: r.URL.Path == "/account"},
	}
	if Allowed(r, account.ManageUsers) {
		p.Navigation = append(p.Navigation, page.Link{Text: "Users", Href: "/users", Current: r.URL.Path == "/users"})
	}
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
		Subject: func(r *http.Request) string { return Who(r).Account.ID },
		Left: func(r *http.Request) (left time.Duration, final bool, err error) {
			return f.Desk.Left(r.Context(), web.Cookie(r, sessionCookie))
		},
	})
}

// LeadToSignIn lets the forms of a page end at CIS2.
func (f *Frame) LeadToSignIn(w http.ResponseWriter) { web.FormsLeadTo(w, f.SignInOrigin) }

// Origin is the origin of an address.
func Origin(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	return u.Scheme + "://" + u.Host, nil
}

// ErrorPage shows a failure.
func (f *Frame) ErrorPage(r *http.Request, shown web.Failure) templ.Component {
	p := page.Params{Title: shown.Title, SiteName: SiteName, SiteHref: "/", Banner: f.Banner}
	if c := Who(r); c != nil {
		p.Account = page.Account{Name: c.Account.Name(), Href: "/account", SignOut: "/sign-out"}
	}
	return page.Failed(p, shown.Says, shown.Cure, shown.Reference)
}
