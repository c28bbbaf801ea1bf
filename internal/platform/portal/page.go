package portal

import (
	"log/slog"
	"net/http"

	"github.com/a-h/templ"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/held"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

// Page gives the frame around every page of the site. If a user is signed in, the page warns before their session
// ends, and a form that they send after its end is held for them.
func (p *Portal[S, P]) Page(w http.ResponseWriter, r *http.Request, title string) page.Params {
	params := p.plainPage(r, title)
	params.Flash = web.Flash(w, r)
	params.Cancelled = params.Flash == cancelled
	if currentOf[S, P](r) != nil {
		params.Session = held.Warning(r)
	}
	return params
}

func (p *Portal[S, P]) plainPage(r *http.Request, title string) page.Params {
	params := page.Params{Title: title, SiteName: p.Title, SiteHref: "/", Banner: p.Banner, ServiceDesk: p.ServiceDesk}
	if p.News != nil {
		params.News = p.News(r)
	}
	if now := currentOf[S, P](r); now != nil {
		if p.Notice != nil {
			params.Notice = p.Notice(now.person, now.at)
		}
		params.Account = page.Account{Name: web.Actor(r).Name, Href: p.AccountHref, SignOut: signOutForm.New(r)}
		if p.hasHint(r) {
			params.Account.SignOutHref = signOutForm.Path
		}
	}
	return params
}

// ErrorPage shows a failure.
func (p *Portal[S, P]) ErrorPage(r *http.Request, shown web.Failure) templ.Component {
	cure := shown.Cure
	if shown.SendsAgain {
		cure += " " + sendAgain
	}
	return page.Failed(p.plainPage(r, shown.Title), shown.Message, cure, p.again(r, shown), p.help(r, shown),
		shown.Reference)
}

// again leads to the page of the form that failed, or to what was typed into it where that is kept.
func (p *Portal[S, P]) again(r *http.Request, shown web.Failure) page.Link {
	switch {
	case p.keeps(r, shown):
		return page.Link{Href: held.Path, Text: "See what you typed"}
	case shown.Fault != nil && shown.Fault.Code == fault.Unknown:
		return page.Link{Href: shown.Page, Text: "Look at the page that shows it"}
	}
	return page.Link{Href: shown.Page, Text: "Open the page again"}
}

// keeps reports whether a form is held for whoever is signed in and may not send it.
func (p *Portal[S, P]) keeps(r *http.Request, shown web.Failure) bool {
	if currentOf[S, P](r) == nil || shown.Fault == nil || shown.Fault.Code != fault.Forbidden {
		return false
	}
	waits, err := p.Held.Waits(r, web.Actor(r).ID)
	if err != nil {
		web.Log(r, slog.String("whether a form is held is not known", err.Error()))
	}
	return waits
}

// sendAgain says how to send a form once more that met something that is over soon.
const sendAgain = "To send what you entered once more, load this page again and tell your browser to send the form."

// help says who can help whoever is signed in and may not do something.
func (p *Portal[S, P]) help(r *http.Request, shown web.Failure) page.Help {
	now := currentOf[S, P](r)
	if p.Help == nil || now == nil || shown.Fault == nil || shown.Fault.Code != fault.Forbidden {
		return page.Help{}
	}
	help, err := db.Read(r.Context(), p.DB, func(read db.R) (page.Help, error) {
		return p.Help(r.Context(), read, now.person, shown.Fault.Lacks)
	})
	if err != nil {
		web.Log(r, slog.String("who can help is not known", err.Error()))
	}
	return help
}

// HandleForm handles a form that people send, and holds it if their session ends before it arrives. The form knows
// the user for whom it was rendered, whom the guard of its page found.
func (p *Portal[S, P]) HandleForm(s *web.Site, sent form.Form, g web.Guard, h web.Handler) {
	if g.Name == web.Anyone.Name {
		g = p.MaybeSignedIn() // whoever sends it, the form may be of somebody else
	}
	p.Held.Forms = append(p.Held.Forms, sent)
	sent.Handle(s, g, func(w http.ResponseWriter, r *http.Request) error {
		if err := p.Held.Sent(w, r); err != nil {
			return err
		}
		return h(w, r)
	})
}

// leave answers a form that leads to CIS2, with a page that goes on there by itself.
func (p *Portal[S, P]) leave(w http.ResponseWriter, r *http.Request, to string) error {
	params := p.plainPage(r, "Going to Care Identity")
	params.Onward = to
	shown := page.Onward(params, "If nothing happens, use the link.", "Continue to Care Identity")
	return web.Show(w, r, http.StatusOK, shown)
}
