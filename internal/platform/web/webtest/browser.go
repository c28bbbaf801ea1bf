// Package webtest gives tests a browser that keeps cookies and follows nothing by itself.
package webtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"signpost/internal/platform/web"
)

// Browser is one person's browser, at one site.
type Browser struct {
	Site    http.Handler
	Cookies map[string]string
	Address string  // it comes from; the same as all others unless given
	Sealer  *Sealer // of forms that a test posts without having read their page; nil to post them as they are
}

// New opens a browser without cookies.
func New(site http.Handler) *Browser { return &Browser{Site: site, Cookies: map[string]string{}} }

// addressOf gives the nth of many addresses. A walk that asks for more than one address may ask for in a second asks
// from several.
func addressOf(n int64) string { return fmt.Sprintf("10.2.%d.%d:1234", n>>8&255, n&255) }

// Request makes what a browser sends from a page of the same site; form may be nil.
func Request(method, address string, form url.Values) *http.Request {
	r := httptest.NewRequest(method, address, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// Do sends a request with the browser's cookies, and keeps those that come back. It follows to the page of a form that
// comes back and to that of a failure, and to nothing else.
func (b *Browser) Do(r *http.Request) *httptest.ResponseRecorder {
	answer := b.Send(r)
	if page := NothingDone(answer.Code, answer.Header()); page != "" && r.Method == http.MethodPost {
		return b.Send(Request(http.MethodGet, "http://"+r.Host+page, nil))
	}
	return answer
}

// NothingDone gives the address to which an answer sends the browser because a form comes back, or to say what failed;
// else nothing.
func NothingDone(status int, header http.Header) string {
	to := header.Get("Location")
	if status == http.StatusSeeOther && strings.HasPrefix(to, web.FailedPath+"?") {
		return to
	}
	return CameBackTo(status, header)
}

// CameBackTo gives the address to which an answer sends the browser because a form comes back; else nothing.
func CameBackTo(status int, header http.Header) string {
	to, err := url.Parse(header.Get("Location"))
	if err != nil || status != http.StatusSeeOther || to.Host != "" || !to.Query().Has("again") {
		return ""
	}
	return to.String()
}

// Send is Do without following.
func (b *Browser) Send(r *http.Request) *httptest.ResponseRecorder {
	b.addCookies(r)
	return b.serve(r)
}

func (b *Browser) addCookies(r *http.Request) {
	for name, value := range b.Cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
}

// serve sends a request as it is, but for the seal of its form, and keeps the cookies that come back.
func (b *Browser) serve(r *http.Request) *httptest.ResponseRecorder {
	if b.Address != "" {
		r.RemoteAddr = b.Address
	}
	b.Sealer.Seal(r)
	answer := httptest.NewRecorder()
	b.Site.ServeHTTP(answer, r)
	for _, c := range answer.Result().Cookies() {
		b.Cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(b.Cookies, c.Name)
		}
	}
	return answer
}

// Form makes a form of names and values by turns.
func Form(pairs ...string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}
