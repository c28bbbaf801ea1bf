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
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/config"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/memory"
	"signpost/internal/platform/text"
)

// gcPercent lets the heap grow to five times what is live before garbage is collected. What is live is
// small, some 10 MB; whoever has a machine with less memory sets GOGC.
const gcPercent = 400

// Serve runs the named sites for real until ctx ends. dropped counts the lines of the log that were dropped.
func Serve(
	ctx context.Context, cfg config.Config, sites []string, log *slog.Logger, dropped func() float64,
) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	mib, by := memory.Limit(cfg.Limits.MemoryMiB)
	log.Info("memory", "limit_mib", mib, "by", by)
	if err := keyNotLost(ctx, cfg); err != nil {
		return err
	}
	s, err := New(Options{Config: cfg, Log: log, Clock: clock.System{}, Transport: MailServer(cfg.Mail)})
	if err != nil {
		return err
	}
	s.Transport = text.Split{Mail: s.Transport, Text: TextGateway(cfg, s.fetch, s.Clock)}
	s.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "signpost_log_lines_dropped_total",
		Help: "Lines of the log that were dropped, as nobody read them in time.",
	}, dropped))
	return s.serve(ctx, sites)
}

// MailServer is the server that outgoing mail is handed to.
func MailServer(m config.Mail) *mail.SMTP {
	return &mail.SMTP{
		Host: m.Host, Port: m.Port, From: m.From, Username: m.Username, Password: m.Password, Plain: m.Plain,
	}
}

// TextGateway is what text messages are handed to; nil where none is configured.
func TextGateway(c config.Config, over *fetch.Client, now clock.Clock) *text.Gateway {
	if !c.Text.Set() {
		return nil
	}
	return &text.Gateway{
		Address: c.Text.At(), Service: c.Text.Service, Secret: c.Text.Secret, Template: c.Text.Template,
		Fetch: over, Clock: now,
	}
}

// serve opens the sides that the named sites belong to, and runs them.
func (s *System) serve(ctx context.Context, sites []string) (err error) {
	h := hosts{sites: map[string]http.Handler{}, rest: http.HandlerFunc(unknownHost)}
	add := func(name, address string, site http.Handler) {
		if slices.Contains(sites, name) {
			h.add(address, site)
		}
	}
	s.sites = sites
	var stores []*store
	defer func() { err = errors.Join(err, closeAll(ctx, stores)) }()
	if slices.Contains(sites, "cis2") || slices.Contains(sites, "cim") {
		care, err := s.OpenCareIdentity(ctx, nil)
		if err != nil {
			return err
		}
		stores = append(stores, care.store)
		if care.door != nil {
			s.doors = append(s.doors, *care.door)
		}
		add("cis2", s.Config.Addresses.CIS2, care.Login)
		add("cim", s.Config.Addresses.CIM, care.Console)
	}
	if slices.Contains(sites, "dos") {
		dos, err := s.OpenDirectory(ctx)
		if err != nil {
			return err
		}
		stores = append(stores, dos.store)
		add("dos", s.Config.Addresses.DoS, dos.Site)
	}
	return s.run(ctx, h, func() {}, stores...)
}

// run listens, runs jobs, calls open once the addresses are open, and serves until ctx ends.
func (s *System) run(ctx context.Context, sites http.Handler, open func(), stores ...*store) error {
	ops := &operations{
		registry: s.registry,
		check:    func(r *http.Request) error { return answering(r.Context(), stores) },
	}
	list := []Listener{
		{
			Name: "listen", Address: s.Config.Listen, Handler: sites,
			Connections: s.Config.Limits.Connections, Proxies: s.proxies,
		},
		{Name: "operations", Address: s.Config.Operations, Handler: ops.handler()},
	}
	list = append(list, s.doors...)
	serving, err := Listen(ctx, s.Log, list...)
	if err != nil {
		return err
	}
	if err := s.openMail(ctx); err != nil {
		return errors.Join(err, serving.Close())
	}
	for _, st := range stores {
		if err := st.start(ctx); err != nil {
			return errors.Join(fmt.Errorf("start jobs: %w", err), serving.Close())
		}
	}
	mails, stopMail := context.WithCancel(ctx)
	mailEnded := make(chan error, 1)
	go func() { mailEnded <- s.takeMail(mails) }()
	ops.ready.Store(true)
	forget := context.AfterFunc(ctx, func() { ops.ready.Store(false) })
	defer forget()
	open()
	var where []any
	for _, l := range list {
		where = append(where, l.Name, l.Address)
	}
	s.Log.Info("serving", where...)
	err = serving.Serve(ctx, s.Config.Stop)
	stopMail()
	return errors.Join(err, <-mailEnded)
}

// closeAll lets each side end what it is doing, for a while.
func closeAll(ctx context.Context, stores []*store) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), LastWords)
	defer cancel()
	problems := make([]error, len(stores))
	var closing sync.WaitGroup
	for i, s := range stores {
		closing.Go(func() { problems[i] = s.Close(last) })
	}
	closing.Wait()
	return errors.Join(problems...)
}

// answering reports whether every database answers, and takes what is written.
func answering(ctx context.Context, stores []*store) error {
	for _, s := range stores {
		if err := s.DB.Ready(ctx); err != nil {
			return err
		}
	}
	return nil
}

// openMail opens the address at which mail is taken in, if any is.
func (s *System) openMail(ctx context.Context) error {
	if s.mailIn == nil {
		return nil
	}
	if err := s.mailIn.Listen(ctx, s.Config.MailIn.Listen); err != nil {
		return listenProblem("mail_in.listen", s.Config.MailIn.Listen, err)
	}
	s.Log.Info("taking mail in", "address", s.mailIn.Address().String())
	return nil
}

// takeMail takes mail in until ctx ends.
func (s *System) takeMail(ctx context.Context) error {
	if s.mailIn == nil {
		return nil
	}
	err := s.mailIn.Serve(ctx)
	if err != nil {
		s.Log.Error("no mail is taken in any more: restart the program", "problem", err.Error())
	}
	return err
}
