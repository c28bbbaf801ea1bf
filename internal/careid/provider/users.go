package provider

import (
	"crypto/hmac"
	"net/http"
	"time"

	"signpost/internal/platform/web"
)

// users holds what a browser keeps, sealed, of who logged in: the last of them, and when somebody else last did. No
// more is needed to know whether more than one person uses it.
type users struct {
	Last  []byte `json:"last,omitempty"`  // a keyed digest of the person who logged in last
	At    int64  `json:"at,omitempty"`    // when they did, in seconds
	Other int64  `json:"other,omitempty"` // when somebody else last did; 0 if nobody did
}

const (
	usersCookie = "users"
	// usersLife is how long a browser counts as used by somebody after they logged in on it.
	usersLife = 30 * 24 * time.Hour
)

// after returns what the browser keeps once a person has logged in.
func (u users) after(person []byte, now time.Time) users {
	if len(u.Last) > 0 && !hmac.Equal(u.Last, person) {
		u.Other = u.At
	}
	u.Last = person
	u.At = now.Unix()
	return u
}

// shared reports whether anybody but a person used the browser in the last 30 days.
func (u users) shared(person []byte, now time.Time) bool {
	since := now.Add(-usersLife).Unix()
	if len(u.Last) > 0 && !hmac.Equal(u.Last, person) && u.At > since {
		return true
	}
	return u.Other > since
}

func (p *Provider) personDigest(uuid string) []byte { return p.o.Box.Digest("browser user/" + uuid) }

// usersOf reads what a browser keeps. What cannot be read counts as somebody else's.
func (p *Provider) usersOf(r *http.Request) (u users) {
	if web.Cookie(r, usersCookie) == "" {
		return u
	}
	if !p.usersKept().Read(r, &u) {
		return users{Other: p.o.Clock.Now().Unix()}
	}
	return u
}

func (p *Provider) usersKept() web.SealedCookie {
	return web.SealedCookie{
		Box: p.o.Box, Name: usersCookie, Context: "cis2/users", Seconds: int(usersLife / time.Second),
	}
}

// NoteUser has the browser remember that a person logged in on it.
func (p *Provider) NoteUser(w http.ResponseWriter, r *http.Request, uuid string) error {
	return p.usersKept().Set(w, p.usersOf(r).after(p.personDigest(uuid), p.o.Clock.Now()))
}

// UsedBySeveral reports whether more than one person used a browser in the last 30 days.
func (p *Provider) UsedBySeveral(r *http.Request) bool {
	return p.usersOf(r).Other > p.o.Clock.Now().Add(-usersLife).Unix()
}

// isShared reports whether anybody else used the browser that a person's session is on.
func (p *Provider) isShared(r *http.Request, uuid string) bool {
	return p.usersOf(r).shared(p.personDigest(uuid), p.o.Clock.Now())
}
