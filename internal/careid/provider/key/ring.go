// Package key keeps the keys that CIS2's tokens are signed with. They are rows, sealed under the master
// key; a node holds them in memory.
package key

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/seal"
)

// Ring is the signing keys. It can sign nothing until Load.
type Ring struct {
	DB  *db.DB
	Box *seal.Box

	mu      sync.RWMutex
	signing jwt.Key
	set     jwt.Set
}

// Current gives the key that signs now, and all keys that are published.
func (k *Ring) Current() (jwt.Key, jwt.Set) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.signing, k.set
}

// Load reads the signing keys, and makes the first one if there is none. The newest signs; all that
// are not retired are published.
func (k *Ring) Load(ctx context.Context, who actor.Actor) error {
	keys, err := k.read(ctx)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		first, err := jwt.Generate(jwt.RS256)
		if err != nil {
			return err
		}
		if err := k.Seed(ctx, who, first); err != nil {
			return err
		}
		if keys, err = k.read(ctx); err != nil {
			return err
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.signing, k.set = keys[0], jwt.NewSet(keys...)
	return nil
}

const insertKey = `INSERT INTO provider_key (kid, alg, sealed, made_at) VALUES ($1, $2, $3, $4)`

// Seed keeps a signing key, sealed. It signs from the next Load on. One that is there already is
// left as it is.
func (k *Ring) Seed(ctx context.Context, who actor.Actor, signing jwt.Key) error {
	der, err := signing.PKCS8()
	if err != nil {
		return err
	}
	err = k.DB.Update(ctx, who, func(w *db.W) error {
		_, err := w.Exec(ctx, insertKey, signing.ID, string(signing.Algorithm), k.Box.Seal(der, "key/"+signing.ID), w.Now())
		if err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: "key.made", Subject: audit.Ref{Kind: "key", ID: signing.ID}, After: map[string]any{"alg": signing.Algorithm}})
	})
	if errors.Is(err, db.ErrUnique) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("keep signing key: %w", err)
	}
	return nil
}

func (k *Ring) read(ctx context.Context) (keys []jwt.Key, err error) {
	err = k.DB.View(ctx, func(r db.R) error {
		keys, err = db.All(ctx, r, k.scan, `SELECT kid, alg, sealed FROM provider_key WHERE retired_at IS NULL ORDER BY made_at DESC, kid`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
	return keys, nil
}

func (k *Ring) scan(scan db.Scanner) (jwt.Key, error) {
	var kid, alg string
	var sealed []byte
	if err := scan(&kid, &alg, &sealed); err != nil {
		return jwt.Key{}, err
	}
	der, err := k.Box.Open(sealed, "key/"+kid)
	if err != nil {
		return jwt.Key{}, err
	}
	return jwt.FromPKCS8(jwt.Algorithm(alg), der)
}
