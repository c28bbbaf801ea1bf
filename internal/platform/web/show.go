package web

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/a-h/templ"
)

// Show renders a page. It is rendered whole before anything is sent, so that a page that cannot be
// rendered becomes an error page and not half a page. A page with a form that came back answers a GET, with 422: a post
// that would be answered with it leads there. A form that was not taken because there is too much to do is answered
// with its page itself, and 503.
func Show(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	var body bytes.Buffer
	if err := page.Render(r.Context(), &body); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	n := note(r.Context())
	if status == http.StatusServiceUnavailable {
		comeLater(w)
	} else if n.cameBack != nil && r.Method == http.MethodPost && keepEntries(w, r, *n.cameBack) {
		http.Redirect(w, r, seeAgain(n.cameBack.Page), http.StatusSeeOther)
		return nil
	}
	if n.restored && status == http.StatusOK {
		status = http.StatusUnprocessableEntity
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // a browser that went away cannot be told
	return nil
}

// JSON sends a value as JSON.
func JSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that went away cannot be told
	return nil
}

// SeeOther sends the browser to a page of this site, as every successful post ends; flash is shown
// there once, and may be empty.
func SeeOther(w http.ResponseWriter, r *http.Request, path, flash string) error {
	if !Local(path) {
		return errors.New("see other: not a page of this site") // the address may hold secrets
	}
	Tell(w, flash)
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// Tell has the next page say something once; nothing where it is empty.
func Tell(w http.ResponseWriter, flash string) {
	if flash != "" {
		SetCookie(w, flashCookie, base64.RawURLEncoding.EncodeToString([]byte(flash)), flashSeconds)
	}
}

// Local tells an address of this site from one that a browser would take for another's. Browsers take a backslash for a
// slash, and leave out control characters wherever they stand.
func Local(address string) bool {
	if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") || strings.Contains(address, "\\") ||
		strings.ContainsFunc(address, unicode.IsControl) {
		return false
	}
	to, err := url.Parse(address)
	return err == nil && to.Scheme == "" && to.Host == "" && to.User == nil
}

const (
	flashCookie  = "flash"
	flashSeconds = 60
)

// Flash gives what the last page had to say, once.
func Flash(w http.ResponseWriter, r *http.Request) string {
	cookie := Cookie(r, flashCookie)
	if cookie == "" {
		return ""
	}
	ClearCookie(w, flashCookie)
	text, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil {
		return "" // not ours
	}
	return string(text)
}

// Redirect is an error that sends the browser elsewhere; guards return it.
type Redirect struct{ To string }

// Error makes a Redirect an error.
func (r Redirect) Error() string { return "redirect to " + r.To }

// CSV is the type of a file of rows whose first is a heading (RFC 4180).
const CSV = "text/csv; charset=utf-8; header=present"

// SendFile sends a file to be saved under a name, which is ours.
func SendFile(w http.ResponseWriter, kind, name string, content []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, err := w.Write(content)
	return err
}
