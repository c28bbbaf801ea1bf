package webauthn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"signpost/internal/careid/authenticator"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/tries"
)

// BeginProof begins a sign-in by the owner of any authenticator: nobody has to enter a name.
func (p *Party) BeginProof(_ context.Context, a authenticator.Attempt) (authenticator.Ceremony, error) {
	hints := webauthn.WithAssertionPublicKeyCredentialHints(dialogs[a.Kind].hints)
	assertion, session, err := p.library.BeginDiscoverableLogin(hints)
	if err != nil {
		return authenticator.Ceremony{}, fmt.Errorf("begin proof: %w", err)
	}
	return ceremony(assertion, session)
}

// FinishProof checks the browser's answer to a challenge and gives the Proof by which the sign-in's Update accepts it.
// If the authenticator's counter ran backwards, it is to be suspended: there may be a copy of it.
func (p *Party) FinishProof(ctx context.Context, a authenticator.Attempt) (authenticator.Proof, error) {
	var none authenticator.Proof
	challenge, err := challengeIn(a.State)
	if err != nil {
		return none, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(a.Form.Get("answer")))
	if err != nil {
		return none, refuse("read assertion", err)
	}
	if err := checkClientData(parsed.Raw.AssertionResponse.ClientDataJSON); err != nil {
		return none, refuse("read assertion", err)
	}
	if err := p.sameOrigin(parsed.Response.CollectedClientData); err != nil {
		return none, err
	}
	c, err := db.Glance(ctx, a.DB, func(r db.R) (usable, error) {
		return usableCredential(ctx, r, a.Browser, parsed.RawID, parsed.Response.UserHandle)
	})
	if err != nil {
		return none, err
	}
	owner := user{handle: parsed.Response.UserHandle, name: c.uuid, credentials: []webauthn.Credential{c.credential}}
	find := func(_, _ []byte) (webauthn.User, error) { return owner, nil }
	_, validated, err := p.library.ValidatePasskeyLogin(find, challenge, parsed)
	if err != nil {
		at := authenticator.At(c.authenticatorID, a.Browser)
		return none, authenticator.NewWrongTry(at, "assertion", refuse("check assertion", err))
	}
	if validated.Authenticator.CloneWarning {
		return none, copied(c, parsed.Response.AuthenticatorData.Counter)
	}
	return authenticator.Proof{Owner: c.uuid, Accept: accept(c.credentialRow, *validated, a.Browser)}, nil
}

// usable is a credential with its authenticator, which may be used.
type usable struct {
	credentialRow
	authenticator authenticator.Authenticator
}

// usableCredential finds the credential that an assertion names, if its authenticator may be used. Whoever names one
// that is locked, suspended or removed has proved nothing, and is told the same as about one that is not registered.
func usableCredential(
	ctx context.Context, r db.R, browser tries.Browser, credentialID, handle []byte,
) (usable, error) {
	credential := db.Ask(scanCredential, selectByHandle, credentialID, handle)
	status, mayProve := authenticator.AskMayProve(r.Now(), browser, selectAuthenticatorID, credentialID)
	if err := db.Together(ctx, r, credential, status); err != nil {
		return usable{}, fmt.Errorf("read credential: %w", err)
	}
	row, err := credential.One()
	if errors.Is(err, fault.NotFound) {
		return usable{}, unknown("the credential is not registered", nil)
	}
	if err != nil {
		return usable{}, err
	}
	named, err := mayProve()
	if errors.Is(err, authenticator.Unusable) {
		return usable{}, unknown(err.Error(), &named)
	}
	if err != nil {
		return usable{}, err
	}
	if err := checkPublicKey(row.credential.PublicKey); err != nil {
		return usable{}, unknown(err.Error(), &named)
	}
	return usable{credentialRow: row, authenticator: named}, nil
}

// unknown makes the refusal of a credential that is not registered here, or whose authenticator may not be used.
func unknown(cause string, named *authenticator.Authenticator) error {
	return &authenticator.UnknownError{Cause: cause, Refusal: Refused, Authenticator: named}
}

// copied makes the refusal of an authenticator of which there may be a copy: it is suspended.
func copied(c usable, counter uint32) *authenticator.WrongAnswer {
	reason := fmt.Sprintf("its counter went from %d to %d: there may be a copy of it", c.signCount, counter)
	barred := &authenticator.Barred{Authenticator: c.authenticator}
	barred.Authenticator.Status = authenticator.Suspended
	return &authenticator.WrongAnswer{
		Refusal: fmt.Errorf("%s: %w", reason, barred),
		Record: func(ctx context.Context, w *db.W, _ string) error {
			return authenticator.SuspendPart(ctx, w, c.authenticatorID, reason)
		},
	}
}

// The counter is part of the where-clause, so that of two assertions made at once with one counter, one
// is accepted.
const updateCredential = `UPDATE webauthn_credential SET sign_count = $3, record = $4
	WHERE authenticator_id = $1 AND sign_count = $2`

// accept gives the Proof that keeps the credential's new counter.
func accept(
	c credentialRow, validated webauthn.Credential, browser tries.Browser,
) func(ctx context.Context, w *db.W) (authenticator.Proven, error) {
	return func(ctx context.Context, w *db.W) (authenticator.Proven, error) {
		a, err := authenticator.MayProve(ctx, w, c.authenticatorID, browser)
		if errors.Is(err, authenticator.Unusable) {
			at := authenticator.At(c.authenticatorID, browser)
			return authenticator.Proven{}, authenticator.NewBarred(at, err)
		}
		if err != nil {
			return authenticator.Proven{}, err
		}
		record, err := json.Marshal(validated)
		if err != nil {
			return authenticator.Proven{}, fmt.Errorf("encode credential: %w", err)
		}
		count := int64(validated.Authenticator.SignCount)
		if err := w.ChangeSoon(ctx, updateCredential, a.ID, c.signCount, count, string(record)); err != nil {
			return authenticator.Proven{}, err
		}
		return authenticator.Accept(ctx, w, a)
	}
}
