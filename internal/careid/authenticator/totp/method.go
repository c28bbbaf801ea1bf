package totp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/password"
)

// Kinds gives the authenticator app alone.
func (k *Keeper) Kinds() []authn.Kind { return []authn.Kind{authn.AuthenticatorApp} }

// proving is the state of a ceremony that proves an app.
type proving struct {
	App string `json:"app"` // the id of the authenticator whose password was right
}

var errNoPassword = fault.Keyed("password-missing", fault.OfField("password", "Enter your password"))

// BeginProof checks the email address and the password.
func (k *Keeper) BeginProof(ctx context.Context, a authenticator.Attempt) (authenticator.Ceremony, error) {
	address, err := email.Parse(a.Form.Get("email"))
	plain := a.Form.Get("password")
	if plain == "" {
		err = errors.Join(err, errNoPassword)
	}
	if err != nil {
		return authenticator.Ceremony{}, err
	}
	emailKey, _ := address.Canonical()
	uuids, err := withEmail(ctx, a.DB, emailKey)
	if err != nil {
		return authenticator.Ceremony{}, err
	}
	id, err := k.checkPassword(ctx, a, uuids, emailKey, plain)
	if err != nil {
		return authenticator.Ceremony{}, err
	}
	return ceremony(proving{App: id})
}

// withEmail gives the UUIDs of the care identities that have an email address.
func withEmail(ctx context.Context, d *db.DB, emailKey string) (uuids []string, err error) {
	found, err := db.Read(ctx, d, func(r db.R) ([]identity.Identity, error) {
		return identity.ByEmail(ctx, r, emailKey)
	})
	for _, i := range found {
		uuids = append(uuids, i.UUID)
	}
	return uuids, err
}

// ceremony gives a ceremony with a state to be kept.
func ceremony(state any) (c authenticator.Ceremony, err error) {
	if c.State, err = json.Marshal(state); err != nil {
		return c, fmt.Errorf("encode ceremony of authenticator app: %w", err)
	}
	return c, nil
}

// FinishProof gives the Proof that accepts the code.
func (k *Keeper) FinishProof(_ context.Context, a authenticator.Attempt) (authenticator.Proof, error) {
	var s proving
	if err := json.Unmarshal(a.State, &s); err != nil {
		return authenticator.Proof{}, fmt.Errorf("read ceremony of authenticator app: %w", err)
	}
	return k.proof(s.App, a), nil
}

// binding is the state of a ceremony that binds an app.
type binding struct {
	Password string `json:"password"` // the hash of it
	Secret   []byte `json:"secret"`   // the sealed secret that the app is to take
}

// BeginBinding takes the password that the owner chooses and makes the app's secret, which Secret gives.
func (k *Keeper) BeginBinding(
	ctx context.Context, a authenticator.Attempt, owner identity.Identity,
) (authenticator.Ceremony, error) {
	plain := a.Form.Get("password")
	err := k.Hasher.Acceptable(password.WithCode, plain, owner.GivenName, owner.FamilyName, owner.Email)
	if err != nil {
		return authenticator.Ceremony{}, err
	}
	hash, err := k.Hasher.Hash(ctx, password.Asker{Network: a.Actor.Network}, plain)
	if err != nil {
		return authenticator.Ceremony{}, err
	}
	return ceremony(binding{Password: hash, Secret: k.Box.Seal([]byte(newSecret()), offeredTo(owner.UUID))})
}

func offeredTo(uuid string) string { return "totp-binding/" + uuid }

// Secret gives the secret that the app of a care identity is to take, from the state of a binding.
func (k *Keeper) Secret(state json.RawMessage, uuid string) (string, error) {
	_, secret, err := k.openBinding(state, uuid)
	return secret, err
}

// openBinding reads the state of a binding and opens its secret.
func (k *Keeper) openBinding(state json.RawMessage, uuid string) (b binding, secret string, err error) {
	if err := json.Unmarshal(state, &b); err != nil {
		return b, "", fmt.Errorf("read ceremony of authenticator app: %w", err)
	}
	plain, err := k.Box.Open(b.Secret, offeredTo(uuid))
	return b, string(plain), err
}

// FinishBinding adds the app if the code shows that it took the secret.
func (k *Keeper) FinishBinding(_ context.Context, a authenticator.Attempt, uuid string) (authenticator.Binding, error) {
	b, secret, err := k.openBinding(a.State, uuid)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, w *db.W) (string, error) {
		step, ok := match(secret, a.Form.Get("code"), w.Now(), 0)
		if !ok {
			return "", &authenticator.WrongAnswer{Refusal: errCode, State: a.State} // the app keeps the secret
		}
		return k.bind(ctx, w, app{uuid: uuid, secret: secret, passwordHash: b.Password, lastStep: step})
	}, nil
}
