package app

import (
	"net/http"

	"github.com/a-h/templ"

	"signpost/internal/demo"
	"signpost/internal/demo/guide"
	"signpost/internal/demo/mailpage"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/assets"
	"signpost/internal/platform/web/page"
)

// mount puts the three sites of the system beside the guide and the page of mail.
func (d *Demo) mount(mailbox *mail.Mailbox, cast []demo.Cast) hosts {
	frame := page.Params{SiteName: "Signpost demo", SiteHref: "/"}
	front := d.plainSite("guide", frame)
	guide.Mount(front, frame, d.siteList(), personasOf(cast))
	letters := d.plainSite("mail", frame)
	mailFrame := frame
	mailFrame.SiteName = "Signpost demo mail"
	mailpage.Mount(letters, mailbox, mailFrame)
	h := hosts{rest: front, sites: map[string]http.Handler{"mail.localhost": letters}}
	addresses := d.system.Config.Addresses
	h.add(addresses.DoS, d.dos.Site)
	h.add(addresses.CIS2, d.care.Login)
	h.add(addresses.CIM, d.care.Console)
	return h
}

// plainSite makes a site that is part of the demo only.
func (d *Demo) plainSite(name string, frame page.Params) *web.Site {
	failed := func(_ *http.Request, f web.Failure) templ.Component {
		p := frame
		p.Title = f.Title
		return page.Failed(p, f.Says, f.Cure, f.Reference)
	}
	s := web.New(web.Options{Name: name, Log: d.system.Log, Metrics: d.system.metrics, ErrorPage: failed})
	s.HandlePlain("GET /assets/", assets.Handler())
	return s
}

// siteList tells the guide's reader where everything is.
func (d *Demo) siteList() []guide.Site {
	addresses := d.system.Config.Addresses
	mailAddress := "http://mail.localhost:" + portOf(d.system.Config.Listen)
	return []guide.Site{
		{Name: "Directory of Services", Href: addresses.DoS, What: "find services, keep their record right"},
		{Name: "Care Identity Management", Href: addresses.CIM, What: "your profile, your registration authority"},
		{Name: "CIS2 Authentication", Href: addresses.CIS2 + "/my-sessions", What: "where you are logged in"},
		{Name: "Mail", Href: mailAddress, What: "codes, links and notices that were sent"},
	}
}

func personasOf(cast []demo.Cast) []guide.Persona {
	var list []guide.Persona
	for _, c := range cast {
		if !c.Introduced {
			continue
		}
		p := guide.Persona{
			Group: c.Group, Name: c.Name, Shows: c.Shows, Story: c.Story, Username: c.Username, Email: c.Email,
			UUID: c.UUID, Secret: c.Secret, Try: c.Try,
		}
		if c.Username != "" || c.Secret != "" {
			p.Password = demo.Password
		}
		list = append(list, p)
	}
	return list
}
