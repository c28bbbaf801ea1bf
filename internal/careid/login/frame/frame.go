// Package frame is what all pages of the sign-in service share: its name, its banner, the page of a
// failure, and the files its own pages use. It knows no flow.
package frame

import (
	"maps"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"signpost/internal/careid/provider"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

const siteName = "Care Identity sign-in"

// Frame is what every page of the site is given.
type Frame struct {
	Banner page.Banner // over every page; empty for none
}

// Page begins the parameters of a page.
func (f Frame) Page(title string) page.Params {
	return page.Params{
		Title: title, SiteName: siteName, SiteHref: "/", Banner: f.Banner,
		FooterLinks: []page.Link{{Text: "Where am I signed in?", Href: "/my-sessions"}},
	}
}

// Form is Page for a form, which came back if it has errors.
func (f Frame) Form(title string, errors []FieldError) page.Params {
	p := f.Page(title)
	p.Error = len(errors) > 0
	return p
}

// Failed shows a failure.
func (f Frame) Failed(_ *http.Request, failure web.Failure) templ.Component {
	return failed(f.Page(failure.Title), failure)
}

type onwardView struct {
	Page   page.Params
	To     string // a registered address
	Fields []field
}

type field struct{ Name, Value string }

// FormPost shows the page from which the browser posts an answer to a service. It works without a
// script, by its button.
func (f Frame) FormPost(w http.ResponseWriter, r *http.Request, a provider.Answer) error {
	v := onwardView{Page: f.Page("Going back to the service"), To: a.To}
	for _, name := range slices.Sorted(maps.Keys(a.Fields)) {
		v.Fields = append(v.Fields, field{Name: name, Value: a.Fields.Get(name)})
	}
	web.FormsLeadTo(w, a.Origin())
	return web.Show(w, r, http.StatusOK, onward(v))
}
