// Package frame gives all pages of the sign-in service what they share: the name, the banner, the language, the errors
// of forms and the page that shows a failure. It knows no flow.
package frame

import (
	"net/http"

	"github.com/a-h/templ"

	"signpost/internal/careid/login/words"
	"signpost/internal/national/path"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

// Frame holds what every page of the site is made with.
type Frame struct {
	Banner page.Banner // above every page; empty for none
	Desk   page.Desk   // how to reach the service desk
	Words  *words.Catalogue
	FindRA string // address where people find their registration authority; empty if there is none
	Ready  *Ready // pages that are the same each time; nil to render each anew
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
		FooterLinks: []page.Link{
			{Text: l.Say("frame.my_sessions"), Href: path.SessionsPage},
			{Text: l.Say("frame.help"), Href: path.HelpPage},
			{Text: l.Say("frame.check_device"), Href: path.CheckDevicePage},
		},
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
	Again     page.Link // to the page of the form that failed, which shows what there is now; empty if there is none
	Reference string
}

// Failed makes the page that shows a failure.
func (f Frame) Failed(r *http.Request, failure web.Failure) templ.Component {
	l := f.Language(r)
	t := l.Failure(failure.Fault)
	again := page.Link{Href: failure.Page, Text: l.Say("frame.open_again")}
	if failure.Fault != nil && failure.Fault.Code == fault.Unknown {
		again.Text = l.Say("frame.look")
	}
	if failure.SendsAgain {
		t.Cure += " " + l.Say("frame.send_again")
	}
	return failed(failedView{
		Language: l, Page: f.Page(l, t.Title), Text: t, Again: again, Reference: failure.Reference,
	})
}

// deskWords say in a language how the service desk is reached.
func deskWords(l words.Language) page.DeskWords {
	return page.DeskWords{
		Ask: l.Say("frame.desk_ask"), Ticket: l.Say("frame.desk_ticket"), Best: l.Say("frame.desk_best"),
		Email: l.Say("frame.desk_email"), Subject: l.Say("frame.desk_subject"),
		Telephone: l.Say("frame.desk_telephone"), Urgent: l.Say("frame.desk_urgent"),
	}
}
