package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/a-h/templ"

	"signpost/internal/careid/login/simulated"
	"signpost/internal/demo"
	"signpost/internal/demo/guide"
	"signpost/internal/demo/mailpage"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/assets"
	"signpost/internal/platform/web/page"
)

// demoCommand runs the whole system on sample data.
type demoCommand struct {
	Listen string `help:"Where to listen; this machine only." default:"127.0.0.1:8080"`
	Log    string `help:"File to write the log to; none if not given." type:"path" placeholder:"FILE"`
}

// sampleAge is how long ago the sample world was made, so that its addresses have settled.
const sampleAge = 10 * 24 * time.Hour

// Run makes the sample world and serves it until ctx ends.
func (c *demoCommand) Run(ctx context.Context, out streams) (err error) {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		return usageError("--listen must be an address of this machine, like 127.0.0.1:8080: the demo lets people in without proof")
	}
	folder, err := os.MkdirTemp("", "signpost-demo-")
	if err != nil {
		return fmt.Errorf("make folder for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	log, closeLog, err := logTo(c.Log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	cfg := config{Listen: c.Listen, Operations: "127.0.0.1:0", Data: folder, Addresses: demoAddresses(port)}
	d, err := newDemo(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer d.close(ctx)
	fmt.Fprintf(out.out, "Signpost's demo is at http://localhost:%s (stop it with Ctrl+C)\n", port)
	return d.ground.run(ctx, d.hosts, []*store{d.care.store, d.dos.store})
}

func demoAddresses(port string) addresses {
	at := func(site string) string { return "http://" + site + ".localhost:" + port }
	return addresses{DoS: at("dos"), CIS2: at("cis2"), CIM: at("cim")}
}

// logTo makes a log that is written to a file; no path is no log.
func logTo(path string) (*slog.Logger, func() error, error) {
	if path == "" {
		return slog.New(slog.NewJSONHandler(io.Discard, nil)), func() error { return nil }, nil
	}
	file, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open log: %w", err)
	}
	return slog.New(slog.NewJSONHandler(file, nil)), file.Close, nil
}

// demonstration is a demo that is ready to serve.
type demonstration struct {
	ground *ground
	care   *careSide
	dos    *dosSide
	hosts  hosts
}

func newDemo(ctx context.Context, cfg config, log *slog.Logger) (*demonstration, error) {
	box, now := &mail.Mailbox{}, &clock.Shifted{}
	g, err := newGround(cfg, log, box, true)
	if err != nil {
		return nil, err
	}
	g.clock = now
	g.throwaway = true
	guideAddress := "http://localhost:" + portOf(cfg.Listen)
	g.banner = page.Banner{Tag: "Demo", Text: "Made-up people and services.", Link: page.Link{Text: "Who to be", Href: guideAddress}}
	var cast []demo.Cast
	personas := func(ctx context.Context, r db.R) ([]simulated.Persona, error) { return demo.Personas(cast)(ctx, r) }
	d := &demonstration{ground: g}
	if d.care, err = openCareSide(ctx, g, personas); err != nil {
		return nil, err
	}
	if d.dos, err = openDoSSide(ctx, g); err != nil {
		return nil, err
	}
	world := demo.Systems{Care: d.care.db, DoS: d.dos.db, Apps: d.care.apps, Post: d.care.post, CIS2: cfg.Addresses.CIS2, Issuer: d.care.provider.Issuer()}
	now.Shift(-sampleAge)
	if cast, err = world.Make(ctx); err != nil {
		return nil, err
	}
	now.Shift(0)
	if err := world.InviteFirst(ctx, cast); err != nil {
		return nil, err
	}
	d.hosts = d.sites(cfg, box, cast)
	debug.FreeOSMemory() // what making the world needed is not needed again
	return d, nil
}

func portOf(listen string) string {
	_, port, err := net.SplitHostPort(listen)
	if err != nil {
		return ""
	}
	return port
}

// sites are the three of the system, with the guide and the page of mail.
func (d *demonstration) sites(cfg config, box *mail.Mailbox, cast []demo.Cast) hosts {
	frame := page.Params{SiteName: "Signpost demo", SiteHref: "/"}
	failed := func(_ *http.Request, f web.Failure) templ.Component {
		p := frame
		p.Title = f.Title
		return page.Failed(p, f.Says, f.Cure, f.Reference)
	}
	plain := func(name string) *web.Site {
		s := web.New(web.Options{Name: name, Log: d.ground.log, Metrics: d.ground.metrics, ErrorPage: failed})
		s.HandlePlain("GET /assets/", assets.Handler())
		return s
	}
	mailAddress := "http://mail.localhost:" + portOf(cfg.Listen)
	front, letters := plain("guide"), plain("mail")
	guide.Mount(front, frame, []guide.Site{
		{Name: "Directory of Services", Href: cfg.Addresses.DoS, What: "find services, keep their record right"},
		{Name: "Care Identity Management", Href: cfg.Addresses.CIM, What: "your profile, your registration authority"},
		{Name: "CIS2 Authentication", Href: cfg.Addresses.CIS2 + "/my-sessions", What: "where you are signed in"},
		{Name: "Mail", Href: mailAddress, What: "codes, links and notices that were sent"},
	}, personasOf(cast))
	mailFrame := frame
	mailFrame.SiteName = "Signpost demo mail"
	mailpage.Mount(letters, box, mailFrame)
	h := hosts{rest: front, sites: map[string]http.Handler{"mail.localhost": letters}}
	for address, site := range map[string]http.Handler{cfg.Addresses.DoS: d.dos.site, cfg.Addresses.CIS2: d.care.login, cfg.Addresses.CIM: d.care.console} {
		if host, err := hostOf(address); err == nil {
			h.sites[host] = site
		}
	}
	return h
}

func personasOf(cast []demo.Cast) []guide.Persona {
	var list []guide.Persona
	for _, c := range cast {
		if !c.Introduced {
			continue
		}
		p := guide.Persona{Group: c.Group, Name: c.Name, Shows: c.Shows, Story: c.Story, Username: c.Username, Email: c.Email, UUID: c.UUID, Secret: c.Secret, Try: c.Try}
		if c.Username != "" || c.Secret != "" {
			p.Password = demo.Password
		}
		list = append(list, p)
	}
	return list
}

// close ends what the demo opened.
func (d *demonstration) close(ctx context.Context) {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	_ = d.care.close(last) // the folder is thrown away with what is in it
	_ = d.dos.close(last)
}
