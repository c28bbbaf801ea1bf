package web

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"golang.org/x/time/rate"

	"signpost/internal/platform/fault"
)

// everyday is what one address may ask of a site: whole hospitals share one, so it is generous.
var everyday = limit{perSecond: 100, burst: 400}

// services is what one address may ask of the routes that services' machines call. Who calls them proves
// itself with a key or a long secret, so that guessing is hopeless at any rate.
var services = limit{perSecond: 2000, burst: 8000}

// limit is how much one address may ask.
type limit struct {
	perSecond rate.Limit
	burst     int
}

// limits counts the requests of each address on this node. Limits that must hold over all nodes are
// counters in the database.
//
// It remembers addresses in two halves: those seen lately, and those seen before them. When the first
// half is full the second is forgotten, so that memory and time are bounded however many addresses come.
type limits struct {
	limit  limit
	half   int // addresses
	mu     sync.Mutex
	lately map[netip.Addr]*rate.Limiter
	before map[netip.Addr]*rate.Limiter
}

// maxAddresses bounds what one limit remembers; each takes about 200 bytes.
const maxAddresses = 20_000

func newLimits(l limit) *limits {
	return &limits{limit: l, half: maxAddresses / 2, lately: map[netip.Addr]*rate.Limiter{}}
}

func (l *limits) allow(a netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.of(network(a)).Allow()
}

// of gives an address's allowance, and moves it to those seen lately.
func (l *limits) of(a netip.Addr) *rate.Limiter {
	if one, found := l.lately[a]; found {
		return one
	}
	one, found := l.before[a]
	if !found {
		one = rate.NewLimiter(l.limit.perSecond, l.limit.burst)
	}
	if len(l.lately) >= l.half {
		l.before = l.lately
		l.lately = map[netip.Addr]*rate.Limiter{}
	}
	l.lately[a] = one
	return one
}

// network is what counts as one address: with IPv6, everybody is given 2^64 of them.
func network(a netip.Addr) netip.Addr {
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}

var (
	errBusy = fault.Keyed("busy", fault.SayCure(fault.TooMany,
		"Too many requests came from your network.", "Wait a minute, then try again."))
	errLarge = fault.Keyed("large", fault.SayCure(fault.Invalid,
		"What was sent is too large.", "Send less than 1 megabyte."))
	errOrigin = fault.Keyed("other-website", fault.SayCure(fault.Forbidden,
		"This request came from another website.", "Open the page again here and repeat what you did."))
)

// admit refuses a request that comes too often, is too large, or comes from a page of another origin.
// pattern is the route it is for.
func (s *Site) admit(r *http.Request, pattern string) error {
	l := s.limits
	if s.calls[pattern] {
		l = s.busier
	}
	if !l.allow(s.address(r)) {
		return errBusy
	}
	if r.ContentLength > maxBody {
		return errLarge
	}
	if err := s.origin.Check(r); err != nil {
		return errOrigin
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
