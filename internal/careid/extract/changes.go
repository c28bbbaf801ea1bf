package extract

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"signpost/internal/careid/change"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// eventChangesAnswered is recorded when a directory was told what changed.
const eventChangesAnswered audit.Kind = "extract.changes-answered"

// settled is how long ago a change has to be for nothing to come before it any more: further than the longest Update,
// whose changes have the time at which it began and are seen as it ends. What is later is told again in the next
// answer.
const settled = 2 * time.Minute

const handleBytes = 16

// handleOf names a thing for one asker. Nobody can find the thing by it, and no two askers can compare theirs.
func (e *Extract) handleOf(asker string, t change.Thing) string {
	digest := e.Box.Digest("extract-handle\x00" + asker + "\x00" + string(t.Kind) + "\x00" + t.Subject)
	return base64.RawURLEncoding.EncodeToString(digest[:handleBytes])
}

// handlesOf names the address of a question and the person whom it found, by which an asker knows them again in what
// changed.
func (e *Extract) handlesOf(asker string, q wire.Question, f *facts) (handles []string) {
	if matchesAutomatically(q.Email) {
		handles = append(handles, e.handleOf(asker, change.OfAddress(q.Email)))
	}
	if found := f.find(q); len(found) == 1 {
		return append(handles, e.handleOf(asker, change.OfPerson(found[0].UUID)))
	}
	if uuid := f.meantBy[q.Ref]; uuid != "" {
		return append(handles, e.handleOf(asker, change.OfPerson(uuid)))
	}
	return handles
}

// place is where an asker is in the order of changes. While they read many changes in parts, it is behind the last one
// that they have, with where they go on from once they have all: Settled, before which nothing comes any more.
type place struct {
	change.Point

	Settled time.Time // zero where they do not read in parts
}

// point is a place as an asker carries it, sealed. Times are in Unix milliseconds.
type point struct {
	At      int64       `json:"at"`
	Kind    change.Kind `json:"kind,omitempty"`
	Subject string      `json:"subject,omitempty"`
	Settled int64       `json:"settled,omitempty"`
}

func pointContext(asker string) string { return "extract-point/" + asker }

func (e *Extract) sealPoint(asker string, p place) (string, error) {
	carried := point{At: p.At.UnixMilli(), Kind: p.After.Kind, Subject: p.After.Subject}
	if !p.Settled.IsZero() {
		carried.Settled = p.Settled.UnixMilli()
	}
	plain, err := json.Marshal(carried)
	if err != nil {
		return "", fmt.Errorf("write point of changes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(e.Box.Seal(plain, pointContext(asker))), nil
}

func (e *Extract) openPoint(asker, text string) (p place, err error) {
	bad := fault.OfField("since", "since is not what an answer to this asker gave as next")
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return p, bad
	}
	plain, err := e.Box.Open(sealed, pointContext(asker))
	if err != nil {
		return p, fmt.Errorf("%w: %w", bad, err)
	}
	var carried point
	if err := json.Unmarshal(plain, &carried); err != nil {
		return p, fmt.Errorf("%w: %w", bad, err)
	}
	p.At = time.UnixMilli(carried.At).UTC()
	p.After = change.Thing{Kind: carried.Kind, Subject: carried.Subject}
	if carried.Settled != 0 {
		p.Settled = time.UnixMilli(carried.Settled).UTC()
	}
	return p, nil
}

// changes answers what changed.
func (e *Extract) changes(
	ctx context.Context, asker string, request wire.ChangesRequest,
) (answered[wire.Changes], error) {
	told, err := e.changesSince(ctx, asker, request.Since)
	if err != nil {
		return answered[wire.Changes]{}, err
	}
	counts := map[string]any{"changed": len(told.Handles), "everybody": told.Everybody}
	return answered[wire.Changes]{response: told, record: func(ctx context.Context, w *db.W) error {
		if len(told.Handles) == 0 && !told.Everybody {
			return nil // a directory asks each minute
		}
		return w.Record(ctx, audit.Event{Kind: eventChangesAnswered, Subject: client(asker), After: counts})
	}}, nil
}

// changesSince gives what changed since an answer, or from where on to ask where none was given.
func (e *Extract) changesSince(ctx context.Context, asker, since string) (wire.Changes, error) {
	if since == "" {
		now := e.DB.Now()
		next, err := e.sealPoint(asker, place{Point: change.Point{At: now.Add(-settled)}})
		return wire.Changes{Version: wire.Version, AsOf: now.UnixMilli(), Next: next, Handles: []string{}}, err
	}
	from, err := e.openPoint(asker, since)
	if err != nil {
		return wire.Changes{}, err
	}
	type read struct {
		list []change.Changed
		now  time.Time
	}
	found, err := db.Costly(ctx, e.DB, func(r db.R) (read, error) {
		list, err := change.Since(ctx, r, from.Point, wire.MaxChanged)
		return read{list: list, now: r.Now()}, err
	})
	if err != nil {
		return wire.Changes{}, err
	}
	next, err := e.sealPoint(asker, after(from, found.list, found.now))
	told := wire.Changes{
		Version: wire.Version, AsOf: found.now.UnixMilli(), Next: next, Handles: []string{},
		More: len(found.list) == wire.MaxChanged, Everybody: found.now.Sub(from.At) > change.Kept,
	}
	for _, c := range found.list {
		if c.Kind == change.All {
			told.Everybody = true
			continue
		}
		told.Handles = append(told.Handles, e.handleOf(asker, c.Thing))
	}
	return told, err
}

// after gives from where on to ask next: behind the last one of a full answer; otherwise from where changes may still
// come before those that were seen, and never before the place at which the asker began.
func after(from place, list []change.Changed, now time.Time) place {
	back := from.Settled
	if back.IsZero() {
		back = now.Add(-settled)
		if back.Before(from.At) {
			back = from.At
		}
	}
	if len(list) == wire.MaxChanged {
		return place{Point: list[len(list)-1].Point(), Settled: back}
	}
	return place{Point: change.Point{At: back}}
}
