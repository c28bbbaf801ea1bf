package web

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"

	"signpost/internal/platform/seal"
)

// CookiePrefix begins the name of every cookie: it is bound to the host that set it, sent over secure connections only
// (browsers count http://*.localhost as one), hidden from scripts, and not sent with posts from other sites.
const CookiePrefix = "__Host-"

// SetCookie sets a cookie for seconds, or until the browser closes if seconds is 0.
func SetCookie(w http.ResponseWriter, name, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{
		Name: CookiePrefix + name, Value: value, Path: "/", MaxAge: seconds,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// Cookie reads a cookie that SetCookie set, or empty.
func Cookie(r *http.Request, name string) string {
	c, err := r.Cookie(CookiePrefix + name)
	if err != nil {
		return ""
	}
	return c.Value
}

// ClearCookie removes a cookie that SetCookie set.
func ClearCookie(w http.ResponseWriter, name string) { SetCookie(w, name, "", -1) }

// SealedCookie is a cookie that nobody but the program can read or make up.
type SealedCookie struct {
	Box     *seal.Box
	Name    string
	Context string // what it was sealed for: it opens for nothing else
	Seconds int    // how long the browser keeps it; 0 for until it closes
}

// maxCookie is how long a cookie may be: browsers keep 4,096 bytes with its name.
const maxCookie = 3_900

// Set has the browser keep a value, which is anything that JSON can hold. It is an error if no browser would.
func (c SealedCookie) Set(w http.ResponseWriter, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("seal the cookie %s: %w", c.Name, err)
	}
	sealed := base64.RawURLEncoding.EncodeToString(c.Box.Seal(text, c.Context))
	if len(sealed) > maxCookie {
		return fmt.Errorf("seal the cookie %s: it has %d bytes", c.Name, len(sealed))
	}
	SetCookie(w, c.Name, sealed, c.Seconds)
	return nil
}

// Read gives the value that the browser keeps, and reports whether it keeps one that was sealed for this.
func (c SealedCookie) Read(r *http.Request, value any) bool {
	sealed, err := base64.RawURLEncoding.DecodeString(Cookie(r, c.Name))
	if err != nil || len(sealed) == 0 {
		return false
	}
	text, err := c.Box.Open(sealed, c.Context)
	return err == nil && json.Unmarshal(text, value) == nil
}

// Clear has the browser forget it.
func (c SealedCookie) Clear(w http.ResponseWriter) { ClearCookie(w, c.Name) }

// SetSession sets the cookie of a session that has begun, until the browser closes, and marks that it was given here.
func SetSession(w http.ResponseWriter, r *http.Request, name, value string) {
	SetCookie(w, name, value, 0)
	if mark := givenMark(r, name, value); mark != "" {
		SetCookie(w, givenCookie(name), mark, 0)
	}
}

// GivenSession reports whether the cookie of a session that a browser has was given here: one that somebody made up, or
// changed, never was a session.
func GivenSession(r *http.Request, name string) bool {
	value := Cookie(r, name)
	mark := givenMark(r, name, value)
	kept := Cookie(r, givenCookie(name))
	return value != "" && mark != "" && subtle.ConstantTimeCompare([]byte(mark), []byte(kept)) == 1
}

// ClearSession removes what SetSession set.
func ClearSession(w http.ResponseWriter, name string) {
	ClearCookie(w, name)
	ClearCookie(w, givenCookie(name))
}

func givenCookie(name string) string { return name + "-given" }

// givenMark is a keyed digest of a session's cookie; empty on a site that has no key.
func givenMark(r *http.Request, name, value string) string {
	s := note(r.Context()).site
	if s == nil || s.o.Box == nil {
		return ""
	}
	const bytes = 16
	return hex.EncodeToString(s.o.Box.Digest("session/" + s.o.Name + "/" + name + "/" + value)[:bytes])
}
