// Package login serves the sign-in service's site: the pages of a sign-in, of the binding of authenticators and of
// people's own sessions, and, at the issuer's address, the OpenID Provider.
//
// Its pages stand in a folder each. It decides nothing: the provider decides what comes next.
package login

import (
	"log/slog"
	"net/netip"

	"signpost/internal/careid/login/bind"
	"signpost/internal/careid/login/devicecheck"
	"signpost/internal/careid/login/entry"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/help"
	"signpost/internal/careid/login/mine"
	"signpost/internal/careid/login/simulated"
	"signpost/internal/careid/login/static"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/db"
	"signpost/internal/platform/line"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/assets"
	"signpost/internal/platform/web/page"
)

// Options hold what the site is made with.
type Options struct {
	DB             *db.DB
	Provider       *provider.Provider
	Ways           step.Ways // to prove and bind authenticators, as NewWays makes them
	Box            *seal.Box
	Post           *mail.Post
	Log            *slog.Logger
	Metrics        *web.Metrics
	Entry          *line.Line // see web.Options
	TrustedProxies []netip.Prefix
	Gateways       []tries.Gateway // whose people make more wrong tries together
	Banner         page.Banner
	Desk           page.Desk        // how to reach the service desk
	Address        string           // of the site
	Door           string           // the address of the smartcard door; empty where there is none
	NHSNetworks    []netip.Prefix   // that the operator says are the NHS network
	Elsewhere      []string         // the addresses at which people log in to accounts they have there
	Directory      string           // the address of the Directory of Services; empty where it is not known
	Management     string           // that of Care Identity Management; empty where it is not known
	FindRA         string           // address where people find their registration authority
	Words          *words.Catalogue // the languages; nil for those that the program comes with
	// Personas lets visitors of a demo sign in without proof. It is nil everywhere else.
	Personas simulated.List
}

// networks are those of the gateways.
func (o Options) networks() (list []netip.Prefix) {
	for _, g := range o.Gateways {
		list = append(list, g.Network)
	}
	return list
}

// New makes the site.
func New(o Options) *web.Site {
	if o.Words == nil {
		o.Words = words.Shipped()
	}
	f := frame.Frame{Banner: o.Banner, Desk: o.Desk, Words: o.Words, FindRA: o.FindRA, Ready: &frame.Ready{}}
	own := &mine.Pages{DB: o.DB, Sessions: o.Provider.Sessions(), Frame: f}
	s := web.New(web.Options{
		Name: "cis2", Log: o.Log, Metrics: o.Metrics, TrustedProxies: o.TrustedProxies, Box: o.Box, ErrorPage: f.Failed,
		Gateways:      o.networks(),
		AnotherAuthor: own.AnotherAuthor, Entry: o.Entry,
	})
	signIn := &step.SignIn{DB: o.DB, Provider: o.Provider, Post: o.Post, Frame: f, Ways: o.Ways,
		Pace: &tries.Pace{DB: o.DB, Box: o.Box, Gateways: o.Gateways}}
	if o.Personas != nil {
		p := &simulated.Pages{SignIn: signIn, Personas: o.Personas}
		signIn.ExtraChoices = append(signIn.ExtraChoices, p.Choice())
		p.Mount(s)
	}
	o.Provider.Mount(s, o.Ways.Kinds(), f.Onward)
	(&entry.Pages{SignIn: signIn}).Mount(s)
	(&bind.Pages{Binding: &step.Binding{DB: o.DB, Post: o.Post, Frame: f, Ways: o.Ways}}).Mount(s)
	own.Mount(s)
	s.HandleFailures(web.Anyone)
	(&devicecheck.Pages{
		Frame: f, Kinds: o.Ways.Kinds(), Now: o.DB.Now, Login: o.Address, Door: o.Door, NHSNetworks: o.NHSNetworks,
		Elsewhere: o.Elsewhere, Directory: o.Directory, Management: o.Management,
	}).Mount(s)
	(&help.Pages{Frame: f, Kinds: o.Ways.Kinds(), Management: o.Management}).Mount(s)
	static.Mount(s)
	s.HandlePlain("GET /assets/", assets.Handler())
	return s
}
