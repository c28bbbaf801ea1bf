package webauthn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// eventBindingBegun is recorded when somebody began to bind an authenticator.
const eventBindingBegun audit.Kind = "authenticator.binding-begun"

// BeginBinding begins to make a credential for a care identity. The browser lists it under the owner's name.
func (p *Party) BeginBinding(
	ctx context.Context, a authenticator.Attempt, owner identity.Identity,
) (authenticator.Ceremony, error) {
	u, err := db.Write(ctx, a.DB, a.Actor, func(w *db.W) (user, error) {
		u, err := userOf(ctx, w, owner)
		if err != nil {
			return user{}, err
		}
		return u, w.Record(ctx, audit.Event{
			Kind: eventBindingBegun, Subject: identity.Ref(owner.UUID), After: map[string]any{"kind": a.Kind},
		})
	})
	if err != nil {
		return authenticator.Ceremony{}, fmt.Errorf("begin binding: %w", err)
	}
	creation, session, err := p.library.BeginRegistration(u,
		webauthn.WithCredentialParameters(credentialParameters()),
		webauthn.WithExclusions(webauthn.Credentials(u.credentials).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(p.selection(a.Kind)),
		webauthn.WithConveyancePreference(conveyance(a.Kind)),
		webauthn.WithPublicKeyCredentialHints(dialogs[a.Kind].hints))
	if err != nil {
		return authenticator.Ceremony{}, fmt.Errorf("begin binding: %w", err)
	}
	return ceremony(creation, session)
}

const notRemovedCredentials = selectCredentials + ` JOIN authenticator a ON a.id = c.authenticator_id
	WHERE c.uuid = $1 AND a.status <> 'removed'`

// userOf gives a care identity with its handle and the credentials it has.
func userOf(ctx context.Context, w *db.W, owner identity.Identity) (user, error) {
	handle, err := handleOf(ctx, w, owner.UUID)
	if err != nil {
		return user{}, err
	}
	rows, err := db.All(ctx, w, scanCredential, notRemovedCredentials, owner.UUID)
	if err != nil {
		return user{}, err
	}
	u := user{handle: handle, name: owner.DisplayName()}
	for _, c := range rows {
		u.credentials = append(u.credentials, c.credential)
	}
	return u, nil
}

// selection asks for the sort of authenticator that the person said they have.
func (p *Party) selection(kind authn.Kind) protocol.AuthenticatorSelection {
	s := p.library.Config.AuthenticatorSelection
	s.AuthenticatorAttachment = dialogs[kind].attachment
	return s
}

// conveyance asks for an attestation where a credential can have a level that needs one. Browsers ask people whether
// they agree to that.
func conveyance(kind authn.Kind) protocol.ConveyancePreference {
	if len(kind.Declared().Attestation.Formats) == 0 {
		return protocol.PreferNoAttestation
	}
	return protocol.PreferDirectAttestation
}

// FinishBinding checks the credential that the browser made.
func (p *Party) FinishBinding(
	ctx context.Context, a authenticator.Attempt, uuid string,
) (authenticator.Binding, error) {
	challenge, err := challengeIn(a.State)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(a.Form.Get("answer")))
	if err != nil {
		return nil, refuse("read new credential", err)
	}
	if err := checkClientData(parsed.Raw.AttestationResponse.ClientDataJSON); err != nil {
		return nil, refuse("read new credential", err)
	}
	if err := p.sameOrigin(parsed.Response.CollectedClientData); err != nil {
		return nil, err
	}
	if err := checkAttestation(parsed.Response.AttestationObject); err != nil {
		return nil, refuse("check new attestation", err)
	}
	if err := checkPublicKey(parsed.Response.AttestationObject.AuthData.AttData.CredentialPublicKey); err != nil {
		return nil, refuse("check new public key", err)
	}
	if err := checkStatement(parsed.Response.AttestationObject); err != nil {
		return nil, refuse("check attestation", err)
	}
	c, err := p.library.CreateCredential(user{handle: challenge.UserID}, challenge, parsed)
	if err != nil {
		return nil, refuse("check new credential", err)
	}
	if kind, alone := authn.OfModel(modelOf(*c)); alone && kind != a.Kind {
		return nil, errOtherKind
	}
	j, err := db.Read(ctx, a.DB, func(r db.R) (judgement, error) { return p.judge(ctx, r, a.Kind, c, r.Now()) })
	if err != nil {
		return nil, err
	}
	n := authenticator.New{UUID: uuid, Kind: a.Kind, Level: j.level, Why: j.why, Model: modelOf(*c)}
	return bind(n, *c, j.device), nil
}

const insertCredential = `INSERT INTO webauthn_credential (authenticator_id, credential_id, uuid, record, sign_count,
	device) VALUES ($1, $2, $3, $4, $5, $6)`

// bind gives the Binding that adds the new credential to a care identity.
func bind(n authenticator.New, c webauthn.Credential, device string) authenticator.Binding {
	return func(ctx context.Context, w *db.W) (string, error) {
		id, err := authenticator.Bind(ctx, w, n)
		if err != nil {
			return "", err
		}
		if err := isFree(ctx, w, device); err != nil {
			return "", err
		}
		record, err := json.Marshal(c)
		if err != nil {
			return "", fmt.Errorf("encode credential: %w", err)
		}
		_, err = w.Exec(ctx, insertCredential, id, c.ID, n.UUID, string(record), int64(c.Authenticator.SignCount),
			device)
		if errors.Is(err, db.ErrUnique) {
			return "", errRegistered
		}
		if err != nil {
			return "", fmt.Errorf("keep credential: %w", err)
		}
		return id, nil
	}
}
