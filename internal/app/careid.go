package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/careid/authenticator/webauthn"
	"signpost/internal/careid/console"
	"signpost/internal/careid/extract"
	"signpost/internal/careid/login"
	"signpost/internal/careid/login/simulated"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/schema"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/web"
)

// The clients that this system is of itself, numbered as CIS2 numbers them.
const (
	dosClientID = "100000000001.apps.national"
	cimClientID = "100000000002.apps.national"
)

// How recently somebody must have proved themselves to come in (conformance Ses 002), and what is asked
// of their authenticator.
const (
	proofAge      = 5 * time.Minute
	leastAAL      = 2
	leastIdentity = 3
	callback      = "/signin/callback"
	signedOut     = "/signed-out"
)

// careSide is the care identity side: the sign-in service and Care Identity Management.
type careSide struct {
	*store
	provider *provider.Provider
	apps     *totp.Keeper
	login    *web.Site
	console  *web.Site
}

// openCareSide opens the side. personas is nil everywhere but in a demo.
func openCareSide(ctx context.Context, g *ground, personas simulated.List) (*careSide, error) {
	s, err := g.openStore(ctx, g.config.source(g.config.Databases.CareID, "careid"), schema.Files)
	if err != nil {
		return nil, err
	}
	c := &careSide{store: s, apps: &totp.Keeper{Hasher: g.passwords, Box: g.box}}
	if c.provider, err = provider.New(provider.Options{Issuer: g.config.Addresses.issuer(), DB: s.db, Box: g.box, Fetch: g.fetch, Clock: g.clock}); err != nil {
		return nil, err
	}
	c.provider.Keys().Policy = g.config.Keys.policy()
	c.provider.Work(s.workers)
	s.tasks = append(s.tasks, followKeys(c.provider.Keys(), g.log))
	if err := s.openJobs(ctx, g.log); err != nil {
		return nil, err
	}
	if err := c.provider.Keys().Load(ctx, actor.ForCommand("start")); err != nil {
		return nil, err
	}
	if err := c.makeLogin(g, personas); err != nil {
		return nil, err
	}
	return c, c.makeConsole(ctx, g)
}

func (c *careSide) makeLogin(g *ground, personas simulated.List) error {
	party, err := webauthn.New(g.config.Addresses.CIS2, "NHS CIS2 Authentication (Signpost)", webauthn.Policy{})
	if err != nil {
		return err
	}
	c.login = login.New(login.Options{
		DB: c.db, Provider: c.provider, Party: party, Apps: c.apps, Post: c.post, Log: g.log, Metrics: g.metrics,
		TrustedProxies: g.proxies, Banner: g.banner, Personas: personas, FindRA: findRA(g.config.Addresses.CIM),
	})
	return nil
}

// findRA is where people find their registration authority; empty where this system has no such page.
func findRA(cim string) string {
	if cim == "" {
		return ""
	}
	return cim + "/find-your-ra"
}

// makeConsole registers both sites of ours as clients, and makes the console as one of them.
func (c *careSide) makeConsole(ctx context.Context, g *ground) error {
	dosKey, err := g.clientKey("dos")
	if err != nil {
		return err
	}
	cimKey, err := g.clientKey("cim")
	if err != nil {
		return err
	}
	for _, own := range []struct {
		id, name, address string
		key               jwt.Key
	}{{dosClientID, "Directory of Services", g.config.Addresses.DoS, dosKey}, {cimClientID, "Care Identity Management", g.config.Addresses.CIM, cimKey}} {
		if err := c.register(ctx, g, own.id, own.name, own.address, own.key); err != nil {
			return fmt.Errorf("register %s: %w", own.name, err)
		}
	}
	own := ownClient(g, cimClientID, g.config.Addresses.CIM, cimKey)
	own.LeastIdentity = leastIdentity // the directory has a page of its own for those below
	client, err := relying.New(own)
	if err != nil {
		return err
	}
	c.console = console.New(console.Options{
		DB: c.db, Box: g.box, Post: c.post, Relying: client, CIS2: g.config.Addresses.CIS2, SignIn: g.config.Addresses.CIS2, Banner: g.banner,
		Log: g.log, Metrics: g.metrics, Proxies: g.proxies, Sessions: c.provider.Sessions(),
		Extract: &extract.Extract{DB: c.db, Clock: g.clock, Address: g.config.Addresses.CIM, Askers: map[string]jwt.Keys{dosClientID: jwt.NewSet(dosKey)}},
	})
	return nil
}

// scopes are what our own sites ask to know.
var scopes = []string{cis2.OpenID, cis2.Profile, cis2.Email, cis2.NHSPerson, cis2.Roles, cis2.Orgs}

func (c *careSide) register(ctx context.Context, g *ground, id, name, address string, key jwt.Key) error {
	keys, err := json.Marshal(jwt.NewSet(key))
	if err != nil {
		return err
	}
	return c.db.Update(ctx, actor.ForCommand("start"), func(w *db.W) error {
		return client.Register(ctx, w, g.box, client.Client{
			ID: id, Name: name, AuthMethod: client.PrivateKeyJWT, Algorithm: jwt.ES256, JWKS: string(keys),
			RedirectURIs: []string{address + callback}, PostLogoutURIs: []string{address + signedOut},
			BackchannelLogoutURI: address + "/backchannel-logout", Scopes: scopes, RequirePKCE: true, Active: true,
		}, "")
	})
}

// ownClient is how a site of ours signs people in at the CIS2 that this system runs.
func ownClient(g *ground, id, address string, key jwt.Key) relying.Config {
	return relying.Config{
		Issuer: g.config.Addresses.issuer(), ClientID: id, Auth: relying.Auth{Key: key},
		RedirectURI: address + callback, PostLogoutURI: address + signedOut, Scopes: scopes, ACR: []string{authn.AAL2OrAAL3Any.Name()}, MaxAge: proofAge,
		LeastAuthentication: leastAAL, Fetch: g.fetchAs(id), Clock: g.clock,
	}
}
