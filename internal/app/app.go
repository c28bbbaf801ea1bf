// Package app is the wiring: it puts the two sides together from a configuration, with their jobs and the
// addresses they answer at, and says which sites run where. It decides nothing about the directory or about
// care identities, and knows no flags and no printing.
package app

import (
	"cmp"
	"log/slog"
	"net/netip"
	"runtime"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/config"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/line"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mail/incoming"
	"signpost/internal/platform/password"
	"signpost/internal/platform/password/breached"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// System holds what both sides stand on.
type System struct {
	Options

	box       *seal.Box
	fetch     *fetch.Client
	passwords *password.Hasher
	registry  *prometheus.Registry
	metrics   *web.Metrics
	entry     *line.Line // of new logins
	proxies   []netip.Prefix
	banner    page.Banner
	mailIn    *incoming.Server // nil where no mail is taken in
	posts     []*mail.Post     // of the sides that are open
	doors     []Listener       // at which smartcards are met
	sites     []string         // that run here; nil for all
}

// Options say what a system is made of.
type Options struct {
	Config    config.Config
	Log       *slog.Logger
	Clock     clock.Clock
	Transport mail.Transport // takes outgoing mail
	Loopback  bool           // outgoing HTTP may go to this machine
	Throwaway bool           // the databases go away with the program
	Passwords password.Cost  // of checking one; the zero Cost is the usual one
}

// New makes a system from a configuration that was checked. Its sides are opened one by one.
func New(o Options) (*System, error) {
	if err := makeFolder(o.Config.Data); err != nil {
		return nil, err
	}
	box, err := OpenBox(o.Config, true)
	if err != nil {
		return nil, err
	}
	passwords, err := password.New(cmp.Or(o.Passwords, password.Usual))
	if err != nil {
		return nil, err
	}
	passwords.Breached = breached.At(o.Config.BreachedPasswordsFile())
	proxies, err := o.Config.ProxyNetworks()
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	s := &System{
		Options: o, box: box, passwords: passwords,
		registry: registry, metrics: web.NewMetrics(registry), proxies: proxies,
		entry: newEntry(),
	}
	registry.MustRegister(waiting("logins", s.entry), waiting("passwords", s.passwords.Turns()))
	s.fetch = fetch.New(s.reach())
	return s, nil
}

// How many new logins wait while there is too much to do, and how long any of them does.
const (
	maxWaitingLogins     = 512
	maxWaitingOfNetwork  = 256
	maxLoginPatience     = 2 * time.Second
	requestsPerProcessor = 16 // that may be under way before new logins wait
)

// newEntry makes the line in which new logins wait.
func newEntry() *line.Line {
	return line.New(line.Options{
		AtOnce: requestsPerProcessor * runtime.GOMAXPROCS(0), MaxWaiting: maxWaitingLogins,
		MaxEach: maxWaitingOfNetwork, Patience: maxLoginPatience,
	})
}

// waiting counts for those who run the system how many wait in a line.
func waiting(what string, l *line.Line) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "signpost_" + what + "_waiting", Help: "How many " + what + " wait because there is too much to do.",
	}, func() float64 { return float64(l.Waiting()) })
}

// runs reports whether a site runs here. What it alone needs, such as a key, need not be on other nodes.
func (s *System) runs(site string) bool { return s.sites == nil || slices.Contains(s.sites, site) }

// reach says where outgoing HTTP may go: to public addresses, and to the hosts that the operator names wherever they
// are.
func (s *System) reach() fetch.Options {
	return fetch.Options{AllowLoopback: s.Loopback, PrivateHosts: s.Config.TrustedHosts()}
}

// fetchAs makes outgoing HTTP whose User-Agent names a client, so that CIS2 can tell our sites apart
// though they call from one machine.
func (s *System) fetchAs(client string) *fetch.Client {
	o := s.reach()
	o.UserAgent = agentOf(client)
	return fetch.New(o)
}

func agentOf(client string) string { return "signpost (" + client + ")" }
