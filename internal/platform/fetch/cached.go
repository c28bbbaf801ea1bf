package fetch

import (
	"context"
	"fmt"
	"sync"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/line"
)

// Cached is a document of another machine, kept for a while: read when first needed, read again when it
// grows old, and not asked for too often however many want it. It is safe for use by several goroutines.
type Cached[T any] struct {
	Read  func(context.Context) (T, error)
	Clock clock.Clock

	FreshFor time.Duration // read again after this
	KeepFor  time.Duration // if that fails, still good until this
	Again    time.Duration // Newer reads no more often than this
	Retry    time.Duration // after a failure nobody asks for this long

	made    sync.Once
	turn    chan struct{} // holds one while somebody reads or looks at what follows
	value   T
	readAt  time.Time // of the value; zero if there is none
	triedAt time.Time // when the last try ended or, while it lasts, began
	failure error     // of the last try
}

// enter waits until nobody else reads. It ends when the context does: whoever asks may go away before an answer comes.
// Meanwhile nothing here is short, so those who wait do not count as work under way.
func (k *Cached[T]) enter(ctx context.Context) (leave func(), err error) {
	k.made.Do(func() { k.turn = make(chan struct{}, 1) })
	leave = func() { <-k.turn }
	select {
	case k.turn <- struct{}{}:
		return leave, nil
	default:
	}
	line.Uncount(ctx)
	select {
	case k.turn <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for another machine: %w", ctx.Err())
	}
}

// Value is the document, read now if there is none fresh.
func (k *Cached[T]) Value(ctx context.Context) (T, error) {
	var none T
	leave, err := k.enter(ctx)
	if err != nil {
		return none, err
	}
	defer leave()
	now := k.Clock.Now()
	if k.has() && now.Sub(k.readAt) < k.FreshFor {
		return k.value, nil
	}
	err = k.read(ctx, now)
	if err == nil || (k.has() && now.Sub(k.readAt) < k.KeepFor) {
		return k.value, nil
	}
	return none, err
}

// Newer reads the document again if the one at hand has some age, and gives whichever is then at hand.
// It is for whoever misses something in it.
func (k *Cached[T]) Newer(ctx context.Context) (T, error) {
	leave, err := k.enter(ctx)
	if err != nil {
		var none T
		return none, err
	}
	now := k.Clock.Now()
	if k.has() && now.Sub(k.triedAt) >= k.Again {
		_ = k.read(ctx, now) // what is at hand stays good
	}
	leave()
	return k.Value(ctx)
}

func (k *Cached[T]) has() bool { return !k.readAt.IsZero() }

func (k *Cached[T]) read(ctx context.Context, now time.Time) error {
	if k.failure != nil && now.Sub(k.triedAt) < k.Retry {
		return k.failure
	}
	k.triedAt = now
	// One reader serves all who wait, so it must not end because the first of them went away.
	value, err := k.Read(context.WithoutCancel(ctx))
	if err != nil {
		k.failure = err
		k.triedAt = k.Clock.Now() // the try may have lasted longer than Retry, and others waited for it
		return err
	}
	k.value = value
	k.readAt = now
	k.failure = nil
	return nil
}
