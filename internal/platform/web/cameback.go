package web

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"

	"signpost/internal/platform/seal"
)

// A form with a problem comes back to whoever sent it as a page that was asked for with GET: a browser can load that
// again, and go back to it, without asking whether to send the form once more. What was filled in waits for it in a
// cookie, sealed for the site and the person: one for each form, so that two tabs do not disturb each other. They end
// with the session.
const (
	cameBackCookie  = "came-back"
	cameBackSeconds = 15 * 60
	cameBackQuery   = "again" // marks the address of a page whose form came back

	maxCameBackCookie = 3_800   // browsers keep cookies of 4,096 bytes with their names
	maxCameBackAll    = 5_000   // of all forms together: proxies take about 8,000 bytes of cookies
	maxCameBack       = 1 << 16 // bytes of what a cookie holds
)

// cameBackCookies are kept each by the path to which its form is sent.
var cameBackCookies = Cookies{Name: cameBackCookie, Seconds: cameBackSeconds}

func cameBackKey(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:6])
}

// Entries were filled into a form that came back.
type Entries struct {
	Path string          // to which the form is sent
	Page string          // path of the page that it stands on
	Form json.RawMessage // what was filled in and what is wrong, as the form writes it

	GoesOn bool // nothing is wrong: more is filled in
}

// ComeBack tells that the page which answers the request of a context shows a form that comes back. If the form was
// posted, Show sends the browser to the page that the form stands on, where EntriesOf has the entries.
func ComeBack(ctx context.Context, e Entries) { note(ctx).cameBack = &e }

// CameBack reports whether a request asks for a page whose form came back.
func CameBack(r *http.Request) bool { return isLook(r) && r.URL.Query().Has(cameBackQuery) }

// EntriesOf gives what was filled into the form that is sent to a path, if it came back to the page of a request.
func EntriesOf(r *http.Request, path string) (form json.RawMessage, cameBack bool) {
	if !CameBack(r) {
		return nil, false
	}
	e, kept := entries(r, path)
	if !kept || e.Path != path {
		return nil, false
	}
	note(r.Context()).restored = !e.GoesOn
	return e.Form, true
}

// ForgetEntries removes what was filled into forms that came back to the browser, and what failed there.
func ForgetEntries(w http.ResponseWriter, r *http.Request) {
	ClearCookie(w, failureCookie)
	for _, key := range cameBackCookies.keys(r, "") {
		cameBackCookies.Clear(w, key)
	}
}

// keepEntries lets the browser keep what was filled in, and reports whether it can.
func keepEntries(w http.ResponseWriter, r *http.Request, e Entries) bool {
	s := note(r.Context()).site
	if s == nil || s.o.Box == nil || !Local(e.Page) {
		return false
	}
	kept, err := sealEntries(s.o.Box, entriesContext(s, r), e)
	if err != nil || len(kept) > maxCameBackCookie {
		return false
	}
	key := cameBackKey(e.Path)
	room := maxCameBackAll - len(kept)
	others := cameBackCookies.keys(r, key) // the oldest first
	for i := len(others) - 1; i >= 0; i-- {
		room -= len(cameBackCookies.Get(r, others[i]))
		if room < 0 {
			cameBackCookies.Clear(w, others[i])
		}
	}
	cameBackCookies.Set(w, r, key, kept)
	return true
}

func entriesContext(s *Site, r *http.Request) string {
	return "entries/" + s.o.Name + "/" + Actor(r).ID
}

func sealEntries(box *seal.Box, context string, e Entries) (string, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	if len(text) > maxCameBack {
		return "", errLarge
	}
	var small bytes.Buffer
	out, err := flate.NewWriter(&small, flate.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := out.Write(text); err != nil {
		return "", err
	}
	if err := out.Close(); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(box.Seal(small.Bytes(), context)), nil
}

// entries reads what the browser keeps of the form that is sent to a path, if it was sealed for whoever is logged in
// now.
func entries(r *http.Request, path string) (e Entries, kept bool) {
	s := note(r.Context()).site
	if s == nil || s.o.Box == nil {
		return e, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(cameBackCookies.Get(r, cameBackKey(path)))
	if err != nil || len(sealed) == 0 {
		return e, false
	}
	small, err := s.o.Box.Open(sealed, entriesContext(s, r))
	if err != nil {
		return e, false
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(small)), maxCameBack))
	return e, err == nil && json.Unmarshal(text, &e) == nil
}

// forgetSent forgets what was filled into a form before that is sent now.
func forgetSent(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	if _, kept := entries(r, path); kept {
		cameBackCookies.Clear(w, cameBackKey(path))
	}
}

// seeAgain gives the address of a page whose form came back.
func seeAgain(page string) string {
	u, err := url.Parse(page)
	if err != nil {
		return page
	}
	query := u.Query()
	query.Set(cameBackQuery, "1")
	u.RawQuery = query.Encode()
	return u.String()
}
