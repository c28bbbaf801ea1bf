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

// FinishProof checks the browser's answer to a challenge, which the caller uses up whatever the outcome, and gives the
// Proof by which the sign-in's Update accepts it. If the authenticator's counter ran backwards, it is suspended: there
// may be a copy of it.
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
	if err := p.sameOrigin(parsed.Response.CollectedClientData); err != nil {
		return none, err
	}
	c, err := db.Glance(ctx, a.DB, func(r db.R) (credentialRow, error) {
		return usableCredential(ctx, r, a.Browser, parsed.RawID, parsed.Response.UserHandle)
	})
	if err != nil {
		return none, err
	}
	owner := user{handle: parsed.Response.UserHandle, name: c.uuid, credentials: []webauthn.Credential{c.credential}}
	find := func(_, _ []byte) (webauthn.User, error) { return owner, nil }
	_, validated, err := p.library.ValidatePasskeyLogin(find, challenge, parsed)
	if err != nil {
		return none, countWrongTry(ctx, a, c, err)
	}
	if validated.Authenticator.CloneWarning {
		return none, suspendCopied(ctx, a, c, parsed.Response.AuthenticatorData.Counter)
	}
	return authenticator.Proof{Owner: c.uuid, Accept: accept(c, *validated, a.Browser)}, nil
}

// usableCredential finds the credential that an assertion names, if its authenticator may be used. Whoever names one
// that is locked, suspended or removed has proved nothing, and is told the same as about one that is not registered.
func usableCredential(
	ctx context.Context, r db.R, browser tries.Browser, credentialID, handle []byte,
) (credentialRow, error) {
	credential := db.Ask(scanCredential, selectByHandle, credentialID, handle)
	status, mayProve := authenticator.AskMayProve(r.Now(), browser, selectAuthenticatorID, credentialID)
	if err := db.Together(ctx, r, credential, status); err != nil {
		return credentialRow{}, fmt.Errorf("read credential: %w", err)
	}
	c, err := credential.One()
	if errors.Is(err, fault.NotFound) {
		return c, &UnknownError{Cause: "the credential is not registered"}
	}
	if err != nil {
		return c, err
	}
	named, err := mayProve()
	if errors.Is(err, authenticator.Unusable) {
		return c, &UnknownError{Cause: err.Error(), Authenticator: &named}
	}
	if err != nil {
		return c, err
	}
	if err := checkPublicKey(c.credential.PublicKey); err != nil {
		return c, &UnknownError{Cause: err.Error(), Authenticator: &named}
	}
	return c, nil
}

// countWrongTry counts a failed assertion against the authenticator that it names.
func countWrongTry(ctx context.Context, a authenticator.Attempt, c credentialRow, cause error) error {
	refused := refuse("check assertion", cause)
	return a.DB.Update(ctx, a.Actor, func(w *db.W) error {
		if err := a.StillCurrent(ctx, w); err != nil {
			return err
		}
		at := authenticator.At(c.authenticatorID, a.Browser)
		return authenticator.Refuse(ctx, w, at, "assertion", refused)
	})
}

// suspendCopied suspends an authenticator of which there may be a copy, and gives the refusal.
func suspendCopied(ctx context.Context, a authenticator.Attempt, c credentialRow, counter uint32) error {
	reason := fmt.Sprintf("its counter went from %d to %d: there may be a copy of it", c.signCount, counter)
	barred, err := db.Write(ctx, a.DB, a.Actor, func(w *db.W) (*authenticator.Barred, error) {
		if err := a.StillCurrent(ctx, w); err != nil {
			return nil, err
		}
		copied, err := authenticator.MayProve(ctx, w, c.authenticatorID, a.Browser)
		if err != nil {
			return nil, err
		}
		copied.Status = authenticator.Suspended
		return &authenticator.Barred{Authenticator: copied}, authenticator.SuspendPart(ctx, w, copied.ID, reason)
	})
	if err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", reason, barred)
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
			return authenticator.Proven{}, authenticator.RefuseUncounted(ctx, w, at, authenticator.ReasonBarred, err)
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
