package logintest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"

	"signpost/internal/careid/provider/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

// Browser is one browser. It keeps cookies and does not follow where answers lead.
type Browser struct {
	World   *World
	Cookies map[string]string
	header  string // of authorisation; empty for none
	Agent   string // what it says it is
	Address string // it comes from
}

// browsers counts the browsers of all tests: each comes from an address of its own, as people do.
var browsers atomic.Uint32

// BrowserWith makes a browser that sends an Authorization header with each request.
func (w *World) BrowserWith(header string) *Browser {
	b := w.Browser()
	b.header = header
	return b
}

// machine makes a browser that calls from the address of the service's token requests.
func (w *World) machine() *Browser {
	b := w.Browser()
	b.Address = httptest.NewRequest(http.MethodGet, "/", nil).RemoteAddr
	return b
}

// Sealer seals the forms that tests post without having read their page: those of people's own sessions for whoever is
// logged in on the browser, those of a sign-in or a binding for nobody, as they are bound to it by their path.
func (w *World) Sealer() *webtest.Sealer {
	site, is := w.serve().(*web.Site)
	if !is {
		site = w.Site
	}
	return webtest.NewSealer(site, "cis2", w.Box, func(r *http.Request) string {
		if !strings.HasPrefix(r.URL.Path, "/my-sessions") && !strings.HasPrefix(r.URL.Path, "/sign-out/") {
			return ""
		}
		s, err := w.Provider.Sessions().Find(w.Context(), web.Cookie(r, session.Cookie))
		if err != nil {
			return ""
		}
		return s.Subject
	})
}

// Browser makes a browser without cookies.
func (w *World) Browser() *Browser {
	n := browsers.Add(1)
	return &Browser{
		World: w, Cookies: map[string]string{}, Address: fmt.Sprintf("10.%d.%d.%d:1234", n>>16&255, n>>8&255, n&255),
	}
}

// Do sends a request, with a form if there is one. It follows to the page of a form that comes back
// and to that of a failure.
func (b *Browser) Do(method, target string, form url.Values) *http.Response {
	b.World.Helper()
	res := b.SendOnly(method, target, form)
	if page := webtest.NothingDone(res.StatusCode, res.Header); page != "" && method == http.MethodPost {
		return b.SendOnly(http.MethodGet, page, nil)
	}
	return res
}

// SendOnly is Do without following.
func (b *Browser) SendOnly(method, target string, form url.Values) *http.Response {
	b.World.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, target, body)
	if method == http.MethodPost {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.RemoteAddr = b.Address
	if b.Agent != "" {
		r.Header.Set("User-Agent", b.Agent)
	}
	if b.header != "" {
		r.Header.Set("Authorization", b.header)
	}
	for name, value := range b.Cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	b.World.Sealer().Seal(r)
	rec := httptest.NewRecorder()
	b.World.serve().ServeHTTP(rec, r)
	res := rec.Result()
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			delete(b.Cookies, c.Name)
		} else {
			b.Cookies[c.Name] = c.Value
		}
	}
	if to := webtest.LedTo(res.Header, rec.Body.String()); to != "" {
		res.Header.Set("Location", to)
	}
	return res
}

// Get opens an address.
func (b *Browser) Get(target string) *http.Response {
	b.World.Helper()
	return b.Do("GET", target, nil)
}

// Send posts a form and returns the address to which the answer leads.
func (b *Browser) Send(target string, pairs ...string) string {
	b.World.Helper()
	res := b.Do("POST", target, Values(pairs...))
	to := res.Header.Get("Location")
	if to == "" {
		b.World.Fatalf("POST %s: %d %s", target, res.StatusCode, Heading(res))
	}
	return to
}

// Values makes a form from names and values.
func Values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// Text reads the body of an answer.
func Text(res *http.Response) string {
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

// Heading returns the title of a page, for messages.
func Heading(res *http.Response) string {
	_, rest, _ := strings.Cut(Text(res), "<title>")
	title, _, _ := strings.Cut(rest, "</title>")
	return title
}

// Request makes an honest request of the client, with changes; the value "-" removes a parameter.
func Request(pairs ...string) url.Values {
	q := Values("response_type", "code", "client_id", ClientID, "redirect_uri", Callback, "scope",
		"openid profile email nhsperson nationalrbacaccess associatedorgs",
		"state", "st-1", "nonce", "no-1", "acr_values", "AAL2_OR_AAL3_ANY", "code_challenge", ChallengeOf(Verifier),
		"code_challenge_method", "S256")
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "-" {
			q.Del(pairs[i])
		}
	}
	return q
}

// Begin asks for a sign-in and returns the address of its pages.
func (b *Browser) Begin(q url.Values) string {
	b.World.Helper()
	res := b.Get(Realm + "/authorize?" + q.Encode())
	to := res.Header.Get("Location")
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/sign-in/") {
		b.World.Fatalf("authorize: %d, %q, %s", res.StatusCode, to, Heading(res))
	}
	return to
}

// Silently asks for a sign-in without a page and returns the code or the error.
func (b *Browser) Silently(q url.Values) (code, errorCode string) {
	b.World.Helper()
	q.Set("prompt", "none")
	to := worldtest.Must(url.Parse(b.Get(Realm + "/authorize?" + q.Encode()).Header.Get("Location")))(b.World)
	return to.Query().Get("code"), to.Query().Get("error")
}
