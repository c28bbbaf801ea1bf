package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
)

// ShowAt is an error whose page is shown at another address of the site, so that what a browser brought to this one,
// such as a code, does not stay in its address bar.
type ShowAt struct {
	Path string
	Err  error
}

// Error is that of the error.
func (e ShowAt) Error() string { return e.Err.Error() }

// Unwrap gives the error.
func (e ShowAt) Unwrap() error { return e.Err }

const failureCookie = "failure"

// keepFailure lets the browser show a failure once, at the next page.
func keepFailure(w http.ResponseWriter, shown Failure) {
	shown.Fault = nil
	text, err := json.Marshal(shown)
	if err != nil {
		return // cannot happen: it holds texts only
	}
	SetCookie(w, failureCookie, base64.RawURLEncoding.EncodeToString(text), flashSeconds)
}

// HandleFailures adds the page at which failures of ShowAt are shown, each once.
func (s *Site) HandleFailures(path string) {
	s.Handle("GET "+path, Anyone, func(w http.ResponseWriter, r *http.Request) error {
		text, err := base64.RawURLEncoding.DecodeString(Cookie(r, failureCookie))
		var shown Failure
		if err != nil || json.Unmarshal(text, &shown) != nil || shown.Status < http.StatusBadRequest {
			return Redirect{To: "/"}
		}
		if r.Method == http.MethodGet {
			ClearCookie(w, failureCookie)
		}
		return Show(w, r, shown.Status, s.o.ErrorPage(r, shown))
	})
}

// NotHead keeps HEAD from a handler whose GET changes something: programs that look at links ask so before anybody
// follows them.
func NotHead(h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodHead {
			return nil
		}
		return h(w, r)
	}
}
