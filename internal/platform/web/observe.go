package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/peer"
	"signpost/internal/platform/reference"
	"signpost/internal/platform/saved"
	"signpost/internal/platform/seal"
)

// noted holds what a request's log line is made of.
type noted struct {
	id      string // the reference that people read out
	quote   string // the one of the request that sent the browser here, if its page is about that
	quoted  string // the one that a page of this request gives to quote in place of its own
	pattern string // the route, so that no secret in an address is logged
	from    netip.Addr
	by      actor.Actor
	err     error
	program bool // a program makes it, which wants JSON
	extra   []slog.Attr
	site    *Site

	cameBack *Entries // of a form with problems on the page that answers
	restored bool     // a form on the page came back
}

type notedKey struct{}

// note gives the request's notes; outside a request, notes that nobody reads.
func note(ctx context.Context) *noted {
	if n, ok := ctx.Value(notedKey{}).(*noted); ok {
		return n
	}
	return &noted{}
}

// RequestID is the id of the request: the reference by which its log line and its events are found.
func RequestID(ctx context.Context) string { return note(ctx).id }

// Reference gives what to quote when asking for help: the id of the request that SeeOnce answered, if the
// page is about that, or of this one.
func Reference(ctx context.Context) string { return cmp.Or(note(ctx).quote, note(ctx).id) }

// WithActor says who makes the request: a guard calls it once it knows.
func WithActor(r *http.Request, by actor.Actor) { note(r.Context()).by = InRequest(r, by) }

// InRequest gives an actor with the request that it makes, and where that came from, so that what is refused says so.
func InRequest(r *http.Request, by actor.Actor) actor.Actor {
	n := note(r.Context())
	by.Request = n.id
	by.Network = n.network()
	by.Address = n.address()
	return by
}

// Actor is who makes the request: whom the guard found, or a stranger.
func Actor(r *http.Request) actor.Actor {
	by := note(r.Context()).by
	if by.Kind == "" {
		return InRequest(r, actor.Actor{Kind: actor.Stranger})
	}
	return by
}

// network names the network that the request came from, as lines and mailed codes count by it: with IPv6 the whole
// site, which is to IPv6 what one address is to IPv4.
func (n *noted) network() string {
	if !n.from.IsValid() {
		return ""
	}
	return peer.Network(n.from, peer.SiteBits).String()
}

// address names the address that the request came from.
func (n *noted) address() string {
	if !n.from.IsValid() {
		return ""
	}
	return n.from.Unmap().WithZone("").String()
}

// Address is where the request comes from: the peer, or whom a trusted proxy says it forwards for. It is
// not valid outside a request, or where the peer has no address.
func Address(r *http.Request) netip.Addr { return note(r.Context()).from }

// Log adds to the request's log line. It must not be given secrets or personal details.
func Log(r *http.Request, extra ...slog.Attr) {
	n := note(r.Context())
	n.extra = append(n.extra, extra...)
}

// observe runs next with notes, and writes one log line and the metrics when it is done.
func (s *Site) observe(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	n := &noted{id: reference.New(), from: s.address(r), site: s}
	r = r.WithContext(saved.Watch(context.WithValue(r.Context(), notedKey{}, n)))
	out := &recorder{ResponseWriter: w, status: http.StatusOK}
	begun := time.Now()
	defer func() {
		if p := recover(); p != nil {
			s.panicked(out, n, p)
		}
		took := time.Since(begun)
		s.o.Metrics.served(s.o.Name, n.pattern, out.status, took)
		s.log(r, n, out.status, took)
	}()
	next(out, r)
}

// panicked answers as plainly as can be: something of the kit itself has panicked.
func (s *Site) panicked(out *recorder, n *noted, p any) {
	n.err = errors.Join(n.err, fmt.Errorf("panic outside a handler: %v\n%s", p, debug.Stack()))
	s.o.Metrics.failed(s.o.Name, n.err)
	if !out.begun {
		http.Error(out, unexpected.Title, unexpected.Status)
	}
}

// caught runs fn and makes a panic of it an error like any other.
func caught(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn()
}

func (s *Site) log(r *http.Request, n *noted, status int, took time.Duration) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("request", n.id), slog.String("site", s.o.Name), slog.String("method", r.Method),
		slog.String("route", n.pattern), slog.Int("status", status), slog.Int64("micros", took.Microseconds()),
	}
	if n.by.ID != "" {
		attrs = append(attrs, slog.String("actor", n.by.ID))
	}
	if n.err != nil {
		attrs = append(attrs, slog.String("error", n.err.Error()))
		level = levelOf(r, n.err)
	}
	s.o.Log.LogAttrs(r.Context(), level, "request", append(attrs, n.extra...)...)
}

// levelOf gives the level at which an error is logged. Those that somebody must look at are errors of nobody's asking,
// and what does not answer.
func levelOf(r *http.Request, err error) slog.Level {
	f, known := fault.From(err)
	if hungUp(r, err) || known && f.Code != fault.Unavailable && f.Code != fault.Unknown {
		return slog.LevelInfo
	}
	return slog.LevelError
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	begun  bool
	begins func() // is called when the answer begins; may be nil
}

// begin notes that the answer begins.
func (o *recorder) begin() {
	if !o.begun && o.begins != nil {
		o.begins()
	}
	o.begun = true
}

// WriteHeader notes the status.
func (o *recorder) WriteHeader(status int) {
	if !o.begun {
		o.status = status
	}
	o.begin()
	o.ResponseWriter.WriteHeader(status)
}

// Write notes that the answer has begun.
func (o *recorder) Write(b []byte) (int, error) {
	o.begin()
	return o.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (o *recorder) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// Quoted holds what a reference says by itself: which site refused or failed, in which way, and in which
// ten minutes.
type Quoted struct {
	Site string
	Code fault.Code // empty for what nobody foresaw
	At   time.Time  // their beginning
}

// The sites and failures that a reference can tell. New ones are added at the end: references of before stay true.
var (
	toldSites = []string{"", "dos", "cis2", "cim"}
	toldCodes = []fault.Code{"", fault.Invalid, fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.Method,
		fault.Conflict, fault.Expired, fault.TooMany, fault.Unavailable, fault.Busy, fault.Unknown}
)

// kindOf numbers a failure of a site, from 1; of a site that references cannot tell it is 0.
func kindOf(site string, code fault.Code) int {
	at := slices.Index(toldSites, site)
	if at < 1 {
		return 0
	}
	return (at-1)*len(toldCodes) + max(0, slices.Index(toldCodes, code)) + 1
}

func quotedOf(kind int, at time.Time) (Quoted, bool) {
	site := (kind-1)/len(toldCodes) + 1
	if kind < 1 || site >= len(toldSites) {
		return Quoted{}, false
	}
	return Quoted{Site: toldSites[site], Code: toldCodes[(kind-1)%len(toldCodes)], At: at}, true
}

// Told reads a reference that says by itself what it is about, as Quote makes it.
func Told(box *seal.Box, ref string, now time.Time) (Quoted, bool) {
	kind, at, told := reference.Teller{Digest: box.Digest}.Told(ref, now)
	if !told {
		return Quoted{}, false
	}
	return quotedOf(kind, at)
}

// Quote gives a page about a refusal or a failure what to quote when asking for help. Where an event says what was
// refused, it is the request's reference. Nothing is kept of all else, such as of guesses at names that nobody has:
// then it is one that itself says what it was and when, and looks the same.
func Quote(ctx context.Context, code fault.Code) string {
	n := note(ctx)
	if n.quote != "" || saved.Refusal(ctx) || n.site == nil || n.site.o.Box == nil {
		return Reference(ctx)
	}
	if n.quoted == "" {
		teller := reference.Teller{Digest: n.site.o.Box.Digest}
		n.quoted = teller.New(kindOf(n.site.o.Name, code), time.Now())
		n.extra = append(n.extra, slog.String("quoted", n.quoted))
	}
	return n.quoted
}
