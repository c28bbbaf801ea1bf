// Package webauthn is the authenticators that browsers reach by WebAuthn: security keys, Windows Hello
// and passkeys. They are made and used on the sign-in service's own origin, whose host is the relying
// party id, with the person verified by PIN, finger or face each time.
//
// It does not keep challenges: whoever runs a ceremony keeps what Begin gave and uses it up with its first answer,
// so that a challenge is answered once at most.
package webauthn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"signpost/internal/careid/authenticator"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// Party is the sign-in service as authenticators know it.
type Party struct {
	library *webauthn.WebAuthn
	origin  string
	policy  Policy
}

// Policy is what attestation a binding asks for. Today every make of authenticator is believed to be
// the device it says it is; a list of proven makes belongs here, and nowhere else.
type Policy struct {
	AttestationWanted bool // only an attested make reaches AAL3
}

// New makes the party of an origin, as "https://cis2.example:8443".
func New(origin, name string, policy Policy) (*Party, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Path != "" {
		return nil, fmt.Errorf("webauthn: %q is not an origin", origin)
	}
	attestation := protocol.PreferNoAttestation
	if policy.AttestationWanted {
		attestation = protocol.PreferDirectAttestation
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: name, RPOrigins: []string{origin}, AttestationPreference: attestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			UserVerification: protocol.VerificationRequired, ResidentKey: protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(),
		},
	})
	if err != nil {
		return nil, fmt.Errorf("webauthn: %w", err)
	}
	return &Party{library: w, origin: origin, policy: policy}, nil
}

// ID is the relying party id that credentials are bound to.
func (p *Party) ID() string { return p.library.Config.RPID }

// dialog says which of the browser's dialogs is for a kind.
type dialog struct {
	hints      []protocol.PublicKeyCredentialHints // which to open first
	attachment protocol.AuthenticatorAttachment    // which sort alone may be made; empty for any
}

// dialogs has one for each of the kinds.
var dialogs = map[authn.Kind]dialog{
	authn.SecurityKey: {
		hints:      []protocol.PublicKeyCredentialHints{protocol.PublicKeyCredentialHintSecurityKey},
		attachment: protocol.CrossPlatform,
	},
	authn.WindowsHello: {
		hints:      []protocol.PublicKeyCredentialHints{protocol.PublicKeyCredentialHintClientDevice},
		attachment: protocol.Platform,
	},
	authn.Passkey: {
		hints: []protocol.PublicKeyCredentialHints{
			protocol.PublicKeyCredentialHintClientDevice, protocol.PublicKeyCredentialHintHybrid,
		},
	},
}

// Kinds are security keys, Windows Hello and passkeys.
func (p *Party) Kinds() []authn.Kind { return slices.Sorted(maps.Keys(dialogs)) }

// ceremony gives the options to the browser, and keeps the challenge.
func ceremony(options any, challenge *webauthn.SessionData) (c authenticator.Ceremony, err error) {
	if c.Options, err = json.Marshal(options); err != nil {
		return c, fmt.Errorf("encode options: %w", err)
	}
	if c.State, err = json.Marshal(challenge); err != nil {
		return c, fmt.Errorf("encode challenge: %w", err)
	}
	return c, nil
}

// challengeIn reads what ceremony kept.
func challengeIn(state json.RawMessage) (challenge webauthn.SessionData, err error) {
	if err := json.Unmarshal(state, &challenge); err != nil {
		return challenge, fmt.Errorf("read challenge: %w", err)
	}
	return challenge, nil
}

// Refused are the words for an answer that was not accepted, whatever the reason.
var Refused = fault.Keyed("not-accepted", fault.SayCure(fault.Unauthenticated, "Your authenticator was not accepted.",
	"Try again. If it happens again, use another authenticator or ask your registration authority."))

var errRegistered = fault.Keyed("registered-already", fault.SayCure(fault.Conflict,
	"This authenticator is already registered.", "Use another one, or sign in with this one."))

// ErrUnknown is Refused for a credential that is not registered here.
var ErrUnknown = fmt.Errorf("the credential is not registered: %w", Refused)

// user is a care identity as the library sees it.
type user struct {
	handle      []byte
	name        string
	credentials []webauthn.Credential
}

// WebAuthnID is the handle, which says nothing about the person.
func (u user) WebAuthnID() []byte { return u.handle }

// WebAuthnName is what the browser lists the credential under.
func (u user) WebAuthnName() string { return u.name }

// WebAuthnDisplayName is the same.
func (u user) WebAuthnDisplayName() string { return u.name }

// WebAuthnCredentials are those that the user has.
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

// held is a credential as it is kept.
type held struct {
	authenticatorID string
	uuid            string
	credential      webauthn.Credential
	count           int64
}

const selectCredentials = `SELECT c.authenticator_id, c.uuid, c.record, c.sign_count FROM webauthn_credential c`

func scanHeld(scan db.Scanner) (h held, err error) {
	var record string
	if err = scan(&h.authenticatorID, &h.uuid, &record, &h.count); err != nil {
		return h, err
	}
	if err = json.Unmarshal([]byte(record), &h.credential); err != nil {
		return h, fmt.Errorf("credential of %s: %w", h.authenticatorID, err)
	}
	h.credential.Authenticator.SignCount = uint32(h.count)
	return h, nil
}

// ofHandle finds one credential and whose it is by what the authenticator gave of itself.
func ofHandle(ctx context.Context, r db.R, credentialID, handle []byte) (held, user, error) {
	const byHandle = ` JOIN webauthn_user u ON u.uuid = c.uuid WHERE c.credential_id = $1 AND u.handle = $2`
	h, err := db.One(ctx, r, scanHeld, selectCredentials+byHandle, credentialID, handle)
	if err != nil {
		return held{}, user{}, fmt.Errorf("credential: %w", err)
	}
	return h, user{handle: handle, name: h.uuid, credentials: []webauthn.Credential{h.credential}}, nil
}

// handleOf gives a care identity's handle, making it the first time.
func handleOf(ctx context.Context, w *db.W, uuid string) ([]byte, error) {
	const insertUser = `INSERT INTO webauthn_user (uuid, handle) VALUES ($1, $2) ON CONFLICT (uuid) DO NOTHING`
	_, err := w.Exec(ctx, insertUser, uuid, random.Bytes(32))
	if err != nil {
		return nil, fmt.Errorf("make user handle: %w", err)
	}
	return db.Value[[]byte](ctx, w, `SELECT handle FROM webauthn_user WHERE uuid = $1`, uuid)
}

// ours makes an error of a ceremony into one for people, with the reason for the log.
func ours(doing string, err error) error {
	var p *protocol.Error
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %s: %s: %w", doing, p.Details, p.DevInfo, Refused)
	}
	return fmt.Errorf("%s: %w: %w", doing, err, Refused)
}

// sameOrigin holds the origin that the browser saw to ours, byte for byte; the library would let letter
// case pass.
func (p *Party) sameOrigin(c protocol.CollectedClientData) error {
	if c.Origin != p.origin || c.CrossOrigin {
		return fmt.Errorf("origin %q, cross-origin %v: %w", c.Origin, c.CrossOrigin, Refused)
	}
	return nil
}
