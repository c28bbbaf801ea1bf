package webtest

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
)

// Sealer seals forms that tests post without having read their page, as the page would have sealed them for whoever
// is logged in.
type Sealer struct {
	box      *seal.Box
	site     string
	loggedIn func(r *http.Request) string
	sealed   *http.ServeMux // has the site's routes that take sealed forms
}

// NewSealer makes a Sealer for the forms of a site, which has a name. loggedIn gives the id of whoever is logged in on
// the browser that sends a request, or nothing.
func NewSealer(site *web.Site, name string, box *seal.Box, loggedIn func(r *http.Request) string) *Sealer {
	s := &Sealer{box: box, site: name, loggedIn: loggedIn, sealed: http.NewServeMux()}
	for _, route := range site.Routes() {
		if route.Sealed {
			s.sealed.Handle(route.Pattern, http.NotFoundHandler())
		}
	}
	return s
}

// Seal adds the seal to the form that a request posts, unless it has one.
func (s *Sealer) Seal(r *http.Request) {
	if s == nil || r.Method == http.MethodGet || !plain(r) {
		return
	}
	if _, pattern := s.sealed.Handler(r); pattern == "" {
		return
	}
	s.SealFor(r, s.loggedIn(r))
}

// plain says whether a request posts a form as browsers do, or nothing.
func plain(r *http.Request) bool {
	kind := r.Header.Get("Content-Type")
	return kind == "" && r.ContentLength <= 0 || strings.HasPrefix(kind, "application/x-www-form-urlencoded")
}

// SealFor adds the seal of a form that was rendered for somebody, unless the request has one.
func (s *Sealer) SealFor(r *http.Request, id string) {
	s.add(r, s.box, s.site, r.URL.EscapedPath(), id)
}

func (s *Sealer) add(r *http.Request, box *seal.Box, site, path, id string) {
	addSeal(r, box, site, path, web.Author{ID: id, Name: "Name of " + id})
}

func addSeal(r *http.Request, box *seal.Box, site, path string, author web.Author) {
	if r.ContentLength > 192<<10 || strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return // more than most forms bring, or sealed by whoever made it
	}
	body, err := io.ReadAll(r.Body)
	if err == nil && !strings.Contains("&"+string(body), "&"+web.SealField+"=") {
		sealed, err := web.Seal(box, site, path, author)
		if err != nil {
			panic(err)
		}
		body = append(body, "&"+web.SealField+"="+url.QueryEscape(sealed)...)
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
}

var sealInput = regexp.MustCompile(`(name="` + web.SealField + `" value="|data-(?:options-)?seal=")[^"]*"`)

// Unquoted is the text of a page without the reference that it gives to quote, which is another each time.
func Unquoted(text string) string { return quotes.ReplaceAllString(text, "$1") }

var quotes = regexp.MustCompile(`(quote the reference) ?(?:<[^>]*>)?[2-9B-Z]{4} [2-9B-Z]{4}`)

// Unsealed gives a page without its seals, which are never twice the same.
func Unsealed(page string) string { return Unquoted(sealInput.ReplaceAllString(page, `$1"`)) }

// Context gives the context of a request that a site has answered, in which forms can be rendered.
func Context(t testing.TB) (ctx context.Context) {
	t.Helper()
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	s := web.New(web.Options{
		Name: "test", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()), Box: box,
	})
	s.Handle("GET /", web.Anyone, func(_ http.ResponseWriter, r *http.Request) error {
		ctx = r.Context()
		return nil
	})
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	return ctx
}

// SealOf gives the seal of the form on a page that is sent to a path, or nothing.
func SealOf(page, path string) string {
	_, form, _ := strings.Cut(page, `action="`+html.EscapeString(path)+`"`)
	form, _, _ = strings.Cut(form, "</form>")
	_, sealed, _ := strings.Cut(form, `name="`+web.SealField+`" value="`)
	sealed, _, _ = strings.Cut(sealed, `"`)
	return sealed
}
