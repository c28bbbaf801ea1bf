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

// mostSteps is more than can be due at one time: past it something goes round in a circle.
const mostSteps = 30

// Turn does every step that is due, each in an Update of its own, and says which. Of several nodes that
// do it at once, one does a step and the others find it done.
func (k *Ring) Turn(ctx context.Context, who actor.Actor) (done []Step, err error) {
	for range mostSteps {
		step, found, err := k.due(ctx)
		if err != nil || !found {
			return done, err
		}
		did, err := k.take(ctx, who, step)
		if err != nil {
			return done, fmt.Errorf("%s %s key %s: %w", step.Act, step.Algorithm, step.Key, err)
		}
		if did {
			done = append(done, step)
		}
	}
	return done, fmt.Errorf("signing keys: still something to do after %d steps", mostSteps)
}

func (k *Ring) due(ctx context.Context) (step Step, found bool, err error) {
	err = k.DB.View(ctx, func(r db.R) error {
		plan, err := k.plan(ctx, r)
		i := slices.IndexFunc(plan, func(s Step) bool { return s.Due(r.Now()) })
		if found = i >= 0; found {
			step = plan[i]
		}
		return err
	})
	return step, found, err
}

// plan reads what Next needs, and asks it.
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

const selectKeys = `SELECT kid, alg, state, made_at, published_at, signing_at, retiring_at, retired_at FROM provider_key ORDER BY made_at DESC, kid`

// all reads every key there ever was, the newest first.
func all(ctx context.Context, r db.R) ([]Key, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (one Key, err error) {
		err = scan(&one.ID, &one.Algorithm, &one.State, db.At(&one.Made), db.At(&one.Published), db.At(&one.Signing), db.At(&one.Retiring), db.At(&one.Retired))
		return one, err
	}, selectKeys)
	if err != nil {
		return nil, fmt.Errorf("list signing keys: %w", err)
	}
	return list, nil
}

// sightings judges, for every key that is published, which clients have fetched it.
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

// take does a step if it is still due, and says whether it was. A key takes long to make, so that is
// done before the Update.
func (k *Ring) take(ctx context.Context, who actor.Actor, step Step) (did bool, err error) {
	var fresh jwt.Key
	if step.Act == Make || step.Act == Begin {
		if fresh, err = jwt.Generate(step.Algorithm); err != nil {
			return false, err
		}
	}
	err = k.DB.Update(ctx, who, func(w *db.W) error {
		did = false
		plan, err := k.plan(ctx, w)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(plan, func(s Step) bool { return s.same(step) && s.Due(w.Now()) })
		if did = i >= 0; !did {
			return nil
		}
		return k.do(ctx, w, plan[i], fresh)
	})
	return did, err
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
		err = fmt.Errorf("nobody knows how to %q a key", step.Act)
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
	stepUp   = `UPDATE provider_key SET state = 'signing', published_at = COALESCE(published_at, $2), signing_at = $2 WHERE kid = $1 AND state IN ('made', 'published')`
)

// succeed lets the key that waits sign in place of the one that did.
func succeed(ctx context.Context, w *db.W, step Step) error {
	if _, err := w.Exec(ctx, stepDown, string(step.Algorithm), w.Now()); err != nil {
		return fmt.Errorf("let the old key retire: %w", err)
	}
	return w.Change(ctx, stepUp, step.Key, w.Now())
}

// retire takes a key from the set and wipes its private part.
func retire(ctx context.Context, w *db.W, kid string) error {
	err := w.Change(ctx, `UPDATE provider_key SET state = 'retired', sealed = NULL, retired_at = $2 WHERE kid = $1 AND state <> 'retired'`, kid, w.Now())
	if err != nil {
		return fmt.Errorf("retire key: %w", err)
	}
	if _, err := w.Exec(ctx, `DELETE FROM provider_key_fetch WHERE kid = $1`, kid); err != nil {
		return fmt.Errorf("forget who fetched a key: %w", err)
	}
	return nil
}

// Announce begins an ordinary rotation before its time, for the algorithms named: the next key is made
// and published, and signs when it may. An algorithm whose next key waits already is left alone.
func (k *Ring) Announce(ctx context.Context, who actor.Actor, algorithms ...jwt.Algorithm) error {
	for _, a := range algorithms {
		fresh, err := jwt.Generate(a)
		if err != nil {
			return err
		}
		err = k.DB.Update(ctx, who, func(w *db.W) error {
			keys, err := all(ctx, w)
			if err != nil {
				return err
			}
			if _, waits := find(keys, a, Made, Published); waits {
				return nil
			}
			return k.do(ctx, w, Step{Act: Make, Algorithm: a}, fresh)
		})
		if err != nil {
			return fmt.Errorf("announce the next %s key: %w", a, err)
		}
	}
	_, err := k.Turn(ctx, who)
	return err
}

// settle is how long a key made in an emergency is published before it signs: until then every node has
// read it, so that whoever is given a token by one node finds its key at another.
const settle = 10 * time.Second

// Replace makes a key that signs as soon as every node has it, in place of the one that signs with the
// algorithm. No proof is waited for. A key that waited to sign never will: whatever put the old one in
// doubt may have reached it too. The old one is published until what it signed is over.
func (k *Ring) Replace(ctx context.Context, who actor.Actor, algorithms ...jwt.Algorithm) error {
	return k.replaceAfter(ctx, who, settle, algorithms...)
}

// ReplaceAtOnce is Replace where this is the only node, as a double is: there is nobody to wait for.
func (k *Ring) ReplaceAtOnce(ctx context.Context, who actor.Actor, algorithms ...jwt.Algorithm) error {
	return k.replaceAfter(ctx, who, 0, algorithms...)
}

func (k *Ring) replaceAfter(ctx context.Context, who actor.Actor, wait time.Duration, algorithms ...jwt.Algorithm) error {
	for _, a := range algorithms {
		fresh, err := jwt.Generate(a)
		if err != nil {
			return err
		}
		err = k.DB.Update(ctx, who, func(w *db.W) error { return k.replace(ctx, w, fresh, w.Now().Add(wait)) })
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
	if waiting, waits := find(keys, fresh.Algorithm, Made, Published); waits {
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
	return w.Record(ctx, audit.Event{Kind: eventReplaced, Subject: ref(fresh.ID), Before: map[string]any{"kid": old.ID}, After: map[string]any{"alg": fresh.Algorithm}})
}

// Revoke takes a key out of the set at once and wipes it; what it signed can be verified no more. If it
// was the one that signs, a new one does so from this moment.
func (k *Ring) Revoke(ctx context.Context, who actor.Actor, kid string) error {
	was, fresh, err := k.spare(ctx, kid)
	if err != nil {
		return err
	}
	err = k.DB.Update(ctx, who, func(w *db.W) error {
		now, err := inUse(ctx, w, kid)
		if err != nil {
			return err
		}
		if now.State != was.State {
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
		return w.Record(ctx, audit.Event{Kind: eventRevoked, Subject: ref(kid), Before: map[string]any{"state": now.State}})
	})
	if err != nil {
		return fmt.Errorf("revoke key: %w", err)
	}
	return k.Refresh(ctx)
}

// spare makes the key that takes a key's place, if that one signs.
func (k *Ring) spare(ctx context.Context, kid string) (was Key, fresh jwt.Key, err error) {
	err = k.DB.View(ctx, func(r db.R) error {
		was, err = inUse(ctx, r, kid)
		return err
	})
	if err == nil && was.State == Signing {
		fresh, err = jwt.Generate(was.Algorithm)
	}
	return was, fresh, err
}

// inUse finds a key that is not retired.
func inUse(ctx context.Context, r db.R, kid string) (Key, error) {
	keys, err := all(ctx, r)
	if err != nil {
		return Key{}, err
	}
	i := slices.IndexFunc(keys, func(one Key) bool { return one.ID == kid && one.State != Retired })
	if i < 0 {
		return Key{}, fault.SayCure(fault.NotFound, fmt.Sprintf("No key %.80q is in use.", kid), "Use a kid that signpost keys list shows.")
	}
	return keys[i], nil
}
