package app

import (
	"context"

	"signpost/internal/dos/extract"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/schema"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/web"
)

// dosSide is the directory side.
type dosSide struct {
	*store
	desk *signin.Desk
	site *web.Site
}

func openDoSSide(ctx context.Context, g *ground) (*dosSide, error) {
	s, err := g.openStore(ctx, g.config.source(g.config.Databases.DoS, "dos"), schema.Files)
	if err != nil {
		return nil, err
	}
	client, asker, err := g.careIdentity()
	if err != nil {
		return nil, err
	}
	origin, err := frame.Origin(client.Issuer())
	if err != nil {
		return nil, err
	}
	d := &dosSide{store: s, desk: &signin.Desk{DB: s.db, Passwords: g.passwords, Relying: client}}
	if err := s.openJobs(ctx, g.log); err != nil {
		return nil, err
	}
	d.site = site.New(site.Options{
		Desk: d.desk, Linker: &linking.Linker{DB: s.db, Post: s.post, SignIn: d.desk}, Box: g.box, Asker: asker,
		CIM: g.config.Addresses.CIM, CIS2: g.config.Addresses.CIS2, SignIn: origin, Banner: g.banner, Log: g.log, Metrics: g.metrics, Proxies: g.proxies,
	})
	return d, nil
}

// careIdentity is how the directory reaches the care identity side: the one this system runs, or, where
// an issuer is configured, the national one, which answers no questions about people.
func (g *ground) careIdentity() (*relying.Client, rollout.Asker, error) {
	key, err := g.clientKey("dos")
	if err != nil {
		return nil, nil, err
	}
	own := ownClient(g, dosClientID, g.config.Addresses.DoS, key)
	if d := g.config.Directory; d.Issuer != "" {
		own.Issuer, own.DiscoveryURL, own.ClientID, own.PlainLogoutType = d.Issuer, d.Discovery, d.ClientID, true
	}
	client, err := relying.New(own)
	if err != nil {
		return nil, nil, err
	}
	address := g.config.Extract.URL
	if address == "" && g.config.Directory.Issuer == "" {
		address = g.config.Addresses.CIM
	}
	if address == "" {
		return client, nil, nil
	}
	return client, &extract.Client{URL: address, ID: own.ClientID, Key: key, Fetch: g.fetch, Clock: g.clock}, nil
}
