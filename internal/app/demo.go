package app

import (
	"context"
	"log/slog"
	"net"
	"time"

	"signpost/internal/careid/login/simulated"
	"signpost/internal/config"
	"signpost/internal/demo"
	"signpost/internal/demo/mailpage"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/memory"
	"signpost/internal/platform/web/page"
)

// sampleAge is how long ago the sample world was made, so that its addresses have settled.
const sampleAge = 10 * 24 * time.Hour

// Demo is the whole system on sample data, ready to run.
type Demo struct {
	system *System
	care   *CareIdentity
	dos    *Directory
	world  demo.Systems
	cast   []demo.Cast

	mailbox *mail.Mailbox
	clock   *clock.Shifted
	sites   hosts
}

// DemoConfig gives a demo's configuration: it listens on a port of this machine and keeps its data in a
// folder that is thrown away.
func DemoConfig(listen, folder string) config.Config {
	at := func(site string) string { return "http://" + site + ".localhost:" + portOf(listen) }
	cfg := config.Usual(folder)
	cfg.Listen = listen
	cfg.Operations = "127.0.0.1:0"
	cfg.Stop = config.StopAtOnce()
	cfg.Addresses = config.Addresses{DoS: at("dos"), CIS2: at("cis2"), CIM: at("cim")}
	cfg.MailIn = config.MailIn{Listen: "127.0.0.1:0", Domain: "dos.fenmarch.example"}
	cfg.Registration.AgentsBindAuthenticators = true // so that both of the sample world show how it is done
	cfg.ServiceDesk = config.ServiceDesk{
		Name: "Fenmarch service desk", Telephone: demo.DeskPhone, Email: "service.desk@fenmarch.example",
		Hours: "8am to 6pm, Monday to Friday",
	}
	return cfg
}

// NewDemo opens both sides and makes the sample world.
func NewDemo(ctx context.Context, cfg config.Config, log *slog.Logger) (*Demo, error) {
	return newDemo(ctx, Options{Config: cfg, Log: log})
}

// newDemo makes a demo with what a demo is always made of, and the options given.
func newDemo(ctx context.Context, o Options) (*Demo, error) {
	mailbox := &mail.Mailbox{}
	now := &clock.Shifted{}
	o.Clock = now
	o.Transport = mailbox
	o.Loopback = true
	o.Throwaway = true
	s, err := New(o)
	if err != nil {
		return nil, err
	}
	d := &Demo{system: s, mailbox: mailbox, clock: now}
	s.banner = page.Banner{
		Tag: "Demo", Text: "Made-up people and services.", Link: page.Link{Text: "Who to be", Href: d.guideAddress()},
		More: mailpage.Drawer(mailbox, d.mailAddress()),
	}
	personas := func(ctx context.Context, r db.R) ([]simulated.Persona, error) { return demo.Personas(d.cast)(ctx, r) }
	if err := d.open(ctx, personas); err != nil {
		return nil, err
	}
	if err := d.makeWorld(ctx, now); err != nil {
		return nil, err
	}
	d.sites = d.mount()
	memory.GiveBack() // what making the world needed is not needed again
	return d, nil
}

func (d *Demo) open(ctx context.Context, personas simulated.List) (err error) {
	if d.care, err = d.system.OpenCareIdentity(ctx, personas); err != nil {
		return err
	}
	d.dos, err = d.system.OpenDirectory(ctx)
	return err
}

// makeWorld makes the sample world in the past, and then invites its people today.
func (d *Demo) makeWorld(ctx context.Context, now *clock.Shifted) (err error) {
	d.world = demo.Systems{
		Care: d.care.DB, DoS: d.dos.DB, Box: d.system.box, Post: d.care.post,
		CIS2: d.system.Config.Addresses.CIS2, Issuer: d.care.provider.Issuer(), Age: sampleAge,
		Authenticators: d.care.ways.Make,
	}
	now.Shift(-sampleAge)
	if d.cast, err = d.world.Make(ctx); err != nil {
		return err
	}
	now.Shift(0)
	return d.world.InviteFirst(ctx, d.cast)
}

// Run calls open once the demo can be reached, and serves it until ctx ends.
func (d *Demo) Run(ctx context.Context, open func()) error {
	return d.system.run(ctx, d.sites, open, d.care.store, d.dos.store)
}

// Close ends what the demo opened, whose folder is thrown away with what is in it.
func (d *Demo) Close(ctx context.Context) {
	_ = closeAll(ctx, []*store{d.care.store, d.dos.store})
}

func portOf(listen string) string {
	_, port, err := net.SplitHostPort(listen)
	if err != nil {
		return ""
	}
	return port
}
