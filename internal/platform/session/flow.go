package session

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// Flows are things under way that end by themselves: a sign-in, a ceremony. They are bookkeeping: a
// power cut may lose one, and the person starts again.
type Flows[T any] struct {
	Name string        // tells kinds of flow apart
	Life time.Duration // how long one may take
}

// Flow is one that is under way, as it was when read.
type Flow[T any] struct {
	ID      string
	State   T
	Ends    time.Time
	version int64
}

const insertFlow = `INSERT INTO flow (id, kind, secret_digest, state, version, ends_at) VALUES ($1, $2, $3, $4, 1, $5)`

// Start keeps a new flow and gives its id, which may stand in an address, and the secret that binds it
// to the browser, which may not.
func (f Flows[T]) Start(ctx context.Context, x db.X, state T) (id, secret string, err error) {
	text, err := json.Marshal(state)
	if err != nil {
		return "", "", fmt.Errorf("start %s: %w", f.Name, err)
	}
	id = random.ID()
	secret = random.Secret()
	_, err = x.Exec(ctx, insertFlow, id, f.Name, random.Digest(secret), string(text), x.Now().Add(f.Life))
	if err != nil {
		return "", "", fmt.Errorf("start %s: %w", f.Name, err)
	}
	return id, secret, nil
}

const replaceFlow = insertFlow + ` ON CONFLICT (id) DO UPDATE
	SET secret_digest = $3, state = $4, version = flow.version + 1, ends_at = $5`

// Replace is Start with an id and a secret that the caller made, in place of the flow that had the id.
func (f Flows[T]) Replace(ctx context.Context, x db.X, id, secret string, state T) error {
	text, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("replace %s: %w", f.Name, err)
	}
	_, err = x.Exec(ctx, replaceFlow, id, f.Name, random.Digest(secret), string(text), x.Now().Add(f.Life))
	if err != nil {
		return fmt.Errorf("replace %s: %w", f.Name, err)
	}
	return nil
}

const selectFlow = `SELECT id, state, version, ends_at, secret_digest FROM flow WHERE kind = $1 AND id = $2`

// Load reads the flow with this id and secret. One that is absent, over, or of another browser is
// fault.Expired.
func (f Flows[T]) Load(ctx context.Context, r db.R, id, secret string) (Flow[T], error) {
	list, err := db.All(ctx, r, scanFlow[T], selectFlow, f.Name, id)
	if err != nil {
		return Flow[T]{}, fmt.Errorf("load %s: %w", f.Name, err)
	}
	if len(list) == 0 || subtle.ConstantTimeCompare(list[0].digest, random.Digest(secret)) != 1 ||
		!r.Now().Before(list[0].Ends) {
		return Flow[T]{}, fault.Expired
	}
	return list[0].Flow, nil
}

// UnderWay reports whether there is a flow of this id that is not over, whoever's it is.
func (f Flows[T]) UnderWay(ctx context.Context, r db.R, id string) (bool, error) {
	n, err := db.Value[int64](ctx, r, `SELECT COUNT(*) FROM flow WHERE kind = $1 AND id = $2 AND ends_at > $3`, f.Name,
		id, r.Now())
	if err != nil {
		return false, fmt.Errorf("look for %s: %w", f.Name, err)
	}
	return n > 0, nil
}

// Ends gives when those of some flows end that are not over, by their ids, whoever's they are.
func (f Flows[T]) Ends(ctx context.Context, r db.R, ids []string) (map[string]time.Time, error) {
	type row struct {
		id   string
		ends time.Time
	}
	var args db.Arguments
	list, err := db.All(ctx, r, func(scan db.Scanner) (one row, err error) {
		err = scan(&one.id, db.At(&one.ends))
		return one, err
	}, `SELECT id, ends_at FROM flow WHERE kind = `+args.Add(f.Name)+` AND id IN (`+db.AddEach(&args, ids)+
		`) AND ends_at > `+args.Add(r.Now()), args.List()...)
	if err != nil {
		return nil, fmt.Errorf("look for %s: %w", f.Name, err)
	}
	ends := map[string]time.Time{}
	for _, one := range list {
		ends[one.id] = one.ends
	}
	return ends, nil
}

type storedFlow[T any] struct {
	Flow[T]
	digest []byte
}

func scanFlow[T any](scan db.Scanner) (storedFlow[T], error) {
	var f storedFlow[T]
	var state string
	if err := scan(&f.ID, &state, &f.version, db.At(&f.Ends), &f.digest); err != nil {
		return f, err
	}
	if err := json.Unmarshal([]byte(state), &f.State); err != nil {
		return f, fmt.Errorf("state of flow: %w", err)
	}
	return f, nil
}

const updateFlow = `UPDATE flow SET state = $1, version = version + 1 WHERE kind = $2 AND id = $3 AND version = $4`

// Save replaces the flow's state with what is now in it, and the flow is then as if it had been read
// again. If another request changed it since it was read, nothing is saved and it is fault.Conflict.
func (f Flows[T]) Save(ctx context.Context, x db.X, flow *Flow[T]) error {
	text, err := json.Marshal(flow.State)
	if err != nil {
		return fmt.Errorf("save %s: %w", f.Name, err)
	}
	n, err := x.Exec(ctx, updateFlow, string(text), f.Name, flow.ID, flow.version)
	if err != nil {
		return fmt.Errorf("save %s: %w", f.Name, err)
	}
	if n != 1 {
		return fmt.Errorf("save %s: %w", f.Name, fault.Conflict)
	}
	flow.version++
	return nil
}

const deleteFlow = `DELETE FROM flow WHERE kind = $1 AND id = $2 AND secret_digest = $3 AND ends_at > $4
	RETURNING id, state, version, ends_at, secret_digest`

// Take ends the flow by one statement: of any number that try, one succeeds and the others get fault.Expired.
func (f Flows[T]) Take(ctx context.Context, x db.X, id, secret string) (Flow[T], error) {
	flow, err := db.One(ctx, x, scanFlow[T], deleteFlow, f.Name, id, random.Digest(secret), x.Now())
	if errors.Is(err, fault.NotFound) {
		return Flow[T]{}, fault.Expired
	}
	if err != nil {
		return Flow[T]{}, fmt.Errorf("take %s: %w", f.Name, err)
	}
	return flow.Flow, nil
}

// Finish saves the flow's last state, at the latest when the Update commits, for a browser that asks for the flow again
// before it ends by itself. If another request changed or ended it since it was read, the Update is fault.Conflict.
func (f Flows[T]) Finish(ctx context.Context, w *db.W, flow Flow[T]) error {
	text, err := json.Marshal(flow.State)
	if err != nil {
		return fmt.Errorf("finish %s: %w", f.Name, err)
	}
	if err := w.ChangeSoon(ctx, updateFlow, string(text), f.Name, flow.ID, flow.version); err != nil {
		return fmt.Errorf("finish %s: %w", f.Name, err)
	}
	return nil
}

const countCurrent = `SELECT COUNT(*) FROM flow WHERE kind = $1 AND id = $2 AND version = $3`

// Current makes sure that the flow is as it was read. If another request changed or ended it since, it is
// fault.Conflict.
func (f Flows[T]) Current(ctx context.Context, r db.R, flow Flow[T]) error {
	n, err := db.Value[int64](ctx, r, countCurrent, f.Name, flow.ID, flow.version)
	if err == nil && n != 1 {
		err = fault.Conflict
	}
	if err != nil {
		return fmt.Errorf("look at %s: %w", f.Name, err)
	}
	return nil
}

// Cookie joins a flow's id and secret into one value, and Split parts it again.
func Cookie(id, secret string) string { return id + "." + secret }

// Split parts what Cookie joined.
func Split(cookie string) (id, secret string) {
	id, secret, _ = strings.Cut(cookie, ".")
	return id, secret
}
