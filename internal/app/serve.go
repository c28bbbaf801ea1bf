package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
)

// serveCommand runs the sites for real.
type serveCommand struct {
	Config string `help:"TOML file to read the configuration from." type:"path" placeholder:"FILE"`
	Data   string `help:"Folder of embedded databases and keys." default:"./data" type:"path"`
	Sites  string `help:"Which sites this node runs." default:"dos,cis2,cim"`
}

// gcPercent lets the heap grow to five times what is live before garbage is collected. What is live is
// small, some 10 MB; whoever has a machine with less memory sets GOGC.
const gcPercent = 400

// allSites are the sites there are.
var allSites = []string{"dos", "cis2", "cim"}

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context, out streams) error {
	sites := strings.Split(c.Sites, ",")
	for _, s := range sites {
		if !slices.Contains(allSites, s) {
			return usageError(fmt.Sprintf("--sites: there is no site %q, only %s", s, strings.Join(allSites, ", ")))
		}
	}
	cfg, err := readConfig(c.Config, c.Data)
	if err != nil {
		return err
	}
	if err := cfg.forServing(); err != nil {
		return fmt.Errorf("the configuration is not complete:\n%w", err)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	transport := &mail.SMTP{Host: cfg.Mail.Host, Port: cfg.Mail.Port, From: cfg.Mail.From, Username: cfg.Mail.Username, Password: cfg.Mail.Password, Plain: cfg.Mail.Plain}
	g, err := newGround(cfg, slog.New(slog.NewJSONHandler(out.err, nil)), transport, false)
	if err != nil {
		return err
	}
	return g.serve(ctx, sites)
}

// serve runs the sites named, and the operations listener.
func (g *ground) serve(ctx context.Context, sites []string) (err error) {
	h := hosts{sites: map[string]http.Handler{}, rest: http.HandlerFunc(unknownHost)}
	var stores []*store
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
		defer cancel()
		for _, s := range stores {
			err = errors.Join(err, s.close(last))
		}
	}()
	if slices.Contains(sites, "cis2") || slices.Contains(sites, "cim") {
		care, err := openCareSide(ctx, g, nil)
		if err != nil {
			return err
		}
		stores = append(stores, care.store)
		addSite(h, sites, "cis2", g.config.Addresses.CIS2, care.login)
		addSite(h, sites, "cim", g.config.Addresses.CIM, care.console)
	}
	if slices.Contains(sites, "dos") {
		dos, err := openDoSSide(ctx, g)
		if err != nil {
			return err
		}
		stores = append(stores, dos.store)
		addSite(h, sites, "dos", g.config.Addresses.DoS, dos.site)
	}
	return g.run(ctx, h, stores)
}

func addSite(h hosts, sites []string, name, address string, site http.Handler) {
	host, err := hostOf(address)
	if err == nil && slices.Contains(sites, name) {
		h.sites[host] = site
	}
}

// run listens, runs jobs, and serves until ctx ends.
func (g *ground) run(ctx context.Context, h hosts, stores []*store) error {
	pages, err := listen(ctx, g.config.Listen)
	if err != nil {
		return err
	}
	ops := &operations{registry: g.registry, check: func(r *http.Request) error { return answering(r.Context(), stores) }}
	operating, err := listen(ctx, g.config.Operations)
	if err != nil {
		return errors.Join(err, pages.Close())
	}
	for _, s := range stores {
		if err := s.start(ctx); err != nil {
			return fmt.Errorf("start jobs: %w", err)
		}
	}
	ops.ready.Store(true)
	g.log.Info("serving", "listen", g.config.Listen, "operations", g.config.Operations)
	return serveAll(ctx, serving{server(h, g.log), pages}, serving{server(ops.handler(), g.log), operating})
}

// answering reports whether every database answers.
func answering(ctx context.Context, stores []*store) error {
	for _, s := range stores {
		err := s.db.View(ctx, func(r db.R) error {
			_, err := db.Value[int64](ctx, r, "SELECT 1")
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
