package key

import (
	"context"
	"fmt"
	"slices"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
)

// maxSteps is more than can be due at one time. More than that means an endless loop.
const maxSteps = 30

// Turn does every step that is due, each in an Update of its own, and returns the steps. When several nodes
// do this at once, one does a step and the others find it done.
func (k *Ring) Turn(ctx context.Context, by actor.Actor) (done []Step, err error) {
	for range maxSteps {
		step, found, err := k.due(ctx)
		if err != nil || !found {
			return done, err
		}
		did, err := k.take(ctx, by, step)
		if err != nil {
			return done, fmt.Errorf("%s %s key %s: %w", step.Act, step.Algorithm, step.Key, err)
		}
		if did {
			done = append(done, step)
		}
	}
	return done, fmt.Errorf("signing keys: still something to do after %d steps", maxSteps)
}

func (k *Ring) due(ctx context.Context) (step Step, found bool, err error) {
	due, err := db.Read(ctx, k.DB, func(r db.R) ([]Step, error) {
		plan, err := k.plan(ctx, r)
		return slices.DeleteFunc(plan, func(s Step) bool { return !s.Due(r.Now()) }), err
	})
	if err != nil || len(due) == 0 {
		return Step{}, false, err
	}
	return due[0], true, nil
}

// plan reads the keys and sightings and lets Next plan.
func (k *Ring) plan(ctx context.Context, r db.R) ([]Step, error) {
	keys, err := all(ctx, r)
	if err != nil {
		return nil, err
	}
	seen, err := sightings(ctx, r, keys)
	if err != nil {
		return nil, err
	}
	return Next(keys, r.Now(), k.policy(), seen), nil
}

const selectKeys = `SELECT kid, alg, state, made_at, published_at, signing_at, retiring_at, retired_at
	FROM provider_key ORDER BY made_at DESC, kid`

// all reads every key, retired ones included, the newest first.
func all(ctx context.Context, r db.R) ([]Key, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (one Key, err error) {
		err = scan(&one.ID, &one.Algorithm, &one.State, db.At(&one.Made), db.At(&one.Published), db.At(&one.Signing),
			db.At(&one.Retiring), db.At(&one.Retired))
		return one, err
	}, selectKeys)
	if err != nil {
		return nil, fmt.Errorf("list signing keys: %w", err)
	}
	return list, nil
}

// sightings finds out which clients have fetched each published key.
func sightings(ctx context.Context, r db.R, keys []Key) ([]Sighting, error) {
	clients, err := client.All(ctx, r)
	if err != nil {
		return nil, err
	}
	var active []string
	for _, c := range clients {
		if c.Active {
			active = append(active, c.ID)
		}
	}
	calls, err := readCalls(ctx, r)
	if err != nil {
		return nil, err
	}
	fetches, err := readFetches(ctx, r)
	if err != nil {
		return nil, err
	}
	var list []Sighting
	for _, one := range keys {
		if one.State == Published || one.State == Signing {
			list = append(list, Judge(one.ID, active, calls, fetches)...)
		}
	}
	return list, nil
}

// take does a step if it is still due, and reports whether it was. A new key is made before the Update,
// because that takes long.
func (k *Ring) take(ctx context.Context, by actor.Actor, step Step) (bool, error) {
	var fresh jwt.Key
	var err error
	if step.Act == Make || step.Act == Begin {
		if fresh, err = jwt.Generate(step.Algorithm); err != nil {
			return false, err
		}
	}
	return db.Write(ctx, k.DB, by, func(w *db.W) (bool, error) {
		plan, err := k.plan(ctx, w)
		if err != nil {
			return false, err
		}
		i := slices.IndexFunc(plan, func(s Step) bool { return s.same(step) && s.Due(w.Now()) })
		if i < 0 {
			return false, nil
		}
		return true, k.do(ctx, w, plan[i], fresh)
	})
}

const publish = `UPDATE provider_key SET state = 'published', published_at = $2 WHERE kid = $1 AND state = 'made'`

func (k *Ring) do(ctx context.Context, w *db.W, step Step, fresh jwt.Key) error {
	var err error
	var kind audit.Kind
	kid := step.Key
	switch step.Act {
	case Begin:
		kid = fresh.ID
		kind = eventBegun
		err = k.insert(ctx, w, fresh, Signing, w.Now())
	case Make:
		kid = fresh.ID
		kind = eventMade
		err = k.insert(ctx, w, fresh, Made, time.Time{})
	case Publish:
		kind = eventPublished
		err = w.Change(ctx, publish, kid, w.Now())
	case Sign:
		kind = eventSigning
		err = succeed(ctx, w, step)
	case Retire:
		kind = eventRetired
		err = retire(ctx, w, kid)
	default:
		err = fmt.Errorf("no such act: %q", step.Act)
	}
	if err != nil {
		return err
	}
	e := audit.Event{Kind: kind, Subject: ref(kid), After: map[string]any{"alg": step.Algorithm}}
	if len(step.Waits) > 0 {
		e.After = map[string]any{"alg": step.Algorithm, "not seen": step.Waits}
		e.Reason = "the longest wait is over, though not every client was seen to fetch the key"
	}
	return w.Record(ctx, e)
}

const (
	stepDown = `UPDATE provider_key SET state = 'retiring', retiring_at = $2 WHERE alg = $1 AND state = 'signing'`
	stepUp   = `UPDATE provider_key SET state = 'signing', published_at = COALESCE(published_at, $2),
		signing_at = $2 WHERE kid = $1 AND state IN ('made', 'published')`
)

// succeed lets the waiting key sign in place of the one that signs now.
func succeed(ctx context.Context, w *db.W, step Step) error {
	if _, err := w.Exec(ctx, stepDown, string(step.Algorithm), w.Now()); err != nil {
		return fmt.Errorf("let the old key retire: %w", err)
	}
	return w.Change(ctx, stepUp, step.Key, w.Now())
}

// retire takes a key out of the set and deletes its private part.
func retire(ctx context.Context, w *db.W, kid string) error {
	err := w.Change(ctx, `UPDATE provider_key SET state = 'retired', sealed = NULL, retired_at = $2
		WHERE kid = $1 AND state <> 'retired'`, kid, w.Now())
	if err != nil {
		return fmt.Errorf("retire key: %w", err)
	}
	if _, err := w.Exec(ctx, `DELETE FROM provider_key_fetch WHERE kid = $1`, kid); err != nil {
		return fmt.Errorf("forget who fetched a key: %w", err)
	}
	return nil
}

// Announce begins an ordinary rotation of the named algorithms before its time: the next key is made and
// published, and signs when Next allows. Nothing is done for an algorithm whose next key already waits.
func (k *Ring) Announce(ctx context.Context, by actor.Actor, algorithms ...jwt.Algorithm) error {
	for _, a := range algorithms {
		fresh, err := jwt.Generate(a)
		if err != nil {
			return err
		}
		err = k.DB.Update(ctx, by, func(w *db.W) error {
			keys, err := all(ctx, w)
			if err != nil {
				return err
			}
			if _, isWaiting := find(keys, a, Made, Published); isWaiting {
				return nil
			}
			return k.do(ctx, w, Step{Act: Make, Algorithm: a}, fresh)
		})
		if err != nil {
			return fmt.Errorf("announce the next %s key: %w", a, err)
		}
	}
	_, err := k.Turn(ctx, by)
	return err
}

// settle is how long a key made in an emergency is published before it signs. By then every node has read
// it, so that a service with a token from one node finds its key at another.
const settle = 10 * time.Second

// Replace makes a key that signs as soon as every node has it, in place of the key that signs with the
// algorithm now. It waits for no client. A key that waited to sign is retired, because whatever put the old
// key in doubt may have reached it too. The old key stays published until the tokens that it signed have
// expired.
func (k *Ring) Replace(ctx context.Context, by actor.Actor, algorithms ...jwt.Algorithm) error {
	return k.replaceAfter(ctx, by, settle, algorithms...)
}

// ReplaceAtOnce does what Replace does, without waiting for other nodes. It is for the only node, such as a
// double.
func (k *Ring) ReplaceAtOnce(ctx context.Context, by actor.Actor, algorithms ...jwt.Algorithm) error {
	return k.replaceAfter(ctx, by, 0, algorithms...)
}

func (k *Ring) replaceAfter(
	ctx context.Context, by actor.Actor, wait time.Duration, algorithms ...jwt.Algorithm,
) error {
	for _, a := range algorithms {
		fresh, err := jwt.Generate(a)
		if err != nil {
			return err
		}
		err = k.DB.Update(ctx, by, func(w *db.W) error { return k.replace(ctx, w, fresh, w.Now().Add(wait)) })
		if err != nil {
			return fmt.Errorf("replace the %s key: %w", a, err)
		}
	}
	return k.Refresh(ctx)
}

func (k *Ring) replace(ctx context.Context, w *db.W, fresh jwt.Key, from time.Time) error {
	keys, err := all(ctx, w)
	if err != nil {
		return err
	}
	old, _ := find(keys, fresh.Algorithm, Signing)
	if waiting, isWaiting := find(keys, fresh.Algorithm, Made, Published); isWaiting {
		if err := retire(ctx, w, waiting.ID); err != nil {
			return err
		}
	}
	if _, err := w.Exec(ctx, stepDown, string(fresh.Algorithm), from); err != nil {
		return fmt.Errorf("let the old key retire: %w", err)
	}
	if err := k.insert(ctx, w, fresh, Signing, from); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{
		Kind: eventReplaced, Subject: ref(fresh.ID), Before: map[string]any{"kid": old.ID},
		After: map[string]any{"alg": fresh.Algorithm},
	})
}

// Revoke takes a key out of the set at once and deletes it; what it signed can no longer be verified. If it
// was the signing key, a new one signs from this moment.
func (k *Ring) Revoke(ctx context.Context, by actor.Actor, kid string) error {
	before, fresh, err := k.spare(ctx, kid)
	if err != nil {
		return err
	}
	err = k.DB.Update(ctx, by, func(w *db.W) error {
		now, err := inUse(ctx, w, kid)
		if err != nil {
			return err
		}
		if now.State != before.State {
			return fault.Conflict
		}
		if now.State == Signing {
			if err := k.replace(ctx, w, fresh, w.Now()); err != nil {
				return err
			}
		}
		if err := retire(ctx, w, kid); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{
			Kind: eventRevoked, Subject: ref(kid), Before: map[string]any{"state": now.State},
		})
	})
	if err != nil {
		return fmt.Errorf("revoke key: %w", err)
	}
	return k.Refresh(ctx)
}

// spare makes the key that takes a key's place, if that one signs.
func (k *Ring) spare(ctx context.Context, kid string) (before Key, fresh jwt.Key, err error) {
	before, err = db.Read(ctx, k.DB, func(r db.R) (Key, error) { return inUse(ctx, r, kid) })
	if err == nil && before.State == Signing {
		fresh, err = jwt.Generate(before.Algorithm)
	}
	return before, fresh, err
}

// inUse finds a key that is not retired.
func inUse(ctx context.Context, r db.R, kid string) (Key, error) {
	keys, err := all(ctx, r)
	if err != nil {
		return Key{}, err
	}
	i := slices.IndexFunc(keys, func(one Key) bool { return one.ID == kid && one.State != Retired })
	if i < 0 {
		return Key{}, fault.SayCure(fault.NotFound, fmt.Sprintf("No key %.80q is in use.", kid),
			"Use a kid that signpost keys list shows.")
	}
	return keys[i], nil
}
