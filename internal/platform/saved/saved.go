// Package saved remembers whether anything was saved while a request was answered, so that nobody is told that nothing
// was changed if something goes wrong afterwards. It does not know what was saved.
package saved

import (
	"context"
	"sync/atomic"
)

type key struct{}

// Watch gives a context in which Note is remembered.
func Watch(ctx context.Context) context.Context {
	return context.WithValue(ctx, key{}, new(atomic.Bool))
}

// Note remembers that something was saved.
func Note(ctx context.Context) {
	if mark, watched := ctx.Value(key{}).(*atomic.Bool); watched {
		mark.Store(true)
	}
}

// Anything reports whether anything was saved.
func Anything(ctx context.Context) bool {
	mark, watched := ctx.Value(key{}).(*atomic.Bool)
	return watched && mark.Load()
}
