package app

import (
	"net/http"

	"github.com/a-h/templ"

	"signpost/internal/demo"
	"signpost/internal/demo/guide"
	"signpost/internal/demo/mailpage"
	"signpost/internal/dos/ticket"
	"signpost/internal/national/path"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/assets"
	"signpost/internal/platform/web/page"
)

func (d *Demo) guideAddress() string { return "http://localhost:" + portOf(d.system.Config.Listen) }

func (d *Demo) mailAddress() string { return "http://mail.localhost:" + portOf(d.system.Config.Listen) }

// mount puts the three sites of the system beside the guide and the page of mail.
func (d *Demo) mount() hosts {
	frame := page.Params{SiteName: "Signpost demo", SiteHref: "/"}
	letters := d.plainSite("mail", frame)
	mailFrame := frame
	mailFrame.SiteName = "Signpost demo mail"
	mailpage.Mount(letters, d.mailbox, mailFrame, mailpage.Desk{
		Address: ticket.DeskAddress + "@" + d.system.Config.MailIn.Domain, At: d.system.mailIn.Address})
	front := d.mountGuide(frame)
	for _, s := range []*web.Site{front, d.dos.Site, d.care.Login, d.care.Console} {
		mailpage.MountDrawer(s, d.mailbox, d.mailAddress())
	}
	d.mountLogins()
	h := hosts{rest: front, sites: map[string]http.Handler{"mail.localhost": letters}}
	addresses := d.system.Config.Addresses
	h.add(addresses.DoS, d.dos.Site)
	h.add(addresses.CIS2, d.care.Login)
	h.add(addresses.CIM, d.care.Console)
	return h
}

func (d *Demo) mountGuide(frame page.Params) *web.Site {
	frame.Banner = d.system.banner
	frame.Banner.Text = "All is made up. Nothing leaves this computer, and it is thrown away when the demo stops."
	frame.Banner.Link = page.Link{}
	front := d.plainSite("guide", frame)
	guide.Mount(front, guide.Options{
		Frame: frame, Sites: d.siteList(), People: d.personas(), Tour: d.tour, Clock: d.clock,
		Later: d.clock.Advance,
	})
	return front
}

// plainSite makes a site that is part of the demo only.
func (d *Demo) plainSite(name string, frame page.Params) *web.Site {
	failed := func(_ *http.Request, f web.Failure) templ.Component {
		p := frame
		p.Title = f.Title
		return page.Failed(p, f.Message, f.Cure, page.Link{}, page.Help{}, f.Reference)
	}
	s := web.New(web.Options{Name: name, Log: d.system.Log, Metrics: d.system.metrics, ErrorPage: failed,
		Box: d.system.box})
	s.HandlePlain("GET /assets/", assets.Handler())
	return s
}

// siteList tells the guide's reader where everything is.
func (d *Demo) siteList() []guide.Site {
	addresses := d.system.Config.Addresses
	return []guide.Site{
		{Name: "Directory of Services", Href: addresses.DoS},
		{Name: "Care Identity Management", Href: addresses.CIM},
		{Name: "CIS2: where you are logged in", Href: addresses.CIS2 + path.SessionsPage},
		{Name: "Mail that was sent", Href: d.mailAddress()},
	}
}

// personas are the people whom the guide introduces.
func (d *Demo) personas() []guide.Persona {
	var list []guide.Persona
	for _, c := range d.cast {
		if !c.Introduced {
			continue
		}
		p := guide.Persona{
			ID: c.ID(), Group: c.Group, Name: c.Name, Shows: c.Shows, Story: c.Story, Username: c.Username,
			Email: c.Email, UUID: c.UUID, Secret: c.Secret, Try: c.Try,
		}
		if c.Username != "" || c.Secret != "" {
			p.Password = demo.Password
		}
		if c.Simulated {
			p.Logins = d.logins(c)
		}
		list = append(list, p)
	}
	return list
}
