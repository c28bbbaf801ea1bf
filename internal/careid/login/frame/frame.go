// Package frame gives all pages of the sign-in service what they share: the name, the banner, the language, the errors
// of forms and the page that shows a failure. It knows no flow.
package frame

import (
	"net/http"

	"github.com/a-h/templ"

	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

// Frame holds what every page of the site is made with.
type Frame struct {
	Banner page.Banner // above every page; empty for none
	Desk   string      // how to reach the service desk; empty if that is not known
	Words  *words.Catalogue
	FindRA string // address where people find their registration authority; empty if there is none
}

// Page begins the parameters of a page.
func (f Frame) Page(l words.Language, title string) page.Params {
	return page.Params{
		Title:       title,
		SiteName:    l.Say("frame.site"),
		SiteHref:    "/",
		Banner:      f.Banner,
		ServiceDesk: f.Desk,
		Lang:        l.Tag(),
		FooterLinks: []page.Link{{Text: l.Say("frame.my_sessions"), Href: "/my-sessions"}},
		Words: page.Words{
			SkipLink:     l.Say("frame.skip"),
			Error:        l.Say("frame.error"),
			Success:      l.Say("frame.success"),
			AboutSite:    l.Say("frame.about_site"),
			Support:      l.Say("frame.support"),
			Independence: l.Say("frame.independence"),
		},
	}
}

// Form begins the parameters of a page with a form. The page's title says so if the form has problems.
func (f Frame) Form(l words.Language, title string, shown *form.Rendered) page.Params {
	p := f.Page(l, title)
	p.Error = shown.HasProblems()
	return p
}

type failedView struct {
	words.Language
	Page      page.Params
	Text      words.Text
	Reference string
}

// Failed makes the page that shows a failure.
func (f Frame) Failed(r *http.Request, failure web.Failure) templ.Component {
	l := f.Language(r)
	t := l.Failure(failure.Fault)
	return failed(failedView{Language: l, Page: f.Page(l, t.Title), Text: t, Reference: failure.Reference})
}

// Onward shows the page from which the browser goes on to a service with an answer.
func (f Frame) Onward(w http.ResponseWriter, r *http.Request, a provider.Answer) error {
	if a.Fields != nil {
		return f.formPost(w, r, a)
	}
	return f.GoTo(w, r, a.To)
}

// GoTo shows the page from which the browser goes on to a service's registered address by itself.
func (f Frame) GoTo(w http.ResponseWriter, r *http.Request, to string) error {
	l := f.Language(r)
	p := f.Page(l, l.Say("onward.title"))
	p.Onward = to
	return web.Show(w, r, http.StatusOK, page.Onward(p, l.Say("onward.says"), l.Say("frame.continue")))
}

// formPost shows the page from which the browser posts an answer to a service. Without JavaScript, people press its
// button.
func (f Frame) formPost(w http.ResponseWriter, r *http.Request, a provider.Answer) error {
	l := f.Language(r)
	web.FormLeadsAnywhere(w)
	shown := page.OnwardPost(f.Page(l, l.Say("onward.title")), l.Say("onward.says"), l.Say("frame.continue"), a.To,
		a.Fields)
	return web.Show(w, r, http.StatusOK, shown)
}
