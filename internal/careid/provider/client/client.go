// Package client keeps the services that may ask CIS2 to sign people in: how each authenticates, where its
// answers go, what it may ask for, which team looks after it, and why it was refused. It does not know how
// people sign in.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/seal"
)

// The ways in which a client authenticates at the token endpoint.
const (
	PrivateKeyJWT     = "private_key_jwt"
	ClientSecretPost  = "client_secret_post"
	ClientSecretBasic = "client_secret_basic"
)

// Client is a registered service. In files and in forms, its settings have the names of OpenID Connect
// Dynamic Client Registration where that has one.
type Client struct {
	ID          string `json:"client_id"`   // as "123456789012.apps.supplier"
	Name        string `json:"client_name"` // as people know it
	Description string `json:"description,omitempty"`
	Owner       string `json:"owner,omitempty"`   // the organisation responsible for it
	Contact     string `json:"contact,omitempty"` // an email address

	AuthMethod   string        `json:"token_endpoint_auth_method"`
	Algorithm    jwt.Algorithm `json:"token_endpoint_auth_signing_alg,omitempty"` // of its assertions
	JWKS         string        `json:"jwks,omitempty"`                            // its public keys, or
	JWKSURI      string        `json:"jwks_uri,omitempty"`                        // where they are
	RedirectURIs []string      `json:"redirect_uris"`

	PostLogoutURIs       []string `json:"post_logout_redirect_uris,omitempty"`
	BackchannelLogoutURI string   `json:"backchannel_logout_uri,omitempty"` // empty if it wants no notice
	BackchannelSession   bool     `json:"backchannel_logout_session_required,omitempty"`

	IDTokenAlgorithm  jwt.Algorithm `json:"id_token_signed_response_alg,omitempty"`
	UserInfoAlgorithm jwt.Algorithm `json:"userinfo_signed_response_alg,omitempty"` // empty for plain JSON

	Scopes      []string `json:"scope"`
	AllowedACR  []string `json:"acr_values,omitempty"` // classes it may ask for; empty for all
	RequirePKCE bool     `json:"require_pkce,omitempty"`
	RequirePAR  bool     `json:"require_pushed_authorization_requests,omitempty"`

	Active  bool   `json:"-"` // it may be served
	Closed  bool   `json:"-"` // suspended for good
	Team    string `json:"-"` // the team that looks after it; empty for this system's own clients
	Version int64  `json:"-"` // counts the changes; each change names the version that it was made on

	Approval Approval `json:"-"`
	secrets  secrets
}

// Own reports whether it is one of this system's own sites, which no team looks after.
func (c Client) Own() bool { return c.Team == "" }

// keySetOf reads the public keys that are registered for a client.
var keySetOf = remember(memoSize, func(text string) (jwt.Set, error) { return jwt.ParseSet([]byte(text)) })

// Keys returns the public keys that are registered for the client itself, if any.
func (c Client) Keys() (jwt.Set, error) { return keySetOf.Read(c.JWKS) }

// The kinds of events that this package records.
const (
	EventSuspended     audit.Kind = "client.suspended"
	EventResumed       audit.Kind = "client.resumed"
	EventClosed        audit.Kind = "client.closed"
	EventCreated       audit.Kind = "client.created"
	EventChanged       audit.Kind = "client.changed"
	EventSecretRotated audit.Kind = "client.secret-rotated"
	EventSecretEnded   audit.Kind = "client.secret-ended"
	EventGiven         audit.Kind = "client.given"
	EventRegistered    audit.Kind = "client.registered"
	EventAsked         audit.Kind = "client.approval-asked"
	EventApproved      audit.Kind = "client.approved"
	EventNotApproved   audit.Kind = "client.not-approved"
	EventWithdrawn     audit.Kind = "client.change-withdrawn"
)

// Ref names a client in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "client", ID: id} }

const upsertClient = `INSERT INTO provider_client (client_id, team_id, settings, secret_digest, status, version,
	registered_at, approved_at, unfolded)
	VALUES ($1, '', $2, $3, $4, 1, $5, $5, FALSE)
	ON CONFLICT (client_id) DO UPDATE SET settings = $2, secret_digest = $3, secret_made_at = NULL,
	old_secret_digest = NULL, old_secret_ends_at = NULL, version = provider_client.version + 1,
	approved_at = COALESCE(provider_client.approved_at, $5), waiting = '', asked_at = NULL, not_approved = ''`

// Register stores a client and replaces the settings that were registered under its id. It takes effect at once, and
// it is approved. It is for programs and files, which give every setting; people use a Registry. secret is for the
// methods with a secret and is stored as a keyed digest. A client that was suspended stays so, however often the
// program that registers it starts.
func Register(ctx context.Context, w *db.W, box *seal.Box, c Client, secret string) error {
	c = c.withDefaults()
	if err := c.check(secret); err != nil {
		return err
	}
	settings, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode client: %w", err)
	}
	status := active
	if !c.Active {
		status = suspended
	}
	_, err = w.Exec(ctx, upsertClient, c.ID, string(settings), digestOf(box, c.ID, secret), status, w.Now())
	if err != nil {
		return fmt.Errorf("register client: %w", err)
	}
	if err := holdNames(ctx, w, c); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: EventRegistered, Subject: Ref(c.ID), After: c})
}

// The states of a client.
const (
	active    = "active"
	suspended = "suspended"
	closed    = "closed"
)

// clientColumns are those that scanner reads.
const clientColumns = `client_id, team_id, settings, secret_digest, secret_made_at, old_secret_digest,
	old_secret_ends_at, status, version, approved_at, waiting, asked_at, not_approved`

const selectClients = `SELECT ` + clientColumns + ` FROM provider_client`

const selectByID = selectClients + ` WHERE client_id = $1`

// Ask makes the query of ByID at a time, to be asked together with others.
func Ask(id string, now time.Time) *db.Answer[Client] { return db.Ask(scanner(now), selectByID, id) }

// ByID reads a client, or fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Client, error) {
	c, err := db.One(ctx, r, scanner(r.Now()), selectByID, id)
	if err != nil {
		return c, fmt.Errorf("read client: %w", err)
	}
	return c, nil
}

// ErrSuspended says that a client may not be served.
var ErrSuspended = errors.New("it is suspended")

// FindActive reads a client that may be served, or fault.NotFound. A suspended client comes with ErrSuspended.
func FindActive(ctx context.Context, d *db.DB, id string) (Client, error) {
	c, err := db.Glance(ctx, d, func(r db.R) (Client, error) { return ByID(ctx, r, id) })
	if err == nil && !c.Active {
		err = fmt.Errorf("client %s: %w", id, ErrSuspended)
	}
	return c, err
}

// memo remembers the results of a pure function for texts that come again and again: every sign-in decodes
// the settings of a client, which seldom change. A result cannot be out of date, because it is found by the
// whole text that it was made from. A memo may be used by several goroutines.
type memo[T any] struct {
	read   func(text string) (T, error)
	size   int
	mu     sync.RWMutex
	values map[string]T
}

// remember returns a memo of read for at most size texts. Its results are shared, so callers must not change
// them.
func remember[T any](size int, read func(text string) (T, error)) *memo[T] {
	return &memo[T]{read: read, size: size, values: map[string]T{}}
}

// Read returns the function's result for a text. Errors are not remembered.
func (m *memo[T]) Read(text string) (T, error) {
	m.mu.RLock()
	v, found := m.values[text]
	m.mu.RUnlock()
	if found {
		return v, nil
	}
	v, err := m.read(text)
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.values) >= m.size {
		clear(m.values) // the few texts that are read often come back at once
	}
	m.values[text] = v
	return v, nil
}

// settingsOf reads the settings of a client as its row holds them.
var settingsOf = remember(memoSize, func(text string) (c Client, err error) {
	err = json.Unmarshal([]byte(text), &c)
	return c, err
})

// memoSize is the number of clients whose settings and keys stay decoded in memory.
const memoSize = 256

func scanner(now time.Time) func(db.Scanner) (Client, error) {
	return func(scan db.Scanner) (c Client, err error) {
		var id, team, settings, status, waiting string
		var version int64
		var s secrets
		var a Approval
		err = scan(&id, &team, &settings, &s.current, db.At(&s.made), &s.old, db.At(&s.oldEnds), &status, &version,
			db.At(&a.At), &waiting, db.At(&a.Asked), &a.Refused)
		if err != nil {
			return c, err
		}
		if c, err = settingsOf.Read(settings); err != nil {
			return c, fmt.Errorf("settings of client %s: %w", id, err)
		}
		if a.waiting, err = waitingOf(waiting); err != nil {
			return c, fmt.Errorf("settings of client %s that wait: %w", id, err)
		}
		c.Approval = a
		c.ID = id
		c.Team = team
		c.Version = version
		c.secrets = s.at(now)
		c.Active = status == active
		c.Closed = status == closed
		return c, nil
	}
}
