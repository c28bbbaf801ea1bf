package portal

import (
	"encoding/base64"
	"net/http"

	"signpost/internal/platform/held"
	"signpost/internal/platform/web"
)

// How long a browser remembers the page that somebody asked for before they were logged in, and how long its address
// may be, in bytes.
const (
	wantedSeconds = 15 * 60
	maxWanted     = 2_000
)

func (p *Portal[S, P]) wantedCookie() string  { return p.Name + "-wanted" }
func (p *Portal[S, P]) wantedContext() string { return "wanted/" + p.Name }

// remember keeps the address of the page that a request asks for, so that whoever logs in next on the browser goes on
// to it. What scripts ask for is no page, and whoever wants to log out need not log in for that.
func (p *Portal[S, P]) remember(w http.ResponseWriter, r *http.Request) {
	wanted := r.URL.EscapedPath()
	if r.URL.RawQuery != "" {
		wanted += "?" + r.URL.RawQuery
	}
	kind := r.Header.Get("Sec-Fetch-Dest")
	if r.Method != http.MethodGet || kind != "" && kind != "document" || r.URL.Path == signOutForm.Path ||
		len(wanted) > maxWanted || !web.Local(wanted) {
		return
	}
	sealed := p.Box.Seal([]byte(wanted), p.wantedContext())
	web.SetCookie(w, p.wantedCookie(), base64.RawURLEncoding.EncodeToString(sealed), wantedSeconds)
}

// Onward gives the page of this site to which somebody goes who has just logged in: a form that waits for them, or the
// page that they asked for before, or the usual one.
func (p *Portal[S, P]) Onward(w http.ResponseWriter, r *http.Request, usual string) string {
	wanted := p.wanted(r)
	if wanted == "" {
		return held.Onward(r, usual)
	}
	web.ClearCookie(w, p.wantedCookie())
	return held.Onward(r, wanted)
}

// wanted gives the page that was asked for on the browser before, if there is one.
func (p *Portal[S, P]) wanted(r *http.Request) string {
	sealed, err := base64.RawURLEncoding.DecodeString(web.Cookie(r, p.wantedCookie()))
	if err != nil || len(sealed) == 0 {
		return ""
	}
	wanted, err := p.Box.Open(sealed, p.wantedContext())
	if err != nil || !web.Local(string(wanted)) {
		return ""
	}
	return string(wanted)
}
