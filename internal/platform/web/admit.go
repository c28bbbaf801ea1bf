package web

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"signpost/internal/platform/fault"
)

// everyday is what one address may ask of a site: whole hospitals share one, so it is generous.
var everyday = limit{perSecond: 100, burst: 400}

// limit is how much one address may ask.
type limit struct {
	perSecond rate.Limit
	burst     int
}

// limits counts the requests of each address on this node. Limits that must hold over all nodes are
// counters in the database.
type limits struct {
	limit limit
	mu    *sync.Mutex
	seen  map[netip.Addr]*allowance
}

type allowance struct {
	rate *rate.Limiter
	last time.Time
}

func newLimits(l limit) limits {
	return limits{limit: l, mu: new(sync.Mutex), seen: map[netip.Addr]*allowance{}}
}

// mostAddresses bounds the memory; past it those not seen for a while are forgotten.
const mostAddresses = 20_000

func (l limits) allow(a netip.Addr) bool {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.seen) > mostAddresses {
		l.forget(now.Add(-time.Minute))
	}
	one, found := l.seen[a]
	if !found {
		one = &allowance{rate: rate.NewLimiter(l.limit.perSecond, l.limit.burst)}
		l.seen[a] = one
	}
	one.last = now
	return one.rate.AllowN(now, 1)
}

func (l limits) forget(before time.Time) {
	for a, one := range l.seen {
		if one.last.Before(before) {
			delete(l.seen, a)
		}
	}
}

var errBusy = fault.SayCure(fault.TooMany, "Too many requests came from your network.", "Wait a minute, then try again.")

// admit refuses a request that comes too often, or from a page of another origin.
func (s *Site) admit(r *http.Request) error {
	if !s.limits.allow(s.address(r)) {
		return errBusy
	}
	if err := s.origin.Check(r); err != nil {
		return fault.SayCure(fault.Forbidden, "This request came from another website.", "Open the page again here and repeat what you did.")
	}
	return nil
}

// PerMinute lets one address come to h n times a minute on this node, for what costs much or guesses.
func (s *Site) PerMinute(n int, h Handler) Handler {
	l := newLimits(limit{perSecond: rate.Limit(float64(n) / 60), burst: n})
	return func(w http.ResponseWriter, r *http.Request) error {
		if !l.allow(s.address(r)) {
			return errBusy
		}
		return h(w, r)
	}
}

// address is who is asking: the peer, or whom a trusted proxy says it forwards for.
func (s *Site) address(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	from := peer.Addr().Unmap()
	for _, p := range s.o.TrustedProxies {
		if p.Contains(from) {
			return forwardedFor(r, from)
		}
	}
	return from
}

// forwardedFor is the last address a trusted proxy added; those before it are the client's own claim.
func forwardedFor(r *http.Request, proxy netip.Addr) netip.Addr {
	all := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
	if a, err := netip.ParseAddr(strings.TrimSpace(all[len(all)-1])); err == nil {
		return a.Unmap()
	}
	return proxy
}
