package web

import (
	"net/http"
	"strings"

	"signpost/internal/platform/reference"
)

const (
	onceCookie = "once"
	onceMark   = "~" // between the path and the reference in its cookie
)

// SeeOnce sends the browser to a page that says what has just happened. Once lets it see that page one time. The page's
// Reference is that of this request, where what happened stands in the log and the audit.
func SeeOnce(w http.ResponseWriter, r *http.Request, path string) error {
	return SeeOther(w, r, ToOnce(w, r, path).To, "")
}

// ToOnce is SeeOnce for guards.
func ToOnce(w http.ResponseWriter, r *http.Request, path string) Redirect {
	SetCookie(w, onceCookie, path+onceMark+RequestID(r.Context()), flashSeconds)
	return Redirect{To: path}
}

// Once lets through whom g lets through, if SeeOnce has just sent their browser there. Anybody else who comes
// to the address goes to the start page, as nothing happened to them. A HEAD uses nothing up.
func Once(g Guard) Guard {
	return Guard{Name: g.Name, Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		path, quote, _ := strings.Cut(Cookie(r, onceCookie), onceMark)
		if path != r.URL.Path {
			return nil, Redirect{To: "/"}
		}
		if reference.Valid(quote) {
			note(r.Context()).quote = quote
		}
		if r.Method == http.MethodGet {
			ClearCookie(w, onceCookie)
		}
		return g.Check(w, r)
	}}
}
