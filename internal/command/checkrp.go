package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"time"

	"signpost/internal/app"
	"signpost/internal/checkrp"
	"signpost/internal/command/cli"
	"signpost/internal/config"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/relying/issuer"
)

var checkRPCommand = cli.Command{
	Name:  "check-rp",
	Help:  "Hold a relying party against what CIS2 asks of one, with a provider that lies.",
	Flags: func() any { return new(checkRPFlags) },
}

type checkRPFlags struct {
	Start        string `help:"Where sign-in begins: an address that leads to the provider, or a page with a button that names Care Identity." required:"" placeholder:"URL"`
	SignedInText string `help:"Words that are on the page of somebody who is signed in, and not otherwise." required:"" placeholder:"TEXT" name:"signed-in-text"`
	SignedInURL  string `help:"That page; --start if not given." placeholder:"URL" name:"signed-in-url"`

	Callback          string `help:"The redirect URI; whatever the relying party sends if not given." placeholder:"URL"`
	BackchannelLogout string `help:"Where it takes logout tokens." placeholder:"URL"`
	ClientID          string `help:"The client id it has here." default:"100000000099.apps.supplier"`
	JWKSURI           string `help:"Where its public keys are, for private_key_jwt." placeholder:"URL" name:"jwks-uri" xor:"proof" required:""`
	ClientSecret      string `help:"Its secret, if it has no keys." placeholder:"SECRET" xor:"proof" required:""`

	Person      string `help:"JSON file of whom it lets in, as userinfo gives people; Ada Example, who may use the Directory of Services, if not given." type:"existingfile" placeholder:"FILE"`
	MinIdentity int    `help:"The identity level below which it lets nobody in." name:"least-identity" default:"3"`

	Listen   string        `help:"Where the provider listens; this machine only." default:"127.0.0.1:9001"`
	Address  string        `help:"The provider's address as others see it, with the port they see, such as https://hostile.example:443; http://localhost with the port it listens on if not given." placeholder:"URL"`
	Wait     time.Duration `help:"How long the relying party may take to be pointed at the provider." default:"0s"`
	Patience time.Duration `help:"The longest wait for one thing: 16m sees idle sessions end, 61m metadata read again, 12h1m long sessions end." default:"90s"`
	cli.Output
}

// errNotMet is a relying party that does not do all it should.
var errNotMet = errors.New("the relying party does not meet every requirement")

// Run starts the provider, says how to reach it, and goes through the list.
func (c *checkRPFlags) Run(ctx context.Context, p *cli.Printer) (err error) {
	o, err := c.options()
	if err != nil {
		return err
	}
	stop, err := c.serve(ctx, o.Issuer)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if !p.JSON {
		o.Say = func(l checkrp.Line) { p.Say("%-8s  %s  %s: %s", l.Outcome, l.ID, l.What, l.Saw) }
	}
	c.saySettings(p, o.Issuer)
	report, err := checkrp.Run(ctx, o)
	if errors.Is(err, checkrp.ErrOptions) {
		return cli.UsageError(err.Error())
	}
	if err != nil {
		return err
	}
	if err := printReport(p, report); err != nil {
		return err
	}
	if report.Failed() {
		return errNotMet
	}
	return nil
}

func (c *checkRPFlags) options() (checkrp.Options, error) {
	port, err := cli.Loopback(c.Listen, "127.0.0.1:9001", "the provider signs in whoever comes")
	if err != nil {
		return checkrp.Options{}, err
	}
	if c.SignedInURL == "" {
		c.SignedInURL = c.Start
	}
	person, err := c.person()
	if err != nil {
		return checkrp.Options{}, err
	}
	if c.Address == "" {
		c.Address = "http://localhost:" + port
	}
	if _, err := config.HostOf(c.Address); err != nil {
		return checkrp.Options{}, cli.UsageError("--address: " + err.Error())
	}
	key, err := jwt.Generate(jwt.RS256)
	if err != nil {
		return checkrp.Options{}, err
	}
	hostile := issuer.New(c.Address, key, clock.System{})
	reach := c.fetch()
	client := issuer.Client{ID: c.ClientID, RedirectURI: c.Callback, Secret: c.ClientSecret}
	if c.JWKSURI != "" {
		client.Keys = jwt.NewRemote(c.JWKSURI, reach, clock.System{})
	}
	hostile.Register(client)
	return checkrp.Options{
		Issuer: hostile, Client: client, Start: c.Start, SignedInURL: c.SignedInURL, SignedInText: c.SignedInText,
		BackchannelLogout: c.BackchannelLogout, Person: person, MinIdentity: c.MinIdentity,
		Patience: c.Patience, Ready: c.Wait, Fetch: reach, Timer: clock.System{},
	}, nil
}

// fetch reaches this machine, and the hosts named on the command line wherever they are.
func (c *checkRPFlags) fetch() *fetch.Client {
	var private []string
	for _, address := range []string{c.Start, c.SignedInURL, c.Callback, c.BackchannelLogout, c.JWKSURI} {
		if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
			private = append(private, u.Hostname())
		}
	}
	return fetch.New(fetch.Options{
		AllowLoopback: true, PrivateHosts: private, OneRequest: true, UserAgent: "signpost check-rp",
	})
}

// person reads whom the relying party lets in.
func (c *checkRPFlags) person() (issuer.Person, error) {
	if c.Person == "" {
		return issuer.Ada(), nil
	}
	text, err := os.ReadFile(c.Person)
	if err != nil {
		return issuer.Person{}, fmt.Errorf("read person: %w", err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		return issuer.Person{}, cli.UsageError(fmt.Sprintf("--person %s: not a JSON object: %v", c.Person, err))
	}
	return personOf(members), nil
}

// personOf is somebody as userinfo describes them; what belongs in the ID token may stand there too.
func personOf(members map[string]any) issuer.Person {
	members = maps.Clone(members)
	take := func(name string, otherwise any) any {
		value, found := members[name]
		delete(members, name)
		if !found {
			return otherwise
		}
		return value
	}
	text := func(name string) string { s, _ := members[name].(string); return s }
	p := issuer.Person{
		Subject: text("sub"), Name: text("name"), GivenName: text("given_name"), FamilyName: text("family_name"),
		Email: text("email"),
	}
	p.SelectedRoleID, _ = take(cis2.SelectedRoleClaim, "").(string)
	p.AuthenticationLevel = take(cis2.AuthenticationLevelClaim, "3")
	p.IdentityLevel = take(cis2.OlderIdentityLevelClaim, "3")
	p.Roles = members[cis2.RolesClaim]
	p.AMR = []string{authn.AMRFIDO2}
	p.More = members
	return p
}

// serve runs the provider until what it gives is called.
func (c *checkRPFlags) serve(ctx context.Context, i *issuer.Issuer) (stop func() error, err error) {
	log := slog.New(slog.DiscardHandler)
	serving, err := app.Listen(ctx, log, app.Listener{Name: "provider", Address: c.Listen, Handler: i.Handler()})
	if err != nil {
		return nil, cli.OtherPort(err)
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- serving.Serve(running, config.StopAtOnce()) }()
	return func() error {
		cancel()
		return <-ended
	}, nil
}

func (c *checkRPFlags) saySettings(p *cli.Printer, i *issuer.Issuer) {
	proof := "private_key_jwt, with the keys at " + c.JWKSURI
	if c.ClientSecret != "" {
		proof = "client_secret_post, with the secret of --client-secret"
	}
	p.Say("Set the relying party up with this provider, which lies. Never one that people use.")
	for _, s := range [][2]string{
		{"issuer", i.Address()}, {"discovery", i.DiscoveryURL()}, {"client id", c.ClientID},
		{"proves itself by", proof},
		{"redirect URI", c.Callback}, {"logout tokens go to", c.BackchannelLogout},
	} {
		if s[1] != "" {
			p.Say("  %-20s %s", s[0], s[1])
		}
	}
	p.Say("")
}

func printReport(p *cli.Printer, r checkrp.Report) error {
	return p.Result(r, func() {
		p.Say("\nBad answers: tried %d, accepted %d. Requirements: %d met, %d failed, %d with a warning, %d not seen.",
			r.Tried, r.Accepted, r.Outcomes[checkrp.Pass], r.Outcomes[checkrp.Fail], r.Outcomes[checkrp.Warn],
			r.Outcomes[checkrp.NotSeen])
	})
}
