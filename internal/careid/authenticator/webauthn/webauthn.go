// Package webauthn binds and proves the authenticators that browsers reach by WebAuthn: security keys, Windows Hello,
// iPads and passkeys. They are made and used on the sign-in service's own origin, whose host is the relying party id,
// and they check the person's PIN, finger or face each time.
//
// It does not keep challenges: its caller keeps the state that Begin gave and uses it up with the first answer, right
// or wrong, so that a challenge is answered at most once.
package webauthn

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"sync/atomic"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"signpost/internal/careid/authenticator"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// Party is the relying party of WebAuthn: the sign-in service, as authenticators know it.
type Party struct {
	library *webauthn.WebAuthn
	origin  string
	managed managedDevices
}

// New makes the party of an origin, as "https://cis2.example:8443". To the managed roots lead the attestations of
// devices that organisations manage; nil for no such devices.
func New(origin, name string, managed *x509.CertPool) (*Party, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Path != "" {
		return nil, fmt.Errorf("webauthn: %q is not an origin", origin)
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID:                  u.Hostname(),
		RPDisplayName:         name,
		RPOrigins:             []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		// Some browsers and password managers say more than they were asked. It is signed by nobody, and not read.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			UserVerification:   protocol.VerificationRequired,
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(),
		},
	})
	if err != nil {
		return nil, fmt.Errorf("webauthn: %w", err)
	}
	return &Party{library: w, origin: origin, managed: managedDevices{roots: managed, judged: new(atomic.Bool)}}, nil
}

// dialog says which of its dialogs the browser shows for a kind.
type dialog struct {
	hints      []protocol.PublicKeyCredentialHints // the dialog to open first
	attachment protocol.AuthenticatorAttachment    // the only sort that may be made; empty for any
}

// dialogs gives the dialog of each kind.
var dialogs = map[authn.Kind]dialog{
	authn.SecurityKey: {
		hints:      []protocol.PublicKeyCredentialHints{protocol.PublicKeyCredentialHintSecurityKey},
		attachment: protocol.CrossPlatform,
	},
	authn.WindowsHello: {
		hints:      []protocol.PublicKeyCredentialHints{protocol.PublicKeyCredentialHintClientDevice},
		attachment: protocol.Platform,
	},
	authn.IPad: {
		hints:      []protocol.PublicKeyCredentialHints{protocol.PublicKeyCredentialHintClientDevice},
		attachment: protocol.Platform,
	},
	authn.Passkey: {
		hints: []protocol.PublicKeyCredentialHints{
			protocol.PublicKeyCredentialHintClientDevice, protocol.PublicKeyCredentialHintHybrid,
		},
	},
}

// Kinds gives security keys, Windows Hello, iPads and passkeys.
func (p *Party) Kinds() []authn.Kind { return slices.Sorted(maps.Keys(dialogs)) }

// ceremony gives a ceremony with the options for the browser and the challenge to be kept.
func ceremony(options any, challenge *webauthn.SessionData) (c authenticator.Ceremony, err error) {
	if c.Options, err = json.Marshal(options); err != nil {
		return c, fmt.Errorf("encode options: %w", err)
	}
	if c.State, err = json.Marshal(challenge); err != nil {
		return c, fmt.Errorf("encode challenge: %w", err)
	}
	return c, nil
}

// challengeIn reads the challenge from the state of a ceremony.
func challengeIn(state json.RawMessage) (challenge webauthn.SessionData, err error) {
	if err := json.Unmarshal(state, &challenge); err != nil {
		return challenge, fmt.Errorf("read challenge: %w", err)
	}
	return challenge, nil
}

// Refused tells people that an authenticator was not accepted, whatever the reason.
var Refused = fault.Keyed("not-accepted", fault.SayCure(fault.Unauthenticated, "Your authenticator was not accepted.",
	"Try again. If it happens again, use another authenticator or ask your registration authority."))

var errRegistered = fault.Keyed("registered-already", fault.SayCure(fault.Conflict,
	"This authenticator is already registered.", "Use another one, or log in with this one."))

var errOtherKind = fault.Keyed("other-kind", fault.SayCure(fault.Conflict,
	"This is Windows Hello, and you chose another kind of authenticator.",
	"Open your link again and choose Windows Hello, or use another device."))

var errOthersDevice = fault.Keyed("others-device", fault.SayCure(fault.Conflict,
	"This device is registered already, and one device is for one person.",
	"Ask your registration authority to remove it where it is registered, or use another device."))

// user is a care identity as the library sees it.
type user struct {
	handle      []byte
	name        string
	credentials []webauthn.Credential
}

// WebAuthnID gives the handle, which says nothing about the person.
func (u user) WebAuthnID() []byte { return u.handle }

// WebAuthnName gives the name under which the browser lists the credential.
func (u user) WebAuthnName() string { return u.name }

// WebAuthnDisplayName gives the same name.
func (u user) WebAuthnDisplayName() string { return u.name }

// WebAuthnCredentials gives the credentials that the user has.
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

// credentialRow is a row of webauthn_credential.
type credentialRow struct {
	authenticatorID string
	uuid            string
	credential      webauthn.Credential
	signCount       int64
}

const selectCredentials = `SELECT c.authenticator_id, c.uuid, c.record, c.sign_count FROM webauthn_credential c`

// The credential that an assertion names, if it is that user's, and the authenticator that it belongs to.
const (
	selectByHandle = selectCredentials + ` JOIN webauthn_user u ON u.uuid = c.uuid
		WHERE c.credential_id = $1 AND u.handle = $2`
	selectAuthenticatorID = `SELECT c.authenticator_id FROM webauthn_credential c WHERE c.credential_id = $1`
)

func scanCredential(scan db.Scanner) (c credentialRow, err error) {
	var record string
	if err = scan(&c.authenticatorID, &c.uuid, &record, &c.signCount); err != nil {
		return c, err
	}
	if err = json.Unmarshal([]byte(record), &c.credential); err != nil {
		return c, fmt.Errorf("credential of %s: %w", c.authenticatorID, err)
	}
	c.credential.Authenticator.SignCount = uint32(c.signCount)
	return c, nil
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

// refuse turns an error of a ceremony into Refused, with the reason for the log.
func refuse(doing string, err error) error {
	var p *protocol.Error
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %s: %s: %w", doing, p.Details, p.DevInfo, Refused)
	}
	return fmt.Errorf("%s: %w: %w", doing, err, Refused)
}

// sameOrigin requires the origin that the browser saw to be the party's own, byte for byte; the library would let
// letters differ in case.
func (p *Party) sameOrigin(c protocol.CollectedClientData) error {
	if c.Origin != p.origin || c.CrossOrigin {
		return fmt.Errorf("origin %q, cross-origin %v: %w", c.Origin, c.CrossOrigin, Refused)
	}
	return nil
}
