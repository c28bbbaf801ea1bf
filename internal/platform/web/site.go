// Package web serves a site: it has handlers that return errors, one place that shows them, guards on the route line,
// security headers, limits, and one log line for each request. It does not know what any site is about.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"

	"github.com/a-h/templ"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/line"
	"signpost/internal/platform/saved"
	"signpost/internal/platform/seal"
)

// Handler answers a request, or returns an error and writes nothing.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Guard says who may come to a route. It gives the request on, with what it learned in its context, or
// an error: a fault, or a Redirect to where the person must go first. A request given with an error says who they are.
type Guard struct {
	Name  string // as the route list shows it
	Check func(w http.ResponseWriter, r *http.Request) (*http.Request, error)
}

// Anyone may come.
var Anyone = Guard{Name: "anyone", Check: func(_ http.ResponseWriter, r *http.Request) (*http.Request, error) {
	return r, nil
}}

// Options say how a site is made.
type Options struct {
	Name           string // for logs and metrics: "dos", "cis2", "cim"
	Log            *slog.Logger
	Metrics        *Metrics
	TrustedProxies []netip.Prefix // only these may say for whom they forward
	Gateways       []netip.Prefix // networks behind which many people are, such as a hospital's way out
	// Box seals every form that is posted to the site for whom it was rendered. A site without forms needs none.
	Box *seal.Box
	// Entry is where new logins wait for all the requests that are under way, of this site and of those that share it;
	// nil lets everybody in at once.
	Entry *line.Line
	// ErrorPage shows a failure; it is the only page that does.
	ErrorPage func(r *http.Request, f Failure) templ.Component
	// AnotherAuthor answers a form that was rendered for somebody other than who sends it. Unless it is given, the
	// form is refused as any that clashes with a change.
	AnotherAuthor func(w http.ResponseWriter, r *http.Request, author Author) error
	// Saved reports whether an update of a request that is sent again was saved the first time. A site without it does
	// all that it is sent.
	Saved func(ctx context.Context, u saved.Update) (bool, error)
}

// Route is one line of a site's list of routes.
type Route struct {
	Pattern string // as http.ServeMux takes it: "GET /account"
	Guard   string
	Page    string   // of a form: the path of the page that it stands on, as its route has it
	Form    bool     // people send a form to it
	Sealed  bool     // a request must carry the seal of its form
	Fields  []string // what the form asks
}

// Site is one origin's routes.
type Site struct {
	o      Options
	mux    *http.ServeMux
	origin *http.CrossOriginProtection
	routes []Route
	limits *limits // of people's addresses
	busier *limits // of addresses that whole services call from
	calls  map[string]bool
	begins map[string]func(r *http.Request) bool // of each pattern that begins a login: whether one goes first
	pages  map[string]string                     // of each pattern of a form, the page that the form stands on
	files  map[string]Taken                      // of each pattern of a form that brings files, which

	uploads uploads // that are under way

	failures *Guard // says who looks at the page of a failure; nil where failures have no page of their own
}

// New makes a site without routes.
func New(o Options) *Site {
	return &Site{
		o: o, mux: http.NewServeMux(), origin: http.NewCrossOriginProtection(), limits: newLimits(everyday),
		busier: newLimits(services), calls: map[string]bool{}, pages: map[string]string{},
		begins: map[string]func(r *http.Request) bool{}, files: map[string]Taken{},
	}
}

// Handle answers a pattern for GET with h for those whom the guard lets through.
func (s *Site) Handle(pattern string, g Guard, h Handler) {
	if !strings.HasPrefix(pattern, http.MethodGet+" ") {
		panic(pattern + " is of a form, which HandlePost or HandleForm handles")
	}
	s.handle(Route{Pattern: pattern, Guard: g.Name}, g, h)
}

// HandlePost answers what is posted to a path with h for those whom the guard lets through. A request must carry the
// seal of its form, arrive whole, and come from the person for whom the form was rendered. page is the path of the page
// that the form stands on, with names of the path in it; who opens the path itself goes there.
func (s *Site) HandlePost(path, page string, g Guard, h Handler) {
	if s.o.Box == nil {
		panic("the site " + s.o.Name + " has forms, and nothing to seal them with")
	}
	pattern := http.MethodPost + " " + path
	s.pages[pattern] = page
	s.handle(Route{Pattern: pattern, Guard: g.Name, Page: page, Sealed: true}, g, h)
}

func (s *Site) handle(route Route, g Guard, h Handler) {
	s.routes = append(s.routes, route)
	s.mux.HandleFunc(route.Pattern, func(w http.ResponseWriter, r *http.Request) {
		s.answer(w, r, route, g, h)
	})
}

// HandleForm is HandlePost for a form that people fill in, whose fields the list of routes then names.
func (s *Site) HandleForm(path, page string, fields []string, g Guard, h Handler) {
	s.HandlePost(path, page, g, h)
	added := &s.routes[len(s.routes)-1]
	added.Form = true
	added.Fields = fields
}

// HandleFromAnywhere is HandlePost for the few routes to which other origins' pages may post, which need no seal.
func (s *Site) HandleFromAnywhere(pattern string, g Guard, h Handler) {
	s.origin.AddInsecureBypassPattern(pattern)
	s.handle(Route{Pattern: pattern, Guard: g.Name}, g, h)
}

// HandleCalls is Handle for what other services' machines call, which need no seal: a busy service makes all its
// people's calls from one address, and failures are JSON.
func (s *Site) HandleCalls(pattern string, g Guard, h Handler) {
	s.calls[pattern] = true
	s.handle(Route{Pattern: pattern, Guard: g.Name}, g, h)
}

// HandlePlain answers pattern with a handler that needs nothing of the kit, such as static files.
func (s *Site) HandlePlain(pattern string, h http.Handler) {
	s.routes = append(s.routes, Route{Pattern: pattern, Guard: Anyone.Name})
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		note(r.Context()).pattern = r.Pattern
		h.ServeHTTP(w, r)
	})
}

// Routes lists what the site answers, in the order it was added.
func (s *Site) Routes() []Route { return s.routes }

// ServeHTTP answers a request of the site.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.observe(w, r, func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		_, pattern := s.mux.Handler(r)
		r.Body = http.MaxBytesReader(w, r.Body, s.maxBytes(pattern))
		note(r.Context()).program = s.forPrograms(r, pattern)
		if err := s.admit(r, pattern); err != nil {
			s.fail(w, r, err)
			return
		}
		if pattern == "" {
			s.answerUnrouted(w, r)
			return
		}
		sent, err := s.upload(r, pattern)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		defer sent()
		ctx, end, err := s.enter(r, pattern)
		r = r.WithContext(ctx)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		defer end()
		answeringEnds(w, end)
		s.mux.ServeHTTP(w, r)
	})
}

// maxBody is the largest request body that is taken, in bytes, but of forms that bring larger files: a batch of the
// extract's longest questions fits. As many may wait in memory at once as connections may be open, from people whom
// nobody knows.
const maxBody = 192 << 10

// answer runs a route's guard and handler and shows the error of either. A form that was rendered for somebody else is
// answered as that, also where the guard would refuse whoever sends it.
func (s *Site) answer(w http.ResponseWriter, r *http.Request, route Route, g Guard, h Handler) {
	note(r.Context()).pattern = r.Pattern
	err := caught(func() error {
		allowed, err := g.Check(w, r)
		if allowed != nil {
			r = allowed // an error page too may know who they are
		}
		if route.Sealed && (err == nil || errors.Is(err, fault.Forbidden)) {
			if answered, problem := s.checkSeal(w, r); answered || problem != nil {
				return problem
			}
			forgetSent(w, r)
		}
		if err != nil {
			return err
		}
		if route.Sealed {
			if answered, problem := s.repeated(w, r, route); answered || problem != nil {
				return problem
			}
		}
		return h(w, r)
	})
	if err != nil {
		s.fail(w, r, err)
	}
}
