package jwt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
)

// Remote is the key set that another machine publishes. It is read when first needed and kept for up to
// an hour; a key id that is not in it has it read again, but at most once a minute.
type Remote struct{ set fetch.Cached[Set] }

// NewRemote makes the key set at an address. Nothing is read yet.
func NewRemote(url string, client *fetch.Client, c clock.Clock) *Remote {
	r := &Remote{}
	r.set = fetch.Cached[Set]{
		Clock: c, FreshFor: 30 * time.Minute, KeepFor: time.Hour, Again: time.Minute, Retry: 5 * time.Second,
		Read: func(ctx context.Context) (Set, error) {
			text, err := client.Bytes(ctx, url, nil)
			if err != nil {
				return Set{}, fmt.Errorf("key set: %w", err)
			}
			return ParseSet(text)
		},
	}
	return r
}

// Find gives the one key with this id that works with the algorithm.
func (r *Remote) Find(ctx context.Context, id string, a Algorithm) (any, error) {
	set, err := r.set.Value(ctx)
	if err != nil {
		return nil, err
	}
	key, err := set.Find(ctx, id, a)
	if !errors.Is(err, ErrNoKey) {
		return key, err
	}
	if set, err = r.set.Newer(ctx); err != nil {
		return nil, err
	}
	return set.Find(ctx, id, a)
}
