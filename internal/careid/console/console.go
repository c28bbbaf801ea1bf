// Package console serves the site of Care Identity Management: people's own profiles, the search for a registration
// authority, the clients of CIS2 that suppliers and services look after, the people of a registration authority, what
// their organisations approve, and the pages of the service desk.
package console

import (
	"log/slog"
	"net/netip"

	"signpost/internal/careid/apply"
	"signpost/internal/careid/authenticator/smartcard/issuing"
	"signpost/internal/careid/console/applicant"
	"signpost/internal/careid/console/applications"
	"signpost/internal/careid/console/approvals"
	"signpost/internal/careid/console/ask"
	"signpost/internal/careid/console/batches"
	"signpost/internal/careid/console/clinic"
	"signpost/internal/careid/console/connections"
	"signpost/internal/careid/console/desk"
	"signpost/internal/careid/console/entry"
	"signpost/internal/careid/console/finder"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/console/organisations"
	"signpost/internal/careid/console/people"
	"signpost/internal/careid/console/person"
	"signpost/internal/careid/console/positions"
	"signpost/internal/careid/console/profile"
	"signpost/internal/careid/console/queue"
	"signpost/internal/careid/console/reports"
	"signpost/internal/careid/console/requests"
	"signpost/internal/careid/console/staffrecord"
	"signpost/internal/careid/extract"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/session"
	"signpost/internal/careid/registration/batch"
	"signpost/internal/careid/request/asker"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/line"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/seal"
	store "signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/assets"
	"signpost/internal/platform/web/page"
)

// Options hold what the site is made with.
type Options struct {
	DB      *db.DB
	Box     *seal.Box
	Post    *mail.Post
	Relying *portal.CIS2     // signs people in at CIS2
	Fetch   *fetch.Client    // reads the key sets that clients publish
	Address string           // of the site, for mails
	Extract *extract.Extract // answers the directory side
	CIS2    string           // address of CIS2's own pages
	DoS     string           // address of the directory, where other refusals are looked up; empty if not known
	Banner  page.Banner
	Desk    page.Desk // how to reach the service desk
	Log     *slog.Logger
	Metrics *web.Metrics
	Entry   *line.Line // see web.Options
	Proxies []netip.Prefix

	Sessions *session.Sessions // of CIS2, for the service desk
	Kinds    []authn.Kind      // of authenticator that can be added at CIS2
	Apply    *apply.Desk       // of Apply for Care ID
	Batches  *batch.Desk       // of what is done to many people at once
	Cards    *issuing.Desk     // issues smartcards; nil where none is issued here
}

// New makes the site.
func New(o Options) *web.Site {
	f := frame.New(frame.Options{
		DB: o.DB, Box: o.Box, CIS2: o.Relying, CIS2Pages: o.CIS2, Directory: o.DoS, Banner: o.Banner,
		Desk: o.Desk,
	})
	s := web.New(web.Options{
		Name: "cim", Log: o.Log, Metrics: o.Metrics, TrustedProxies: o.Proxies, Box: o.Box,
		ErrorPage: f.ErrorPage, AnotherAuthor: f.AnotherAuthor, Saved: o.DB.Saved, Entry: o.Entry,
	})
	s.HandlePlain("GET /assets/", assets.Handler())
	entry.Mount(s, f)
	profile.Mount(s, f, o.Post, o.Kinds)
	finder.Mount(s, f)
	ask.Mount(s, f, &asker.Desk{DB: o.DB, Post: o.Post, Address: o.Address})
	connections.Mount(s, f, client.Registry{DB: o.DB, Box: o.Box, Post: o.Post, Address: o.Address}, o.Fetch)
	person.Mount(s, f, o.Post)
	people.Mount(s, f, o.Kinds, o.Cards != nil, o.Address)
	if o.Cards != nil {
		o.Cards.Mount(s)
	}
	approvals.Mount(s, f)
	requests.Mount(s, f)
	queue.Mount(s, f)
	clinic.Mount(s, f, o.Kinds)
	reports.Mount(s, f)
	applicant.Mount(s, f, o.Apply)
	applications.Mount(s, f, o.Apply)
	batches.Mount(s, f, o.Batches)
	positions.Mount(s, f)
	staffrecord.Mount(s, f)
	organisations.Mount(s, f)
	desk.Mount(s, f, o.Sessions)
	f.Mount(s)
	o.Extract.Mount(s)
	return s
}

// Bound ends the oldest sessions at this site of whoever has too many.
func Bound(d *db.DB) store.Bound { return frame.Sessions.Bound(d, identity.Ref) }
