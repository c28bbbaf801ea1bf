package webauthn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"signpost/internal/careid/authenticator"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// eventBindingBegun is recorded when somebody began to bind an authenticator.
const eventBindingBegun audit.Kind = "authenticator.binding-begun"

// BeginBinding begins to make a credential for a care identity. name is what the browser will list it
// under.
func (p *Party) BeginBinding(ctx context.Context, d *db.DB, who actor.Actor, uuid, name string, kind authn.Kind) (Ceremony, error) {
	u := user{name: name}
	err := d.Update(ctx, who, func(w *db.W) (err error) {
		if u.handle, err = handleOf(ctx, w, uuid); err != nil {
			return err
		}
		had, err := db.All(ctx, w, scanHeld, selectCredentials+` JOIN authenticator a ON a.id = c.authenticator_id
			WHERE c.uuid = $1 AND a.status <> 'removed'`, uuid)
		u.credentials = nil
		for _, h := range had {
			u.credentials = append(u.credentials, h.credential)
		}
		if err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventBindingBegun, Subject: audit.Ref{Kind: "identity", ID: uuid}, After: map[string]any{"kind": kind}})
	})
	if err != nil {
		return Ceremony{}, fmt.Errorf("begin binding: %w", err)
	}
	creation, session, err := p.library.BeginRegistration(u,
		webauthn.WithExclusions(webauthn.Credentials(u.credentials).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(p.selection(kind)), webauthn.WithPublicKeyCredentialHints(hints(kind)))
	if err != nil {
		return Ceremony{}, fmt.Errorf("begin binding: %w", err)
	}
	return ceremony(creation, session)
}

func ceremony(options any, session *webauthn.SessionData) (Ceremony, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, fmt.Errorf("encode ceremony: %w", err)
	}
	return Ceremony{Options: text, Challenge: *session}, nil
}

// selection asks for the sort of authenticator that the person said they have.
func (p *Party) selection(kind authn.Kind) protocol.AuthenticatorSelection {
	s := p.library.Config.AuthenticatorSelection
	switch kind {
	case authn.SecurityKey:
		s.AuthenticatorAttachment = protocol.CrossPlatform
	case authn.WindowsHello:
		s.AuthenticatorAttachment = protocol.Platform
	}
	return s
}

// hints tell the browser which of its dialogs to open first.
func hints(kind authn.Kind) []protocol.PublicKeyCredentialHints {
	switch kind {
	case authn.SecurityKey:
		return []protocol.PublicKeyCredentialHints{protocol.PublicKeyCredentialHintSecurityKey}
	case authn.WindowsHello:
		return []protocol.PublicKeyCredentialHints{protocol.PublicKeyCredentialHintClientDevice}
	}
	return []protocol.PublicKeyCredentialHints{protocol.PublicKeyCredentialHintClientDevice, protocol.PublicKeyCredentialHintHybrid}
}

// Made is a new credential whose making was checked, to be bound by Bind.
type Made struct {
	credential webauthn.Credential
	kind       authn.Kind
	level      authn.Level
}

// Level is what the new authenticator will be worth.
func (m Made) Level() authn.Level { return m.level }

// FinishBinding checks what the browser sent back for a challenge that was taken away before.
func (p *Party) FinishBinding(challenge Challenge, kind authn.Kind, answer []byte) (Made, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return Made{}, ours("read new credential", err)
	}
	if err := p.sameOrigin(parsed.Response.CollectedClientData); err != nil {
		return Made{}, err
	}
	c, err := p.library.CreateCredential(user{handle: challenge.UserID}, challenge, parsed)
	if err != nil {
		return Made{}, ours("check new credential", err)
	}
	return Made{credential: *c, kind: kind, level: p.levelOf(kind, c)}, nil
}

// levelOf says what a credential is worth. A synced one is AAL2 at most; what attestation is worth is
// the policy's to say.
func (p *Party) levelOf(kind authn.Kind, c *webauthn.Credential) authn.Level {
	return authn.LevelOf(kind, authn.Binding{
		UserVerified: c.Flags.UserVerified, DeviceBound: !c.Flags.BackupEligible,
		Attested: false, AttestationWanted: p.policy.AttestationWanted,
	})
}

const insertCredential = `INSERT INTO webauthn_credential (authenticator_id, credential_id, uuid, record, sign_count) VALUES ($1, $2, $3, $4, $5)`

// Bind adds the new credential to a care identity. It is a part of the Update that redeems the
// invitation.
func Bind(ctx context.Context, w *db.W, uuid, name string, m Made) (string, error) {
	id, err := authenticator.Bind(ctx, w, authenticator.New{UUID: uuid, Kind: m.kind, Level: m.level, Name: name})
	if err != nil {
		return "", err
	}
	record, err := json.Marshal(m.credential)
	if err != nil {
		return "", fmt.Errorf("encode credential: %w", err)
	}
	_, err = w.Exec(ctx, insertCredential, id, m.credential.ID, uuid, string(record), int64(m.credential.Authenticator.SignCount))
	if errors.Is(err, db.ErrUnique) {
		return "", errRegistered
	}
	if err != nil {
		return "", fmt.Errorf("keep credential: %w", err)
	}
	return id, nil
}
