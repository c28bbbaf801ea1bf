package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"signpost/internal/checkrp"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/relying/issuer"
)

// checkRPCommand holds a relying party against what CIS2 asks of one.
type checkRPCommand struct {
	Start        string `help:"Where sign-in begins: an address that leads to the provider, or a page with a button that names Care Identity." required:"" placeholder:"URL"`
	SignedInText string `help:"Words that are on the page of somebody who is signed in, and not otherwise." required:"" placeholder:"TEXT" name:"signed-in-text"`
	SignedInURL  string `help:"That page; --start if not given." placeholder:"URL" name:"signed-in-url"`

	Callback          string `help:"The redirect URI; whatever the relying party sends if not given." placeholder:"URL"`
	BackchannelLogout string `help:"Where it takes logout tokens." placeholder:"URL"`
	ClientID          string `help:"The client id it has here." default:"100000000099.apps.supplier"`
	JWKSURI           string `help:"Where its public keys are, for private_key_jwt." placeholder:"URL" name:"jwks-uri" xor:"proof" required:""`
	ClientSecret      string `help:"Its secret, if it has no keys." placeholder:"SECRET" xor:"proof" required:""`

	Person        string `help:"JSON file of whom it lets in, as userinfo gives people; Ada Example, who may use the Directory of Services, if not given." type:"existingfile" placeholder:"FILE"`
	LeastIdentity int    `help:"The identity level below which it lets nobody in." default:"3"`

	Listen   string        `help:"Where the provider listens; this machine only." default:"127.0.0.1:9001"`
	Address  string        `help:"The provider's address as others see it, with the port they see, such as https://hostile.example:443; http://localhost with the port it listens on if not given." placeholder:"URL"`
	Wait     time.Duration `help:"How long the relying party may take to be pointed at the provider." default:"0s"`
	Patience time.Duration `help:"The longest wait for one thing: 16m sees idle sessions end, 61m metadata read again, 12h1m long sessions end." default:"90s"`
	JSON     bool          `help:"Print the result as JSON." name:"json"`
}

// errNotMet is a relying party that does not do all it should.
var errNotMet = errors.New("the relying party does not meet every requirement")

// Run starts the provider, says how to reach it, and goes through the list.
func (c *checkRPCommand) Run(ctx context.Context, out streams) (err error) {
	o, err := c.options()
	if err != nil {
		return err
	}
	stop, err := c.serve(ctx, o.Issuer)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	settings := out.out
	if c.JSON {
		settings = out.err
	} else {
		o.Say = func(l checkrp.Line) { printLine(out.out, l) }
	}
	c.printSettings(settings, o.Issuer)
	report, err := checkrp.Run(ctx, o)
	if errors.Is(err, checkrp.ErrOptions) {
		return usageError(err.Error())
	}
	if err != nil {
		return err
	}
	if err := c.printReport(out.out, report); err != nil {
		return err
	}
	if report.Failed() {
		return errNotMet
	}
	return nil
}

func (c *checkRPCommand) options() (checkrp.Options, error) {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		return checkrp.Options{}, usageError("--listen must be an address of this machine, like 127.0.0.1:9001: the provider signs in whoever comes")
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
	if _, err := hostOf(c.Address); err != nil {
		return checkrp.Options{}, usageError("--address: " + err.Error())
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
		BackchannelLogout: c.BackchannelLogout, Person: person, LeastIdentity: c.LeastIdentity,
		Patience: c.Patience, Ready: c.Wait, Fetch: reach, Timer: timer{},
	}, nil
}

// fetch reaches this machine, and the hosts named on the command line wherever they are.
func (c *checkRPCommand) fetch() *fetch.Client {
	var private []string
	for _, address := range []string{c.Start, c.SignedInURL, c.Callback, c.BackchannelLogout, c.JWKSURI} {
		if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
			private = append(private, u.Hostname())
		}
	}
	return fetch.New(fetch.Options{AllowLoopback: true, PrivateHosts: private, UserAgent: "signpost check-rp"})
}

// person reads whom the relying party lets in.
func (c *checkRPCommand) person() (issuer.Person, error) {
	if c.Person == "" {
		return issuer.Ada(), nil
	}
	text, err := os.ReadFile(c.Person)
	if err != nil {
		return issuer.Person{}, fmt.Errorf("read person: %w", err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		return issuer.Person{}, usageError(fmt.Sprintf("--person %s: not a JSON object: %v", c.Person, err))
	}
	return personOf(members), nil
}

// personOf is somebody as userinfo describes them; what belongs in the ID token may stand there too.
func personOf(members map[string]any) issuer.Person {
	members = maps.Clone(members)
	take := func(name string, otherwise any) any {
		value, given := members[name]
		delete(members, name)
		if !given {
			return otherwise
		}
		return value
	}
	text := func(name string) string { s, _ := members[name].(string); return s }
	p := issuer.Person{Subject: text("sub"), Name: text("name"), GivenName: text("given_name"), FamilyName: text("family_name"), Email: text("email")}
	p.SelectedRoleID, _ = take(cis2.SelectedRoleClaim, "").(string)
	p.AuthenticationLevel, p.IdentityLevel = take(cis2.AuthenticationLevelClaim, "3"), take(cis2.OlderIdentityLevelClaim, "3")
	p.Roles, p.AMR, p.More = members[cis2.RolesClaim], []string{authn.AMRFIDO2}, members
	return p
}

// serve runs the provider until what it gives is called.
func (c *checkRPCommand) serve(ctx context.Context, i *issuer.Issuer) (stop func() error, err error) {
	l, err := listen(ctx, c.Listen)
	if err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- serveAll(running, serving{server(i.Handler(), slog.New(slog.DiscardHandler)), l}) }()
	return func() error {
		cancel()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	}, nil
}

func (c *checkRPCommand) printSettings(w io.Writer, i *issuer.Issuer) {
	proof := "private_key_jwt, with the keys at " + c.JWKSURI
	if c.ClientSecret != "" {
		proof = "client_secret_post, with the secret of --client-secret"
	}
	fmt.Fprintln(w, "Set the relying party up with this provider, which lies. Never one that people use.")
	for _, s := range [][2]string{
		{"issuer", i.Address()}, {"discovery", i.DiscoveryURL()}, {"client id", c.ClientID}, {"proves itself by", proof}, {"redirect URI", c.Callback}, {"logout tokens go to", c.BackchannelLogout},
	} {
		if s[1] != "" {
			fmt.Fprintf(w, "  %-20s %s\n", s[0], s[1])
		}
	}
	fmt.Fprintln(w)
}

func printLine(w io.Writer, l checkrp.Line) {
	fmt.Fprintf(w, "%-8s  %s  %s: %s\n", l.Outcome, l.ID, l.What, l.Saw)
}

func (c *checkRPCommand) printReport(w io.Writer, r checkrp.Report) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(r)
	}
	_, err := fmt.Fprintf(w, "\nBad answers: tried %d, accepted %d. Requirements: %d met, %d failed, %d with a warning, %d not seen.\n",
		r.Tried, r.Accepted, r.Outcomes[checkrp.Pass], r.Outcomes[checkrp.Fail], r.Outcomes[checkrp.Warn], r.Outcomes[checkrp.NotSeen])
	return err
}

// timer is the machine's.
type timer struct{ clock.System }

// Wait returns when d has passed, or ctx has ended.
func (timer) Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
