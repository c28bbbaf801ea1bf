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
)

// BeginProof begins a sign-in by whoever holds the authenticator; no name is asked.
func (p *Party) BeginProof(_ context.Context, a authenticator.Attempt) (authenticator.Ceremony, error) {
	hints := webauthn.WithAssertionPublicKeyCredentialHints(dialogs[a.Kind].hints)
	assertion, session, err := p.library.BeginDiscoverableLogin(hints)
	if err != nil {
		return authenticator.Ceremony{}, fmt.Errorf("begin proof: %w", err)
	}
	return ceremony(assertion, session)
}

// FinishProof checks what the browser sent back for a challenge, which its caller uses up whatever comes of it,
// and gives the Proof that the sign-in's Update accepts it with. A counter that ran backwards suspends the
// authenticator: there may be two of it.
func (p *Party) FinishProof(ctx context.Context, a authenticator.Attempt) (authenticator.Proof, error) {
	challenge, err := challengeIn(a.State)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(a.Form.Get("answer")))
	if err != nil {
		return nil, ours("read assertion", err)
	}
	if err := p.sameOrigin(parsed.Response.CollectedClientData); err != nil {
		return nil, err
	}
	var h held
	var u user
	err = a.DB.Glance(ctx, func(r db.R) (err error) {
		h, u, err = ofHandle(ctx, r, parsed.RawID, parsed.Response.UserHandle)
		return err
	})
	if errors.Is(err, fault.NotFound) {
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, ours("find credential", err)
	}
	find := func(_, _ []byte) (webauthn.User, error) { return u, nil }
	_, seen, err := p.library.ValidatePasskeyLogin(find, challenge, parsed)
	if err != nil {
		return nil, wrong(ctx, a, h, err)
	}
	if seen.Authenticator.CloneWarning {
		return nil, cloned(ctx, a, h, parsed.Response.AuthenticatorData.Counter)
	}
	return accept(h, *seen), nil
}

// wrong counts a failed assertion against the authenticator that it claims to be.
func wrong(ctx context.Context, a authenticator.Attempt, h held, why error) error {
	says := ours("check assertion", why)
	return a.DB.Update(ctx, a.Actor, func(w *db.W) error {
		return w.Refuse(ctx, authenticator.Wrong(h.authenticatorID, "assertion"), says)
	})
}

func cloned(ctx context.Context, a authenticator.Attempt, h held, counter uint32) error {
	reason := fmt.Sprintf("its counter went from %d to %d: there may be a copy of it", h.count, counter)
	var barred *authenticator.Barred
	err := a.DB.Update(ctx, a.Actor, func(w *db.W) error {
		a, err := authenticator.MayProve(ctx, w, h.authenticatorID)
		if err != nil {
			return err
		}
		barred = &authenticator.Barred{Authenticator: a}
		barred.Authenticator.Status = authenticator.Suspended
		return authenticator.SuspendPart(ctx, w, a.ID, reason)
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

func accept(h held, seen webauthn.Credential) authenticator.Proof {
	return func(ctx context.Context, w *db.W) (authenticator.Proven, error) {
		a, err := authenticator.MayProve(ctx, w, h.authenticatorID)
		if errors.Is(err, authenticator.Unusable) {
			event := authenticator.Wrong(h.authenticatorID, "suspended, removed or locked")
			return authenticator.Proven{}, w.Refuse(ctx, event, err)
		}
		if err != nil {
			return authenticator.Proven{}, err
		}
		record, err := json.Marshal(seen)
		if err != nil {
			return authenticator.Proven{}, fmt.Errorf("encode credential: %w", err)
		}
		count := int64(seen.Authenticator.SignCount)
		if err := w.ChangeSoon(ctx, updateCredential, a.ID, h.count, count, string(record)); err != nil {
			return authenticator.Proven{}, err
		}
		return authenticator.Accept(ctx, w, a)
	}
}
