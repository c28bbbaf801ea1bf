// Package session keeps the sessions of people who are signed in at CIS2, one for each browser, with the newest
// proof and the role chosen with it. It ends sessions for the person, for the service desk, for a service that asks,
// and when the identity, a position or the authenticator ends. Codes and tokens end with their session, and services
// get notices.
//
// It does not know how people prove who they are, nor how pages show sessions.
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

// Cookie names the browser's cookie for a session.
const Cookie = "sso"

// The lifetimes of sessions (reference §4).
const (
	MaxLife  = 12 * time.Hour
	idleAAL2 = 30 * time.Minute
	idleAAL3 = 15 * time.Minute
)

// State is the content of a session: the newest proof, and the role chosen with it.
type State struct {
	Proven    authenticator.Proven `json:"proven"`
	Role      string               `json:"role,omitempty"`
	RoleKnown bool                 `json:"role_known,omitempty"`
	Browser   string               `json:"browser,omitempty"` // the browser's family, for the person to recognise
}

// Session is one person's sign-in on one browser.
type Session = store.Session[State]

// Sessions keeps all sessions of the provider.
type Sessions struct {
	db       *db.DB
	requests request.Reader
	kind     store.Kind[State]
	signOuts store.Flows[signOutRequest]
	crowd    store.Crowd
}

// New makes the Sessions of a database. requests reads the hints of sign-out requests.
func New(d *db.DB, requests request.Reader) *Sessions {
	return &Sessions{
		db: d, requests: requests,
		kind:     store.Kind[State]{Site: "cis2", Idle: idleAAL2, Max: MaxLife},
		signOuts: store.Flows[signOutRequest]{Name: "sign-out", Life: signOutLife},
	}
}

// Find returns the live session of a browser's cookie, or fault.Unauthenticated.
func (s *Sessions) Find(ctx context.Context, cookie string) (Session, error) {
	return db.Glance(ctx, s.db, func(r db.R) (Session, error) { return s.FindIn(ctx, r, cookie) })
}

// FindIn does what Find does, within a transaction.
func (s *Sessions) FindIn(ctx context.Context, r db.R, cookie string) (Session, error) {
	return s.kind.Find(ctx, r, cookie)
}

// Ending gives the reason why the session ended of which a browser has the cookie.
func (s *Sessions) Ending(ctx context.Context, cookie string) (store.Reason, error) {
	return db.Glance(ctx, s.db, func(r db.R) (store.Reason, error) { return s.kind.Ending(ctx, r, cookie) })
}

// Of lists the live sessions of a care identity, the newest first.
func (s *Sessions) Of(ctx context.Context, r db.R, uuid string) ([]Session, error) {
	return s.kind.OfSubject(ctx, r, uuid)
}

// Change replaces the state of a session, by the session's id.
func (s *Sessions) Change(ctx context.Context, w *db.W, id string, state State) error {
	return s.kind.Change(ctx, w, id, state)
}

// Begun identifies a new session.
type Begun struct {
	Cookie string // for the browser
	SID    string // its id for services
	ID     string // the id of its row
}

// Old returns the live session of a browser that is about to begin another; the zero Session if it has none. It is
// read before the Update of Begin.
func (s *Sessions) Old(ctx context.Context, cookie string) (Session, error) {
	old, err := s.Find(ctx, cookie)
	if errors.Is(err, fault.Unauthenticated) {
		return Session{}, nil
	}
	return old, err
}

// Begin makes the session of a proof and replaces the one that the browser had, as Old returned it. The same person
// keeps the sid, so that the services of the old session belong to the new one. Another person's session ends with its
// codes and tokens. If the old session has ended since it was read, the Update is fault.Conflict.
func (s *Sessions) Begin(ctx context.Context, w *db.W, old Session, state State) (Begun, error) {
	samePerson := old.ID != "" && old.Subject == state.Proven.UUID
	sid := random.Secret()
	if samePerson {
		sid = old.SID
	}
	idle := idleAAL2
	if state.Proven.Level == authn.AAL3 {
		idle = idleAAL3
	}
	cookie, err := s.kind.Begin(ctx, w, store.New[State]{
		Subject: state.Proven.UUID, SID: sid, State: state, Idle: idle,
	})
	if err != nil {
		return Begun{}, err
	}
	switch {
	case samePerson:
		err = s.kind.Replaced(ctx, w, old.ID)
	case old.ID != "":
		err = s.end(ctx, w, old, ending{recorded: "another person signed in on the same browser"})
	}
	id, _ := store.Split(cookie)
	return Begun{Cookie: cookie, SID: sid, ID: id}, err
}
