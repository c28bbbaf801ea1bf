package line

import "context"

type countKey struct{}

// Count counts somebody who does it without a turn, however many do: those who wait have to wait for them too, until
// end is called. What Uncount is given the context of counts no more.
func (l *Line) Count(ctx context.Context) (counted context.Context, end func()) {
	l.mu.Lock()
	l.doing++
	l.mu.Unlock()
	end = l.ending(Who{})
	return With(ctx, end), end
}

// With gives a context in which Uncount calls end.
func With(ctx context.Context, end func()) context.Context {
	return context.WithValue(ctx, countKey{}, end)
}

// Uncount ends the turn or the count that a context belongs to, if any: from here on it waits for something else.
func Uncount(ctx context.Context) {
	if end, counted := ctx.Value(countKey{}).(func()); counted {
		end()
	}
}
