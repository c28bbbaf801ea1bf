// Package linetest fills lines for tests of what people are told who find them full.
package linetest

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"

	"signpost/internal/platform/line"
)

// Fill lets others take every turn and every place of a line, until empty is called or the test ends. None of them has
// been there before, so that nobody goes before them.
func Fill(t testing.TB, l *line.Line) (empty func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var others sync.WaitGroup
	for _, first := range []bool{true, false} {
		var once sync.Once
		full := make(chan struct{})
		for range 1000 {
			others.Go(func() {
				end, err := l.Wait(ctx, line.Who{Key: rand.Text(), First: first})
				if err != nil {
					once.Do(func() { close(full) })
					return
				}
				<-ctx.Done()
				end()
			})
		}
		<-full
	}
	empty = func() {
		stop()
		others.Wait()
	}
	t.Cleanup(empty)
	return empty
}
