package line_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"signpost/internal/platform/line"
)

// turn is how long each takes in these tests, in time that passes at once.
const turn = 200 * time.Millisecond

// take waits for a turn and takes it, and gives how long both lasted.
func take(ctx context.Context, l *line.Line, who line.Who) (time.Duration, error) {
	begun := time.Now()
	end, err := l.Wait(ctx, who)
	if err != nil {
		return time.Since(begun), err
	}
	time.Sleep(turn)
	end()
	return time.Since(begun), nil
}

// However many strangers push in, from however many addresses, those who go first wait for one turn at most.
func TestThoseWhoGoFirstWaitForOneTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := line.New(line.Options{AtOnce: 1, EachAtOnce: 1, MaxWaiting: 32, MaxEach: 16, Patience: 5 * time.Second})
		ctx, stop := context.WithCancel(t.Context())
		var strangers sync.WaitGroup
		var full atomic.Int64
		for n := range 80 {
			strangers.Go(func() {
				for ctx.Err() == nil {
					if _, err := take(ctx, l, line.Who{Key: fmt.Sprint(n % 40)}); errors.Is(err, line.ErrFull) {
						full.Add(1)
						time.Sleep(time.Millisecond)
					}
				}
			})
		}
		for range 50 {
			time.Sleep(7 * time.Millisecond)
			took, err := take(t.Context(), l, line.Who{Key: "ada", First: true})
			if err != nil || took > 2*turn {
				t.Errorf("waited and did it for %s: %v", took, err)
			}
		}
		stop()
		strangers.Wait()
		if full.Load() == 0 || l.Waiting() != 0 {
			t.Errorf("%d strangers found the line full, %d wait still", full.Load(), l.Waiting())
		}
	})
}

// Those who go first keep nobody else out, however many they are: beside a crowd of them that is never served whole,
// newcomers have a turn too, and soon.
func TestACrowdThatGoesFirstKeepsNoNewcomerOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := line.New(line.Options{AtOnce: 1, EachAtOnce: 1, MaxWaiting: 32, MaxEach: 16, Patience: 5 * time.Second})
		ctx, stop := context.WithCancel(t.Context())
		var crowd sync.WaitGroup
		var served atomic.Int64
		for n := range 16 {
			crowd.Go(func() {
				for ctx.Err() == nil {
					if _, err := take(ctx, l, line.Who{Key: fmt.Sprint("known ", n), First: true}); err == nil {
						served.Add(1)
					}
				}
			})
		}
		time.Sleep(10 * turn)
		for n := range 20 {
			took, err := take(t.Context(), l, line.Who{Key: fmt.Sprint("home ", n)})
			if err != nil || took > 6*turn {
				t.Errorf("newcomer %d: %v after %s", n, err, took)
			}
		}
		stop()
		crowd.Wait()
		if n := served.Load(); n < 60 {
			t.Errorf("only %d of the crowd were served meanwhile: they do not go first", n)
		}
	})
}

// Who comes from an address of many waits through as many turns as others who come from it, and keeps nobody else
// waiting that long.
func TestKeysTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := line.New(line.Options{AtOnce: 2, EachAtOnce: 1, MaxWaiting: 32, MaxEach: 16, Patience: time.Minute})
		var mu sync.Mutex
		var order []string
		var together sync.WaitGroup
		for _, key := range []string{"a", "a", "a", "a", "b", "b", "c"} {
			together.Go(func() {
				end, err := l.Wait(t.Context(), line.Who{Key: key})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				order = append(order, key)
				mu.Unlock()
				time.Sleep(turn)
				end()
			})
			synctest.Wait()
		}
		together.Wait()
		if got := fmt.Sprint(order); got != "[a b c a b a a]" {
			t.Errorf("turns %s", got)
		}
	})
}

// The line ends: by how many wait, by how many of one key do, and by how long anybody waits.
func TestTheLineEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := line.New(line.Options{AtOnce: 1, MaxWaiting: 3, MaxEach: 2, Patience: time.Second})
		end, err := l.Wait(t.Context(), line.Who{Key: "a"})
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			who  line.Who
			want time.Duration // after which they are told to come again
		}{
			{line.Who{Key: "b"}, time.Second}, {line.Who{Key: "b"}, 0}, // makes room for c
			{line.Who{Key: "b"}, 0}, {line.Who{}, time.Second},
			{line.Who{Key: "c"}, time.Second}, {line.Who{Key: "d"}, 0}, {line.Who{}, 0},
			{line.Who{Key: "c", First: true}, time.Second},
		} {
			go func() {
				if took, err := take(t.Context(), l, tt.who); !errors.Is(err, line.ErrFull) || took != tt.want {
					t.Errorf("%+v: %v after %s", tt.who, err, took)
				}
			}()
			synctest.Wait()
		}
		time.Sleep(2 * time.Second)
		end()
		if took, err := take(t.Context(), l, line.Who{Key: "a"}); err != nil || took != turn {
			t.Errorf("after all went: %v after %s", err, took)
		}
	})
}

// Strangers with 40 addresses, each of which asks once a second for what takes 130 ms, keep no newcomer out: neither
// those who come from an address of their own nor those who share one.
func TestManyAddressesKeepNoNewcomerOut(t *testing.T) {
	for name, from := range map[string]func(n int) string{
		"each from an address": func(n int) string { return fmt.Sprint("home ", n) },
		"all from one":         func(int) string { return "hospital" },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const newcomers = 40
				in, longest := beside(t, 40, newcomers, 130*time.Millisecond, from)
				t.Logf("%d of %d newcomers beside 40 addresses, after %s at most", in, newcomers, longest)
				if in < newcomers || longest > time.Second {
					t.Errorf("%d of %d newcomers came in, the last after %s", in, newcomers, longest)
				}
			})
		})
	}
}

// On a machine so slow that few of the strangers ever have a turn, those who were refused are no newcomers either.
func TestWhoeverWasRefusedLatelyIsNoNewcomer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const newcomers, check = 40, 2 * time.Second
		in, longest := beside(t, 200, newcomers, check, func(n int) string { return fmt.Sprint("home ", n) })
		t.Logf("%d of %d newcomers beside 200 addresses, after %s at most", in, newcomers, longest)
		if in < newcomers {
			t.Errorf("%d of %d newcomers came in", in, newcomers)
		}
	})
}

// beside lets newcomers come, one each 10 seconds, beside strangers at so many addresses where a turn takes as long as
// check, and gives how many had a turn and how long the longest took.
func beside(
	t *testing.T, addresses, newcomers int, check time.Duration, from func(n int) string,
) (in int, longest time.Duration) {
	t.Helper()
	l := line.New(line.Options{AtOnce: 1, EachAtOnce: 1, MaxWaiting: 32, MaxEach: 16, Patience: 5 * time.Second})
	ctx, stop := context.WithCancel(t.Context())
	var together sync.WaitGroup
	ask := func(key string) error {
		end, err := l.Wait(ctx, line.Who{Key: key})
		if err == nil {
			time.Sleep(check)
			end()
		}
		return err
	}
	for n := range addresses {
		together.Go(func() {
			time.Sleep(time.Duration(n) * 25 * time.Millisecond)
			for ctx.Err() == nil {
				together.Go(func() { _ = ask(fmt.Sprint("stranger ", n)) })
				time.Sleep(time.Second)
			}
		})
	}
	time.Sleep(7 * time.Second)
	for n := range newcomers {
		begun := time.Now()
		if ask(from(n)) == nil {
			in++
		}
		longest = max(longest, time.Since(begun))
		time.Sleep(10 * time.Second)
	}
	stop()
	together.Wait()
	return in, longest
}

// Who goes away gives up their place, and whoever is counted keeps others waiting until they end or wait elsewhere.
func TestLeavingTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := line.New(line.Options{AtOnce: 1, MaxWaiting: 1, Patience: time.Hour})
		counted, end := l.Count(t.Context())
		ctx, leave := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() {
			_, err := l.Wait(ctx, line.Who{})
			gone <- err
		}()
		synctest.Wait()
		leave()
		if err := <-gone; !errors.Is(err, context.Canceled) || l.Waiting() != 0 {
			t.Errorf("left with %v, %d wait", err, l.Waiting())
		}
		go func() {
			time.Sleep(time.Second)
			line.Uncount(counted)
			end()
		}()
		if took, err := take(t.Context(), l, line.Who{}); err != nil || took != time.Second+turn {
			t.Errorf("took %s: %v", took, err)
		}
		if took, err := take(t.Context(), l, line.Who{}); err != nil || took != turn {
			t.Errorf("ended twice, then took %s: %v", took, err)
		}
	})
}
