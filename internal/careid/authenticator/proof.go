package authenticator

import (
	"context"
	"time"

	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
)

// Proven is what an accepted proof shows: who, with what, and what that is worth.
type Proven struct {
	UUID            string      `json:"uuid"`
	AuthenticatorID string      `json:"authenticator"`
	Kind            authn.Kind  `json:"kind"`
	Level           authn.Level `json:"level"`
	At              time.Time   `json:"at"`
}

// Proof is the part of a sign-in's Update that accepts what an authenticator gave, or refuses it.
type Proof func(ctx context.Context, w *db.W) (Proven, error)

// Accept notes that an authenticator, as MayProve read it, proved its owner: its wrong tries are forgotten.
// It is the last act of every kind's Proof.
func Accept(ctx context.Context, w *db.W, a Authenticator) (Proven, error) {
	if a.wrong {
		if err := Right(ctx, w, a.ID); err != nil {
			return Proven{}, err
		}
	}
	return Proven{UUID: a.UUID, AuthenticatorID: a.ID, Kind: a.Kind, Level: a.Level, At: w.Now()}, nil
}

// Simulated is the Proof of a simulated authenticator, which shows nothing at all. The demo alone may
// ask for it; a real authenticator never passes here.
func Simulated(id string) Proof {
	return func(ctx context.Context, w *db.W) (Proven, error) {
		a, err := MayProve(ctx, w, id)
		if err != nil {
			return Proven{}, err
		}
		if !a.Simulated {
			return Proven{}, Unusable
		}
		return Accept(ctx, w, a)
	}
}
