package webtest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
)

// Walk tries every route of a site to which something can be sent, with forms of others.
type Walk struct {
	Site   *web.Site
	Sealer *Sealer
	// Open gives the cookies of a new browser that may use a route, and the path at which the route answers it.
	Open func(route web.Route) (cookies map[string]string, path string)
	// Samples are what is typed into fields of a name, or of a route's pattern, a space and a name.
	Samples map[string]string
	// Unsealed lists the patterns to which no person sends a form.
	Unsealed []string
	// Changed counts what was changed.
	Changed func() int64
}

// attack sends a form to a path in the wrong way.
type attack struct {
	name string
	form func(s *Sealer, r *http.Request, path string)
	want string // the page says so
}

var attacks = []attack{
	{"without a seal", func(*Sealer, *http.Request, string) {}, "does not belong to this page"},
	{"of another person", func(s *Sealer, r *http.Request, path string) {
		s.add(r, s.box, s.site, path, "mallory")
	}, ""},
	{"of another path", func(s *Sealer, r *http.Request, path string) {
		s.add(r, s.box, s.site, path+"/more", s.loggedIn(r))
	}, "does not belong to this page"},
	{"of another site", func(s *Sealer, r *http.Request, path string) {
		s.add(r, s.box, s.site+"2", path, s.loggedIn(r))
	}, "does not belong to this page"},
	{"that did not arrive whole", func(s *Sealer, r *http.Request, path string) {
		addSeal(r, s.box, s.site, path, web.Author{ID: s.loggedIn(r), Fields: []string{"asked-days"}})
	}, "Only a part of this form arrived"},
	{"sealed by a stranger", func(s *Sealer, r *http.Request, path string) {
		box, err := seal.New(random.Bytes(32))
		if err != nil {
			panic(err)
		}
		s.add(r, box, s.site, path, s.loggedIn(r))
	}, "does not belong to this page"},
}

// Run fails the test if a form of another is not refused, or changes something. Each honest form is sent first, so that
// nothing else refuses those of others.
func (w Walk) Run(t *testing.T) {
	t.Helper()
	tried := 0
	accepted := 0
	var unsealed []string
	for _, route := range w.Site.Routes() {
		if strings.HasPrefix(route.Pattern, http.MethodGet+" ") {
			continue
		}
		if !route.Sealed {
			unsealed = append(unsealed, route.Pattern)
			continue
		}
		honest := func(s *Sealer, r *http.Request, path string) { s.add(r, s.box, s.site, path, s.loggedIn(r)) }
		if got, _ := w.try(route, honest); refused(got) {
			t.Errorf("%s: the honest form is refused: %d", route.Pattern, got.Code)
		}
		for _, a := range attacks {
			tried++
			got, changed := w.try(route, a.form)
			if !refused(got) || changed != 0 || !strings.Contains(got.Body.String(), a.want) {
				accepted++
				t.Errorf("%s, a form %s: %d, %d changes: %s", route.Pattern, a.name, got.Code, changed, got.Body)
			}
		}
	}
	slices.Sort(unsealed)
	if want := slices.Sorted(slices.Values(w.Unsealed)); !slices.Equal(unsealed, want) {
		t.Errorf("routes without a seal: %q, want %q", unsealed, want)
	}
	t.Logf("forms of others: tried %d, accepted %d", tried, accepted)
	if tried == 0 {
		t.Error("nothing was tried")
	}
}

// Looks opens the address of every form, as somebody does who presses Enter in the address bar after sending one, and
// fails the test if no page is there to which it leads.
func (w Walk) Looks(t *testing.T) {
	t.Helper()
	pages := http.NewServeMux()
	for _, route := range w.Site.Routes() {
		if strings.HasPrefix(route.Pattern, http.MethodGet+" ") {
			pages.Handle(route.Pattern, http.NotFoundHandler())
		}
	}
	tried := 0
	for _, route := range w.Site.Routes() {
		if !route.Sealed {
			continue
		}
		tried++
		cookies, at := w.Open(route)
		b := &Browser{Site: w.Site, Cookies: cookies}
		answer := b.Do(Request(http.MethodGet, at, nil))
		if _, found := pages.Handler(Request(http.MethodGet, at, nil)); found != "" {
			continue // its page is at its own address
		}
		to := answer.Header().Get("Location")
		_, found := pages.Handler(Request(http.MethodGet, cmp.Or(to, "/nowhere"), nil))
		if answer.Code != http.StatusSeeOther || found == "" {
			t.Errorf("the address of %s: %d, to %q", route.Pattern, answer.Code, to)
			continue
		}
		page := b.Do(Request(http.MethodGet, to, nil))
		if page.Code == http.StatusMethodNotAllowed {
			t.Errorf("the address of %s leads to %s: %d", route.Pattern, to, page.Code)
		}
	}
	if tried == 0 {
		t.Error("nothing was tried")
	}
}

// try sends a form in a new browser, and gives the answer and how much it changed.
func (w Walk) try(route web.Route, form func(*Sealer, *http.Request, string),
) (answer *httptest.ResponseRecorder, changed int64) {
	b, r := w.filledIn(route, form)
	before := w.Changed()
	answer = b.serve(r)
	if page := NothingDone(answer.Code, answer.Header()); page != "" {
		answer = b.Send(Request(http.MethodGet, page, nil))
	}
	return answer, w.Changed() - before
}

// walked counts the browsers of all walks, which come from different addresses, as one may not ask so much.
var walked atomic.Int64

// filledIn gives a form that is about to be sent from a new browser.
func (w Walk) filledIn(route web.Route, form func(*Sealer, *http.Request, string)) (*Browser, *http.Request) {
	cookies, path := w.Open(route)
	n := walked.Add(1)
	b := &Browser{
		Site: w.Site, Cookies: maps.Clone(cookies), Address: fmt.Sprintf("10.1.%d.%d:1234", n>>8&255, n&255),
	}
	r := Request(http.MethodPost, path, url.Values{})
	b.addCookies(r)
	form(w.Sealer, r, r.URL.EscapedPath())
	return b, r
}

// Answers sends every form of a site in each wrong way, and once as it should be, and fails the test if an error page
// answers the post itself, or cannot be loaded again.
func (w Walk) Answers(t *testing.T) {
	t.Helper()
	honest := attack{"as it should be", func(s *Sealer, r *http.Request, path string) {
		s.add(r, s.box, s.site, path, s.loggedIn(r))
	}, ""}
	apart := 0
	for _, route := range w.Site.Routes() {
		if !route.Sealed {
			continue
		}
		for _, a := range append(slices.Clone(attacks), honest) {
			b, r := w.filledIn(route, a.form)
			answer := b.serve(r)
			if answer.Code >= http.StatusBadRequest {
				t.Errorf("%s, a form %s: the post itself is answered with %d", route.Pattern, a.name, answer.Code)
			}
			if to := answer.Header().Get("Location"); strings.HasPrefix(to, web.FailedPath) {
				apart++
				checkFailure(t, b, route.Pattern, to)
			}
		}
	}
	t.Logf("error pages at an address of their own: %d", apart)
	if apart == 0 {
		t.Error("no form was refused")
	}
}

// checkFailure loads the page of a failure twice, and wants the same reference on it.
func checkFailure(t *testing.T, b *Browser, pattern, to string) {
	t.Helper()
	first := b.Send(Request(http.MethodGet, to, nil))
	again := b.Send(Request(http.MethodGet, to, nil))
	if first.Code < http.StatusBadRequest || again.Code != first.Code ||
		Unsealed(first.Body.String()) != Unsealed(again.Body.String()) {
		t.Errorf("%s failed at %s: %d, and %d when it is loaded again", pattern, to, first.Code, again.Code)
	}
}

// refused reports whether an answer refuses a form for its seal.
func refused(answer *httptest.ResponseRecorder) bool {
	page := answer.Body.String()
	if answer.Header().Get("Location") == "/" &&
		strings.Contains(strings.Join(answer.Header().Values("Set-Cookie"), " "), "note-interruption") {
		return true // its author is not logged in any more
	}
	if answer.Code == http.StatusUnprocessableEntity && strings.Contains(page, "Only a part of this form arrived") {
		return true
	}
	if answer.Code == http.StatusSeeOther && answer.Header().Get("Location") == "/another-person" {
		return true // the page that says whose form it is
	}
	return answer.Code == http.StatusConflict && (strings.Contains(page, "does not belong to this page") ||
		strings.Contains(page, "opened before") || strings.Contains(page, "Name of mallory"))
}

// Stale sends every form some time after its sender proved who they are, and fails the test if one of those that want
// names does not ask them to prove it once more, or changes something, or if another one does ask. wait lets that time
// pass; asks tells an answer that leads to where they prove it.
func (w Walk) Stale(t *testing.T, wait func(), asks func(answer *httptest.ResponseRecorder) bool, want ...string) {
	t.Helper()
	var asking []string
	for _, route := range w.Site.Routes() {
		if !route.Sealed {
			continue
		}
		b, r := w.filledIn(route, func(s *Sealer, r *http.Request, path string) {
			s.add(r, s.box, s.site, path, s.loggedIn(r))
		})
		wait()
		before := w.Changed()
		if !asks(b.serve(r)) {
			continue
		}
		asking = append(asking, route.Pattern)
		if n := w.Changed() - before; n != 0 {
			t.Errorf("%s asks for a proof and makes %d changes", route.Pattern, n)
		}
	}
	slices.Sort(asking)
	slices.Sort(want)
	if !slices.Equal(asking, want) {
		t.Errorf("these ask for a fresh proof:\n%q\nwant:\n%q", asking, want)
	}
}
