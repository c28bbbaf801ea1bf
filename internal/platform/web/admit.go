package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"sync"

	"golang.org/x/time/rate"

	"signpost/internal/platform/connections"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/line"
	"signpost/internal/platform/peer"
)

// everyday bounds what one address may ask of a site: whole hospitals share one, so it is generous.
var everyday = limit{perSecond: 100, burst: 400}

// services bounds what one address may ask of the routes that services' machines call. Who calls them proves
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
	sites  *limits // of whole sites with IPv6; nil within it
}

// maxAddresses bounds what one limit remembers; each takes about 200 bytes.
const maxAddresses = 20_000

// maxShare is how many networks' worth a whole site with IPv6 may ask.
const maxShare = 16

func newLimits(l limit) *limits {
	one := limitsOf(l)
	one.sites = limitsOf(limit{perSecond: l.perSecond * maxShare, burst: l.burst * maxShare})
	return one
}

func limitsOf(l limit) *limits {
	return &limits{limit: l, half: maxAddresses / 2, lately: map[netip.Addr]*rate.Limiter{}}
}

// allow counts a request of an address. With IPv6 it is counted for the network, of which everybody has at least one,
// and for the site, which may have 65,536 of them (RFC 6177).
func (l *limits) allow(a netip.Addr) bool {
	if a.Is6() && !l.sites.count(peer.Network(a, peer.SiteBits)) {
		return false
	}
	return l.count(peer.Network(a, peer.NetworkBits))
}

func (l *limits) count(network netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.of(network).Allow()
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

var (
	errBusy = fault.Keyed("busy", fault.SayCure(fault.TooMany,
		"Too many requests came from your network.", "Wait a minute, then try again."))
	errLarge = fault.Keyed("large", fault.SayCure(fault.Invalid,
		"What was sent is too large.", "Send less than 190 kilobytes."))
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
	if r.ContentLength > s.maxBytes(pattern) {
		return s.tooLarge(pattern)
	}
	if err := s.origin.Check(r); err != nil {
		return errOrigin
	}
	return nil
}

// tooLarge says of a request of a pattern that it is too large.
func (s *Site) tooLarge(pattern string) error {
	if s.maxBytes(pattern) > maxBody {
		return errFiles
	}
	return errLarge
}

// Taken says which files a form may bring.
type Taken struct {
	Values   []string // fields whose value is what the file in them has
	Attached []string // fields in which files are chosen that FilesOf gives
	MaxBytes int64    // how large a request with the form may be; 0 for as large as any other
}

// TakeFiles lets the form that is sent to a path bring files.
func (s *Site) TakeFiles(path string, t Taken) { s.files[http.MethodPost+" "+path] = t }

// maxBytes is how large a request of a pattern may be.
func (s *Site) maxBytes(pattern string) int64 { return max(maxBody, s.files[pattern].MaxBytes) }

// Requests that are larger than usual take memory until they are answered: so many are read at a time, and so many of
// them from one network.
const (
	maxUploads     = 4
	maxUploadsEach = 2
)

var (
	errFiles = fault.Keyed("large-files", fault.SayCure(fault.Invalid, "The files are too large. Nothing was sent.",
		"Go back, and choose at most 3 files, each of at most 5 megabytes."))
	errUploads = fault.Keyed("many-files", fault.SayCure(fault.Busy,
		"Too many files are being sent at the moment. Nothing was saved.", "Wait a minute, then send it again."))
)

// uploads counts the large requests that are under way.
type uploads struct {
	mu   sync.Mutex
	all  int
	each map[netip.Addr]int
}

// begin counts a request, or refuses it. The function ends the count.
func (u *uploads) begin(from netip.Addr) (end func(), err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.all >= maxUploads || u.each[from] >= maxUploadsEach {
		return nil, errUploads
	}
	if u.each == nil {
		u.each = map[netip.Addr]int{}
	}
	u.all++
	u.each[from]++
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.all--
		if u.each[from]--; u.each[from] == 0 {
			delete(u.each, from)
		}
	}, nil
}

// upload counts a request that is larger than usual, and refuses one too many.
func (s *Site) upload(r *http.Request, pattern string) (end func(), err error) {
	if s.maxBytes(pattern) == maxBody || r.ContentLength >= 0 && r.ContentLength <= maxBody {
		return func() {}, nil
	}
	return s.uploads.begin(s.address(r))
}

// errCrowded is said to whoever would begin a login while there is too much to do.
var errCrowded = fault.Keyed("crowded", fault.SayCure(fault.Busy,
	"Too many people are logging in at the moment.", "Wait 10 seconds, then try again."))

// Begins declares that requests of a pattern begin a login: where there is too much to do they wait, and are told to
// come again if that takes long. Those that first reports go before others; it may be nil.
func (s *Site) Begins(pattern string, first func(r *http.Request) bool) {
	if first == nil {
		first = func(*http.Request) bool { return false }
	}
	s.begins[pattern] = first
}

// enter lets a request in that has arrived whole. One that begins a login waits for its turn; any other is only counted
// until its answer begins, so that nobody who sends or reads slowly keeps others waiting.
func (s *Site) enter(r *http.Request, pattern string) (ctx context.Context, end func(), err error) {
	ctx = r.Context()
	if err := readWhole(r); err != nil {
		note(ctx).pattern = pattern // no handler will say so
		// The server ended the context with the reading, but whoever sent so slowly is there to be told.
		return context.WithoutCancel(ctx), nil, err
	}
	if s.o.Entry == nil {
		return ctx, func() {}, nil
	}
	first, begins := s.begins[pattern]
	if !begins {
		ctx, end = s.o.Entry.Count(ctx)
		return ctx, end, nil
	}
	end, err = s.o.Entry.Wait(ctx, line.Who{Key: note(ctx).network(), First: first(r)})
	if errors.Is(err, line.ErrFull) {
		err = errCrowded
	}
	if err != nil {
		note(ctx).pattern = pattern // no handler will say so
		return ctx, nil, err
	}
	return line.With(ctx, end), end, nil
}

// answeringEnds calls end when the answer begins.
func answeringEnds(w http.ResponseWriter, end func()) {
	if out, is := w.(*recorder); is {
		out.begins = end
	}
}

// errSlow is said to somebody whose request did not arrive whole in time.
var errSlow = fault.Keyed("slow", fault.SayCure(fault.Invalid,
	"What was sent took too long to arrive. Nothing was changed.", "Check your connection, then send it again."))

// firstPart is how much of a request must have come before there is room for all of it: many that send nothing but the
// length of a request take no memory.
const firstPart = 16 << 10 // bytes

// readWhole reads the body of a request, as far as one may be. Whoever reads it later finds the same, and the same
// error at its end. The error is errSlow where the rest did not arrive in time.
func readWhole(r *http.Request) error {
	if r.ContentLength == 0 {
		return nil
	}
	var body bytes.Buffer
	_, err := io.CopyN(&body, r.Body, firstPart)
	if err == nil {
		body.Grow(int(max(r.ContentLength-firstPart, 0)) + bytes.MinRead) // in one piece: what it outgrows waits too
		_, err = body.ReadFrom(r.Body)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if errors.Is(err, connections.ErrSlow) {
		return fmt.Errorf("%w: %w", errSlow, err)
	}
	if err == nil {
		err = io.EOF
	}
	r.Body = io.NopCloser(io.MultiReader(&body, endsWith{err}))
	return nil
}

// endsWith gives nothing but an error.
type endsWith struct{ err error }

// Read gives the error.
func (e endsWith) Read([]byte) (int, error) { return 0, e.err }

// behindGateway is how many people's worth a gateway may ask of what others may have a few times a minute.
const behindGateway = 25

// PerMinute lets one address come to h n times a minute on this node, for what costs much or guesses. An address of a
// gateway may come more often.
func (s *Site) PerMinute(n int, h Handler) Handler {
	perMinute := func(n int) *limits { return newLimits(limit{perSecond: rate.Limit(float64(n) / 60), burst: n}) }
	usual := perMinute(n)
	ofGateway := perMinute(n * behindGateway)
	return func(w http.ResponseWriter, r *http.Request) error {
		l := usual
		from := s.address(r)
		if slices.ContainsFunc(s.o.Gateways, func(g netip.Prefix) bool { return g.Contains(from.Unmap()) }) {
			l = ofGateway
		}
		if !l.allow(from) {
			return errBusy
		}
		return h(w, r)
	}
}

// address gives who is asking.
func (s *Site) address(r *http.Request) netip.Addr { return peer.Address(r, s.o.TrustedProxies) }
