package authenticator

import (
	"context"
	"time"

	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/tries"
)

// Proven says what an accepted proof shows: whose it is, with which authenticator, and at what level.
type Proven struct {
	UUID            string      `json:"uuid"`
	AuthenticatorID string      `json:"authenticator"`
	Kind            authn.Kind  `json:"kind"`
	Level           authn.Level `json:"level"`
	Model           authn.Model `json:"model,omitzero"`
	At              time.Time   `json:"at"`
}

// Proof holds what an authenticator gave.
type Proof struct {
	// Owner is the care identity that it is about to prove, where that is known before.
	Owner string
	// Accept is the part of a sign-in's Update that accepts the proof, or refuses it.
	Accept func(ctx context.Context, w *db.W) (Proven, error)
}

// Accept forgets the wrong tries of an authenticator, as MayProve read it, notes its first use, and says what it
// proved. Every kind's Proof ends with it.
func Accept(ctx context.Context, w *db.W, a Authenticator) (Proven, error) {
	if a.hasWrongTries {
		if err := wrongTries.Forget(ctx, w, a.at); err != nil {
			return Proven{}, err
		}
	}
	if a.Used.IsZero() {
		if err := w.Soon(ctx, noteUsed, a.ID, w.Now()); err != nil {
			return Proven{}, err
		}
	}
	return Proven{
		UUID: a.UUID, AuthenticatorID: a.ID, Kind: a.Kind, Level: a.Level, Model: a.Model, At: w.Now(),
	}, nil
}

// Simulated gives the Proof of a simulated authenticator, which has no secret to prove. Only the demo may use it; it
// refuses a real authenticator.
func Simulated(id string) Proof {
	return Proof{Accept: func(ctx context.Context, w *db.W) (Proven, error) {
		a, err := MayProve(ctx, w, id, tries.Browser{})
		if err != nil {
			return Proven{}, err
		}
		if !a.Simulated {
			return Proven{}, Unusable
		}
		return Accept(ctx, w, a)
	}}
}
