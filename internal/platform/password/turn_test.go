package password

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-crypt/crypt/algorithm"

	"signpost/internal/platform/fault"
)

// slow is a sort of hash that takes long to check, in time that passes at once.
type slow struct{ algorithm.Digest }

const (
	slowMark = "$slow$"
	slowTime = 200 * time.Millisecond
)

// MatchAdvanced fits whatever it is asked.
func (slow) MatchAdvanced(string) (bool, error) {
	time.Sleep(slowTime)
	return true, nil
}

func slowHasher(t *testing.T, c Cost) *Hasher {
	t.Helper()
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	usual := h.decode
	h.decode = func(hash string) (algorithm.Digest, error) {
		if hash == slowMark {
			return slow{}, nil
		}
		return usual(hash)
	}
	return h
}

// oneAtATime is a cost of which any machine computes one at a time.
var oneAtATime = Cost{MemoryKiB: 8 << 10, Passes: 1, Parallelism: 1 << 10, Bcrypt: 4}

// However many strangers try passwords from 40 addresses, somebody whose browser is known waits for one check of theirs
// at most; the strangers wait for 5 seconds at most, and are told to come again.
func TestStrangersDoNotKeepTheKnownWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := slowHasher(t, oneAtATime)
		end := time.Now().Add(20 * time.Second)
		var strangers sync.WaitGroup
		var tried, refused atomic.Int64
		for n := range 80 {
			strangers.Go(func() {
				for from := (Asker{Network: fmt.Sprint(n % 40)}); time.Now().Before(end); {
					begun := time.Now()
					_, _, err := h.Check(t.Context(), from, slowMark, "guess")
					tried.Add(1)
					if took := time.Since(begun); took > maxPatience+slowTime {
						t.Errorf("a stranger waited for %s", took)
					}
					if err != nil {
						refused.Add(1)
						if !errors.Is(err, fault.Busy) {
							t.Error(err)
						}
						time.Sleep(time.Second / 10)
					}
				}
			})
		}
		for range 40 {
			time.Sleep(73 * time.Millisecond)
			begun := time.Now()
			fits, _, err := h.Check(t.Context(), Asker{Network: "1", Browser: "known"}, slowMark, "right")
			if took := time.Since(begun); !fits || err != nil || took > 2*slowTime {
				t.Errorf("known: %v after %s: %v", fits, took, err)
			}
		}
		strangers.Wait()
		t.Logf("strangers tried %d, told to come again %d", tried.Load(), refused.Load())
		if n := refused.Load(); n == 0 || n == tried.Load() {
			t.Errorf("of %d tries of strangers %d were refused", tried.Load(), n)
		}
	})
}

// One address has one check at a time, however many the machine could compute.
func TestOneCheckAtATimeForAnAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := slowHasher(t, oneAtATime)
		h.turns = newTurns(Cost{Parallelism: 1})
		took := func(askers ...Asker) time.Duration {
			begun := time.Now()
			var all sync.WaitGroup
			for _, from := range askers {
				all.Go(func() {
					if _, _, err := h.Check(t.Context(), from, slowMark, "x"); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			return time.Since(begun)
		}
		a := Asker{Network: "a"}
		if d := took(a, a, a); d != 3*slowTime {
			t.Errorf("three of one address: %s", d)
		}
		known := Asker{Network: "a", Browser: "known"}
		if d := took(known, known); d != 2*slowTime {
			t.Errorf("two of one browser: %s", d)
		}
	})
}

// A turn that gives memory back ends too, so that the next one comes.
func TestALargeHashEndsItsTurn(t *testing.T) {
	h, err := New(Cost{MemoryKiB: 16 << 10, Passes: 1, Parallelism: 1, Bcrypt: 4})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		fits, _, err := h.Check(t.Context(), Asker{}, "", "nobody's")
		if fits || err != nil {
			t.Errorf("nobody's password: %v, %v", fits, err)
		}
	}
}
