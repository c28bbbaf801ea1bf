package key

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/seal"
)

// Ring holds the signing keys. Nothing can be signed before Load. Its answers from memory are as old as the
// last Refresh, which every node does every few seconds.
type Ring struct {
	DB     *db.DB
	Box    *seal.Box
	Policy Policy // Usual if zero

	published atomic.Pointer[published]
	ledger    ledger
}

// published holds the published keys in a node's memory.
type published struct {
	signers []signer // the newest first
	set     jwt.Set
	kids    []string
	mark    string // changes whenever the rows change
}

// signer is a key that signs from a time on, until a newer key takes over.
type signer struct {
	key  jwt.Key
	from time.Time
}

func (k *Ring) policy() Policy {
	if k.Policy == (Policy{}) {
		return Usual
	}
	return k.Policy
}

// For returns the key that signs now with an algorithm, if there is one. An empty algorithm means the
// ordinary one.
func (k *Ring) For(a jwt.Algorithm) (jwt.Key, bool) {
	h := k.published.Load()
	if h == nil {
		return jwt.Key{}, false
	}
	if a == "" {
		a = Algorithms[0]
	}
	now := k.DB.Now()
	oldest := jwt.Key{}
	for _, s := range h.signers {
		if s.key.Algorithm != a {
			continue
		}
		if !s.from.After(now) {
			return s.key, true
		}
		oldest = s.key
	}
	return oldest, oldest.ID != ""
}

// Set returns all published keys.
func (k *Ring) Set() jwt.Set {
	if h := k.published.Load(); h != nil {
		return h.set
	}
	return jwt.Set{}
}

// Load makes the keys that are missing, and then reads all.
func (k *Ring) Load(ctx context.Context, by actor.Actor) error {
	if _, err := k.Turn(ctx, by); err != nil {
		return err
	}
	return k.Refresh(ctx)
}

const selectMarks = `SELECT kid, state, signing_at FROM provider_key
	WHERE state IN ('published', 'signing', 'retiring') ORDER BY kid`

// Refresh brings the keys in memory up to date with the rows. If nothing changed, it costs one small query.
func (k *Ring) Refresh(ctx context.Context) error {
	held := k.published.Load()
	next, err := db.Read(ctx, k.DB, func(r db.R) (*published, error) {
		marks, err := db.All(ctx, r, scanMark, selectMarks)
		if err != nil {
			return nil, fmt.Errorf("look for changes of signing keys: %w", err)
		}
		mark := strings.Join(marks, " ")
		if held != nil && held.mark == mark {
			return held, nil
		}
		next, err := k.read(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("read signing keys: %w", err)
		}
		next.mark = mark
		return &next, nil
	})
	if err != nil {
		return err
	}
	if next != held {
		k.published.Store(next)
	}
	return nil
}

func scanMark(scan db.Scanner) (string, error) {
	var kid, state string
	var from time.Time
	err := scan(&kid, &state, db.At(&from))
	return fmt.Sprintf("%s/%s/%d", kid, state, from.UnixMilli()), err
}

const selectPublished = `SELECT kid, alg, sealed, signing_at FROM provider_key
	WHERE state IN ('published', 'signing', 'retiring')
	ORDER BY COALESCE(signing_at, 0) DESC, kid`

func (k *Ring) read(ctx context.Context, r db.R) (h published, err error) {
	all, err := db.All(ctx, r, k.scan, selectPublished)
	if err != nil {
		return h, err
	}
	var keys []jwt.Key
	for _, s := range all {
		keys = append(keys, s.key)
		if !s.from.IsZero() {
			h.signers = append(h.signers, s)
		}
	}
	// The ordinary algorithm comes first, for relying parties that take the first key whatever its id.
	slices.SortStableFunc(keys, func(a, b jwt.Key) int {
		return slices.Index(Algorithms, a.Algorithm) - slices.Index(Algorithms, b.Algorithm)
	})
	for _, one := range keys {
		h.kids = append(h.kids, one.ID)
	}
	h.set = jwt.NewSet(keys...)
	return h, nil
}

func (k *Ring) scan(scan db.Scanner) (s signer, err error) {
	var kid, alg string
	var sealed []byte
	if err = scan(&kid, &alg, &sealed, db.At(&s.from)); err != nil {
		return s, err
	}
	der, err := k.Box.Open(sealed, place(kid))
	if err != nil {
		return s, err
	}
	s.key, err = jwt.FromPKCS8(jwt.Algorithm(alg), der)
	s.key.ID = kid
	return s, err
}

// place binds a sealed key to its row.
func place(kid string) string { return "key/" + kid }

// Seed stores a key that signs at once, for a double or a test. If a key of its algorithm signs already, that
// one stays.
func (k *Ring) Seed(ctx context.Context, by actor.Actor, signing jwt.Key) error {
	err := k.DB.Update(ctx, by, func(w *db.W) error {
		if err := k.insert(ctx, w, signing, Signing, w.Now()); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{
			Kind: eventBegun, Subject: ref(signing.ID), After: map[string]any{"alg": signing.Algorithm},
		})
	})
	if errors.Is(err, db.ErrUnique) {
		return nil
	}
	return err
}

// ref names a key in events.
func ref(kid string) audit.Ref { return audit.Ref{Kind: "key", ID: kid} }

const insertKey = `INSERT INTO provider_key (kid, alg, state, sealed, made_at, published_at, signing_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7)`

// insert stores a new key, sealed, as made or as one that signs from a time on.
func (k *Ring) insert(ctx context.Context, w *db.W, fresh jwt.Key, state State, from time.Time) error {
	der, err := fresh.PKCS8()
	if err != nil {
		return err
	}
	var published, signing time.Time
	if state == Signing {
		published = w.Now()
		signing = from
	}
	_, err = w.Exec(ctx, insertKey, fresh.ID, string(fresh.Algorithm), string(state), k.Box.Seal(der, place(fresh.ID)),
		w.Now(), published, signing)
	if err != nil {
		return fmt.Errorf("store signing key: %w", err)
	}
	return nil
}
