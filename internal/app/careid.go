package app

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"

	"signpost/internal/app/doorway"
	"signpost/internal/app/overdue"
	"signpost/internal/careid/access"
	"signpost/internal/careid/apply"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/carddoor"
	"signpost/internal/careid/change"
	"signpost/internal/careid/console"
	"signpost/internal/careid/extract"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login"
	"signpost/internal/careid/login/simulated"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/careid/registration/batch"
	"signpost/internal/careid/registration/clinic"
	"signpost/internal/careid/registration/life"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/request"
	asking "signpost/internal/careid/request/asker"
	"signpost/internal/careid/telling"
	"signpost/internal/config"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/session"
	"signpost/internal/platform/text"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/web"
)

// CareIdentity is the care identity side: the sign-in service and Care Identity Management.
type CareIdentity struct {
	*store
	Login    *web.Site
	Console  *web.Site
	cis2     *portal.CIS2 // signs people in to the console
	provider *provider.Provider
	ways     step.Ways
	needs    step.Dependencies // of the ways
	apply    *apply.Desk
	batches  *batch.Desk
	door     *Listener // the smartcard door; nil where there is none
}

// OpenCareIdentity opens the side. personas is nil everywhere but in a demo.
func (s *System) OpenCareIdentity(ctx context.Context, personas simulated.List) (*CareIdentity, error) {
	opened, err := s.openStore(ctx, CareID)
	if err != nil {
		return nil, err
	}
	if err := s.notLost(ctx, opened.DB); err != nil {
		return nil, errors.Join(err, opened.DB.Close())
	}
	c := &CareIdentity{store: opened}
	c.provider, err = provider.New(provider.Options{
		Issuer: s.Config.Addresses.Issuer(), DB: c.DB, Box: s.box, Fetch: s.fetch, Clock: s.Clock,
	})
	if err != nil {
		return nil, err
	}
	c.provider.Keys().Policy = s.Config.Keys.Policy()
	c.provider.Work(c.workers)
	change.Work(c.workers, c.DB)
	access.Work(c.workers, c.DB, identity.Number)
	client.Work(c.workers, c.DB, s.Config.Retention.Visits())
	session.WorkTrim(c.workers, c.DB, c.provider.Sessions().Bound(), console.Bound(c.DB))
	authenticator.Work(c.workers, c.DB, s.Config.Retention.Invitations())
	if c.needs, err = dependencies(s.Config); err != nil {
		return nil, err
	}
	judge, err := login.NewWays(c.needs)
	if err != nil {
		return nil, err
	}
	authenticator.WorkJudge(c.workers, c.DB, judge)
	authenticator.WorkCare(c.workers, c.DB)
	team.Work(c.workers, c.DB, s.Config.Retention.Invitations())
	organisation.Work(c.workers, c.DB)
	identity.Work(c.workers, c.DB)
	life.Work(c.workers, c.DB, life.Ender{Name: "requests", End: request.EndAbout})
	clinic.Work(c.workers, c.DB)
	c.apply = s.applications(opened)
	c.apply.Work(c.workers)
	c.batches = &batch.Desk{DB: c.DB, Box: s.box}
	c.batches.Work(c.workers)
	(&asking.Desk{DB: c.DB, Post: c.post, Address: s.Config.Addresses.CIM}).Work(c.workers)
	telling.Work(c.workers, c.DB, c.post, login.NoticeMail(words.Shipped()))
	c.tasks = append(c.tasks, followKeys(c.provider.Keys(), s.Log), overdue.New(c.DB, s.Log, s.registry).Watch)
	if err := c.openJobs(ctx, s.Log); err != nil {
		return nil, err
	}
	if err := c.provider.Keys().Load(ctx, actor.ForCommand("start")); err != nil {
		return nil, err
	}
	if err := c.makeLogin(s, personas); err != nil {
		return nil, err
	}
	if err := c.openCardDoor(s); err != nil {
		return nil, err
	}
	return c, c.makeConsole(ctx, s)
}

// applications makes the desk of Apply for Care ID, at which people look at documents.
func (s *System) applications(at *store) *apply.Desk {
	split, sends := s.Transport.(text.Split)
	c := s.Config.Apply
	return &apply.Desk{
		DB: at.DB, Box: s.box, Post: at.post, Address: s.Config.Addresses.CIM, NoTexts: sends && split.Text == nil,
		Policy: apply.Policy{
			Link: c.Link(), Pictures: c.Pictures(), Unfinished: c.Unfinished(), Decided: c.Decided(),
		},
	}
}

// dependencies gives the methods of authenticators what they need of a configuration alone.
func dependencies(cfg config.Config) (step.Dependencies, error) {
	needs := step.Dependencies{
		Origin: config.Origin(cfg.Addresses.CIS2), Name: "NHS CIS2 Authentication (Signpost)",
	}
	if cfg.Smartcard.Set() {
		needs.Door = &carddoor.Tickets{Door: config.Origin(cfg.Smartcard.Address), Login: needs.Origin}
	}
	for _, u := range cfg.Upstreams {
		needs.Upstreams = append(needs.Upstreams, authenticator.Elsewhere{
			Name: u.Name, Label: u.Label, Tenant: u.Tenant, ByObject: u.Subject == config.ObjectClaim,
			AMR: u.AMR, ACR: u.ACR, Organisations: u.Organisations,
		})
	}
	managed, err := doorway.ReadCertificates("ipad.roots", cfg.IPad.Roots)
	if err != nil {
		return needs, err
	}
	if len(managed) > 0 {
		needs.ManagedDevices = x509.NewCertPool()
	}
	for _, root := range managed {
		needs.ManagedDevices.AddCert(root)
	}
	needs.LegacyCards, err = cfg.Smartcard.LegacyZone()
	return needs, err
}

// Kinds lists the kinds of authenticator that people can add to their care identity.
func Kinds(cfg config.Config) ([]authn.Kind, error) {
	needs, err := dependencies(cfg)
	if err != nil {
		return nil, err
	}
	ways, err := login.NewWays(needs)
	if err != nil {
		return nil, err
	}
	return ways.Kinds(), nil
}

func (c *CareIdentity) makeLogin(s *System, personas simulated.List) (err error) {
	c.needs.Hasher = s.passwords
	c.needs.Box = s.box
	if c.needs.Door != nil {
		c.needs.Door.Box = s.box
	}
	for i, u := range s.Config.Upstreams {
		if c.needs.Upstreams[i].Client, err = Upstream(s.Config, u, s.fetch, s.Clock); err != nil {
			return err
		}
	}
	c.ways, err = login.NewWays(c.needs)
	if err != nil {
		return err
	}
	o := c.loginOptions(s)
	o.Personas = personas
	c.Login = login.New(o)
	return nil
}

// loginOptions are what the sign-in service's sites are made with.
func (c *CareIdentity) loginOptions(s *System) login.Options {
	o := login.Options{
		Address: c.needs.Origin, NHSNetworks: c.needs.LegacyCards,
		DB: c.DB, Provider: c.provider, Ways: c.ways, Box: s.box, Post: c.post, Log: s.Log,
		Metrics: s.metrics, Entry: s.entry,
		TrustedProxies: s.proxies, Gateways: gateways(s.Config), Banner: s.banner, Desk: serviceDesk(s.Config),
		FindRA:    findRA(s.Config.Addresses.CIM),
		Directory: s.Config.Addresses.DoS, Management: s.Config.Addresses.CIM,
	}
	if c.needs.Door != nil {
		o.Door = c.needs.Door.Door
	}
	for _, u := range s.Config.Upstreams {
		if at, err := url.Parse(u.Issuer); err == nil { // the settings were checked
			o.Elsewhere = append(o.Elsewhere, at.Scheme+"://"+at.Host)
		}
	}
	return o
}

// Upstream makes our client of a provider at which people have accounts. It does not contact the provider.
func Upstream(cfg config.Config, u config.Upstream, f *fetch.Client, at clock.Clock) (*relying.Client, error) {
	secret, err := u.Secret()
	if err != nil {
		return nil, err
	}
	return relying.New(relying.Config{
		Issuer: u.Issuer, ClientID: u.ClientID, Auth: relying.Auth{Secret: secret}, ACR: u.ACR,
		RedirectURI: config.Origin(cfg.Addresses.CIS2) + login.CallbackPath(u.Name), Fetch: f, Clock: at,
	})
}

// gateways are the networks behind which many people are, as the settings name them.
func gateways(c config.Config) (list []tries.Gateway) {
	for _, g := range c.Gateways {
		network, err := netip.ParsePrefix(g.Network)
		if err == nil { // the settings were checked
			list = append(list, tries.Gateway{Network: network, PerMinute: int64(g.WrongPerMinute)})
		}
	}
	return list
}

// findRA is where people find their registration authority; empty where this system has no such page.
func findRA(cim string) string {
	if cim == "" {
		return ""
	}
	return cim + path.FindRAPage
}

// makeConsole registers both sites of ours as clients, and makes the console as one of them.
func (c *CareIdentity) makeConsole(ctx context.Context, s *System) error {
	ofDoS, err := makeClientKey(s.Config, s.box, dosKey)
	if err != nil {
		return err
	}
	ofCIM, err := makeClientKey(s.Config, s.box, cimKey)
	if err != nil {
		return err
	}
	for _, own := range []struct {
		id, name, address string
		key               jwt.Key
	}{
		{dosClientID, "Directory of Services", s.Config.Addresses.DoS, ofDoS},
		{cimClientID, "Care Identity Management", s.Config.Addresses.CIM, ofCIM},
	} {
		if err := c.register(ctx, s, own.id, own.name, own.address, own.key); err != nil {
			return fmt.Errorf("register %s: %w", own.name, err)
		}
	}
	client, err := relying.New(s.consoleClient(ofCIM))
	if err != nil {
		return err
	}
	c.cis2 = &portal.CIS2{
		Client: client, Minimum: cis2.Levels{Authentication: minAuthentication, Identity: minIdentity},
	}
	if err := officer.Settle(ctx, c.DB, actor.ForCommand("start"), rules(s.Config.Registration)); err != nil {
		return err
	}
	err = request.SettleDays(ctx, c.DB, actor.ForCommand("start"), s.Config.Registration.Days)
	if err != nil {
		return err
	}
	issuer, err := s.cardIssuer(c)
	if err != nil {
		return err
	}
	c.Console = console.New(console.Options{
		Cards: issuer, Apply: c.apply, Batches: c.batches,
		DB: c.DB, Box: s.box, Post: c.post, Relying: c.cis2, CIS2: s.Config.Addresses.CIS2,
		DoS:     s.Config.Addresses.DoS,
		Address: s.Config.Addresses.CIM, Banner: s.banner, Desk: serviceDesk(s.Config), Log: s.Log,
		Metrics: s.metrics, Entry: s.entry, Proxies: s.proxies,
		Sessions: c.provider.Sessions(), Kinds: c.ways.Kinds(), Fetch: s.fetch,
		Extract: &extract.Extract{
			DB: c.DB, Post: c.post, Box: s.box, Clock: s.Clock, Pace: extract.Usual(), Address: s.Config.Addresses.CIM,
			Askers: map[string]jwt.Keys{dosClientID: jwt.NewSet(ofDoS)},
		},
	})
	return nil
}

// rules are what the settings say of who may do what at registration authorities.
func rules(r config.Registration) permission.Rules {
	return permission.Rules{
		AdvancedAgent: r.AdvancedAgent, CardUnlocker: r.CardUnlocker,
		AgentsBindAuthenticators: r.AgentsBindAuthenticators, AgentsChangeSeveral: r.AgentsChangeSeveral,
		SponsorsChangeSeveral: r.SponsorsChangeSeveral, AlwaysAAL3: r.AlwaysAAL3, OnePersonGivesJobs: !r.TwoPeople,
		OnePersonDoesBatches: !r.TwoPeopleBatches,
	}
}

func (c *CareIdentity) register(ctx context.Context, s *System, id, name, address string, key jwt.Key) error {
	keys, err := json.Marshal(jwt.NewSet(key))
	if err != nil {
		return err
	}
	return c.DB.Update(ctx, actor.ForCommand("start"), func(w *db.W) error {
		return client.Register(ctx, w, s.box, client.Client{
			ID: id, Name: name, AuthMethod: client.PrivateKeyJWT, Algorithm: jwt.ES256, JWKS: string(keys),
			RedirectURIs:         []string{address + portal.CallbackPath},
			PostLogoutURIs:       []string{address + portal.SignedOutPath},
			BackchannelLogoutURI: address + portal.LogoutPath, Scopes: scopes, RequirePKCE: true, Active: true,
		}, "")
	})
}

// openCardDoor makes the smartcard door, if there is one, with its site.
func (c *CareIdentity) openCardDoor(s *System) error {
	at := s.Config.Smartcard
	if !at.Set() || !s.runs("cis2") {
		return nil
	}
	verifier, err := doorway.Verifier(at, s.Clock, s.reach())
	if err != nil {
		return err
	}
	proxies, err := at.ProxyNetworks()
	if err != nil {
		return err
	}
	secure, err := doorway.TLS(at, slices.Concat(verifier.Roots, verifier.Intermediates))
	if err != nil {
		return err
	}
	d := &carddoor.Door{Tickets: c.needs.Door, Verifier: verifier, Clock: s.Clock, Proxies: proxies}
	o := c.loginOptions(s)
	o.TrustedProxies = slices.Concat(s.proxies, proxies)
	site := login.NewDoor(o, d)
	sites := hosts{sites: map[string]http.Handler{}, rest: http.HandlerFunc(unknownHost)}
	sites.add(at.Address, site)
	c.door = &Listener{
		Name: "smartcard.listen", Address: at.Listen, TLS: secure, Handler: sites, OneRequest: true,
		Connections: s.Config.Limits.Connections, Proxies: o.TrustedProxies,
	}
	return nil
}
