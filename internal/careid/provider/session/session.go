// Package session keeps who is signed in at CIS2: a session for each browser, with the newest proof and the role
// chosen with it. It ends sessions, for the person, for the service desk, for a service that asks, and when the
// identity, a position or the authenticator ends; codes and tokens end with them, and services are told.
//
// It does not know how somebody proves who they are, or what the pages look like that show sessions.
package session

import (
	"context"
	"errors"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/provider/request"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	store "signpost/internal/platform/session"
)

// Cookie holds a session in the browser.
const Cookie = "sso"

// Lifetimes (reference §4).
const (
	MaxLife  = 12 * time.Hour
	idleAAL2 = 30 * time.Minute
	idleAAL3 = 15 * time.Minute
)

// State is what a session holds: the newest proof, and the role chosen with it.
type State struct {
	Proven    authenticator.Proven `json:"proven"`
	Role      string               `json:"role,omitempty"`
	RoleKnown bool                 `json:"role_known,omitempty"`
	Browser   string               `json:"browser,omitempty"` // its family, as the person knows it
}

// Session is one sign-in of a person on one browser.
type Session = store.Session[State]

// Sessions are all sessions of the provider.
type Sessions struct {
	db       *db.DB
	requests request.Reader
	kind     store.Kind[State]
	signOuts store.Flows[signOutRequest]
}

// New makes the room of a database's sessions. requests reads what services ask at a sign-out.
func New(d *db.DB, requests request.Reader) *Sessions {
	return &Sessions{
		db: d, requests: requests,
		kind:     store.Kind[State]{Site: "cis2", Idle: idleAAL2, Max: MaxLife},
		signOuts: store.Flows[signOutRequest]{Name: "sign-out", Life: signOutLife},
	}
}

// Find gives the live session of a browser's cookie, or fault.Unauthenticated.
func (s *Sessions) Find(ctx context.Context, cookie string) (Session, error) {
	return db.Glance(ctx, s.db, func(r db.R) (Session, error) { return s.FindIn(ctx, r, cookie) })
}

// FindIn is Find within a transaction.
func (s *Sessions) FindIn(ctx context.Context, r db.R, cookie string) (Session, error) {
	return s.kind.Find(ctx, r, cookie)
}

// Of lists the live sessions of a care identity, the newest first.
func (s *Sessions) Of(ctx context.Context, r db.R, uuid string) ([]Session, error) {
	return s.kind.OfSubject(ctx, r, uuid)
}

// Change replaces what a session holds, by the session's id.
func (s *Sessions) Change(ctx context.Context, w *db.W, id string, to State) error {
	return s.kind.Change(ctx, w, id, to)
}

// Begun names a session that has begun.
type Begun struct {
	Cookie string // for the browser
	SID    string // as services know it
	ID     string // of its row
}

// Begin makes the session of a proof, in place of the one that the browser had. The same person keeps
// the sid, so that services signed in to before stay tied to it; anybody else's session ends first.
func (s *Sessions) Begin(ctx context.Context, w *db.W, had string, to State) (Begun, error) {
	sid := random.Secret()
	old, err := s.kind.Find(ctx, w, had)
	switch {
	case err == nil && old.Subject == to.Proven.UUID:
		sid = old.SID
		_, err = s.kind.End(ctx, w, old.ID)
	case err == nil:
		err = s.end(ctx, w, old, "another person signed in on the same browser")
	case errors.Is(err, fault.Unauthenticated):
		err = nil
	}
	if err != nil {
		return Begun{}, err
	}
	idle := idleAAL2
	if to.Proven.Level == authn.AAL3 {
		idle = idleAAL3
	}
	cookie, err := s.kind.Begin(ctx, w, store.New[State]{Subject: to.Proven.UUID, SID: sid, State: to, Idle: idle})
	id, _ := store.Split(cookie)
	return Begun{Cookie: cookie, SID: sid, ID: id}, err
}
