// Package site puts the pages of the Directory of Services together.
package site

import (
	"log/slog"
	"net/netip"

	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/banner"
	glass "signpost/internal/dos/breakglass"
	watching "signpost/internal/dos/drift"
	ceremony "signpost/internal/dos/linking"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/mailing/reminder"
	asking "signpost/internal/dos/request"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/followup"
	"signpost/internal/dos/rollout/mirror"
	"signpost/internal/dos/rollout/stepmail"
	people "signpost/internal/dos/shared"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/aliases"
	"signpost/internal/dos/site/banners"
	"signpost/internal/dos/site/board"
	"signpost/internal/dos/site/breakglass"
	"signpost/internal/dos/site/drift"
	"signpost/internal/dos/site/entry"
	"signpost/internal/dos/site/exceptions"
	"signpost/internal/dos/site/forecast"
	"signpost/internal/dos/site/forgotten"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/site/help"
	"signpost/internal/dos/site/home"
	"signpost/internal/dos/site/linking"
	"signpost/internal/dos/site/mailings"
	"signpost/internal/dos/site/merges"
	"signpost/internal/dos/site/mine"
	"signpost/internal/dos/site/mirrors"
	"signpost/internal/dos/site/organisations"
	"signpost/internal/dos/site/outcome"
	"signpost/internal/dos/site/packs"
	"signpost/internal/dos/site/profile"
	"signpost/internal/dos/site/reminders"
	"signpost/internal/dos/site/request"
	"signpost/internal/dos/site/requests"
	"signpost/internal/dos/site/reviews"
	"signpost/internal/dos/site/services"
	"signpost/internal/dos/site/shared"
	"signpost/internal/dos/site/simulation"
	"signpost/internal/dos/site/stillworks"
	"signpost/internal/dos/site/tickets"
	"signpost/internal/dos/site/users"
	"signpost/internal/dos/site/wall"
	"signpost/internal/dos/site/waves"
	"signpost/internal/dos/ticket"
	"signpost/internal/platform/line"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/assets"
	"signpost/internal/platform/web/page"
)

// Options holds what New needs to make the site.
type Options struct {
	Passwords *signin.PasswordSignIn
	Linker    *ceremony.Linker
	Requests  *asking.Requests
	Cases     *people.Cases
	Emergency *glass.Office
	Moving    moving.Office
	Mirrors   mirror.Office
	Mailings  mailing.Office
	Followup  followup.Office
	Drift     watching.Watch
	Relying   *portal.CIS2 // signs people in
	Box       *seal.Box
	Asker     rollout.Asker // nil if the care identity side answers no questions
	Login     string        // address of the login pages; empty where others run them
	CIM       string        // address of Care Identity Management; empty if not known
	Banner    page.Banner
	Desk      page.Desk // how to reach the service desk
	Tickets   ticket.Desk
	Log       *slog.Logger
	Metrics   *web.Metrics
	Entry     *line.Line // see web.Options
	Proxies   []netip.Prefix
}

// New makes the site.
func New(o Options) *web.Site {
	news := banner.Office{DB: o.Linker.DB, Homes: homes(o.Cases.Home, o.CIM), Board: banner.NewBoard(o.Linker.DB)}
	f := frame.New(frame.Options{
		Passwords: o.Passwords, Linker: o.Linker, Box: o.Box, CIS2: o.Relying, Banner: o.Banner, Desk: o.Desk,
		CIM: o.CIM, Login: o.Login, Flows: entry.Flows, Asker: o.Asker, Banners: news.Board,
	})
	s := web.New(web.Options{
		Name:           "dos",
		Log:            o.Log,
		Metrics:        o.Metrics,
		Entry:          o.Entry,
		TrustedProxies: o.Proxies,
		Box:            o.Box,
		ErrorPage:      f.ErrorPage,
		AnotherAuthor:  f.AnotherAuthor,
		Saved:          o.Linker.DB.Saved,
	})
	s.HandlePlain("GET /assets/", assets.Handler())
	e := entry.Mount(s, f, o.Asker, o.Cases)
	help.Mount(s, f, o.Tickets)
	tickets.Mount(s, f, o.Tickets, o.Asker)
	home.Mount(s, f, o.Asker, o.Requests, e.Front)
	linking.Mount(s, f)
	request.Mount(s, f, o.Requests)
	requests.Mount(s, f, o.Requests)
	profile.Mount(s, f)
	mine.Mount(s, f)
	forgotten.Mount(s, f)
	users.Mount(s, f, stepmail.Desk{DB: o.Linker.DB, Post: o.Linker.Post, Home: o.Cases.Home, Asker: o.Asker})
	organisations.Mount(s, f)
	shared.Mount(s, f, o.Cases)
	reviews.Mount(s, f, o.Asker)
	aliases.Mount(s, f)
	exceptions.Mount(s, f, o.Cases.Home)
	waves.Mount(s, f, o.Moving, o.Cases.Home)
	banners.Mount(s, f, news)
	mirrors.Mount(s, f, o.Mirrors)
	board.Mount(s, f)
	wall.Mount(s, f, o.Cases.Home)
	packs.Mount(s, f, o.Cases.Home, o.CIM, o.Relying.Issuer())
	outcome.Mount(s, f)
	simulation.Mount(s, f)
	forecast.Mount(s, f)
	merges.Mount(s, f)
	mailings.Mount(s, f, o.Mailings)
	stillworks.Mount(s, f, o.Followup)
	reminders.Mount(s, f, reminder.Desk{DB: o.Linker.DB, Post: o.Linker.Post, Home: o.Cases.Home})
	breakglass.Mount(s, f, o.Emergency)
	drift.Mount(s, f, o.Drift)
	services.Mount(s, f)
	f.Mount(s)
	return s
}

// homes are the addresses of our sites to which a message may lead.
func homes(directory, cim string) []string {
	if cim == "" {
		return []string{directory}
	}
	return []string{directory, cim}
}
