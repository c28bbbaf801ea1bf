package web

import "net/http"

const onceCookie = "once"

// SeeOnce sends the browser to a page that says what has just happened. Once lets it see that page one time.
func SeeOnce(w http.ResponseWriter, r *http.Request, path string) error {
	SetCookie(w, onceCookie, path, flashSeconds)
	return SeeOther(w, r, path, "")
}

// Once lets through whom g lets through, if SeeOnce has just sent their browser there. Anybody else who comes
// to the address goes to the start page, as nothing happened to them. A HEAD uses nothing up.
func Once(g Guard) Guard {
	return Guard{Name: g.Name, Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		if Cookie(r, onceCookie) != r.URL.Path {
			return nil, Redirect{To: "/"}
		}
		if r.Method == http.MethodGet {
			ClearCookie(w, onceCookie)
		}
		return g.Check(w, r)
	}}
}
