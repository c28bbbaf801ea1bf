// Package linetest fills lines for tests of what people are told who find them full.
package linetest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"signpost/internal/platform/line"
)

// Fill lets others take every turn and every place of a line, until empty is called or the test ends.
func Fill(t testing.TB, l *line.Line) (empty func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var others sync.WaitGroup
	for _, first := range []bool{true, false} {
		var once sync.Once
		full := make(chan struct{})
		for n := range 1000 {
			others.Go(func() {
				end, err := l.Wait(ctx, line.Who{Key: fmt.Sprint("other ", n, first), First: first})
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
