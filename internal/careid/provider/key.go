package provider

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/jwt"
)

// keyring is the signing keys in memory. They are rows, sealed; a node reads them when it starts.
type keyring struct {
	mu      sync.RWMutex
	signing jwt.Key
	set     jwt.Set
}

func (k *keyring) current() (jwt.Key, jwt.Set) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.signing, k.set
}

// LoadKeys reads the signing keys, and makes the first one if there is none. The newest signs; all that
// are not retired are published.
func (p *Provider) LoadKeys(ctx context.Context, who actor.Actor) error {
	keys, err := p.readKeys(ctx)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		k, err := jwt.Generate(jwt.RS256)
		if err != nil {
			return err
		}
		if err := p.SeedKey(ctx, who, k); err != nil {
			return err
		}
		if keys, err = p.readKeys(ctx); err != nil {
			return err
		}
	}
	p.keys.mu.Lock()
	defer p.keys.mu.Unlock()
	p.keys.signing, p.keys.set = keys[0], jwt.NewSet(keys...)
	return nil
}

const insertKey = `INSERT INTO provider_key (kid, alg, sealed, made_at) VALUES ($1, $2, $3, $4)`

// SeedKey keeps a signing key, sealed. It signs from the next LoadKeys on. One that is there already is
// left as it is.
func (p *Provider) SeedKey(ctx context.Context, who actor.Actor, k jwt.Key) error {
	der, err := k.PKCS8()
	if err != nil {
		return err
	}
	err = p.o.DB.Update(ctx, who, func(w *db.W) error {
		_, err := w.Exec(ctx, insertKey, k.ID, string(k.Algorithm), p.o.Box.Seal(der, "key/"+k.ID), w.Now())
		if err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: "key.made", Subject: audit.Ref{Kind: "key", ID: k.ID}, After: map[string]any{"alg": k.Algorithm}})
	})
	if errors.Is(err, db.ErrUnique) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("keep signing key: %w", err)
	}
	return nil
}

func (p *Provider) readKeys(ctx context.Context) (keys []jwt.Key, err error) {
	err = p.o.DB.View(ctx, func(r db.R) error {
		keys, err = db.All(ctx, r, p.scanKey, `SELECT kid, alg, sealed FROM provider_key WHERE retired_at IS NULL ORDER BY made_at DESC, kid`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
	return keys, nil
}

func (p *Provider) scanKey(scan db.Scanner) (jwt.Key, error) {
	var kid, alg string
	var sealed []byte
	if err := scan(&kid, &alg, &sealed); err != nil {
		return jwt.Key{}, err
	}
	der, err := p.o.Box.Open(sealed, "key/"+kid)
	if err != nil {
		return jwt.Key{}, err
	}
	return jwt.FromPKCS8(jwt.Algorithm(alg), der)
}

func unix(t time.Time) int64 { return t.Unix() }
