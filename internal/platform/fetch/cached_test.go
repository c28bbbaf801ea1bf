package fetch

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/line"
)

func TestKept(t *testing.T) {
	now := clocktest.At(time.Date(2026, 5, 20, 9, 0, 0, 0, time.UTC))
	reads := 0
	down := false
	k := &Cached[int]{
		Read: func(context.Context) (int, error) {
			reads++
			if down {
				return 0, errors.New("down")
			}
			return reads, nil
		},
		Clock: now, FreshFor: 30 * time.Minute, KeepFor: time.Hour, Again: time.Minute, Retry: 5 * time.Second,
	}
	check := func(step string, read func(context.Context) (int, error), wantReads int, wantErr bool) {
		t.Helper()
		if _, err := read(t.Context()); (err != nil) != wantErr {
			t.Errorf("%s: error %v", step, err)
		}
		if reads != wantReads {
			t.Errorf("%s: read %d times, want %d", step, reads, wantReads)
		}
	}
	down = true
	check("down at the start", k.Value, 1, true)
	check("asked again at once", k.Value, 1, true)
	now.Advance(5 * time.Second)
	down = false
	check("back", k.Value, 2, false)
	for range 10_000 {
		check("missing something, at once", k.Newer, 2, false)
	}
	now.Advance(time.Minute)
	check("missing something, a minute later", k.Newer, 3, false)
	check("and again", k.Newer, 3, false)
	now.Advance(29 * time.Minute)
	check("still fresh", k.Value, 3, false)
	now.Advance(time.Minute)
	down = true
	check("old, and down: what is at hand serves", k.Value, 4, false)
	check("and nobody asks for a while", k.Value, 4, false)
	now.Advance(30 * time.Minute)
	check("too old", k.Value, 5, true)
}

// slow is a document of a machine that takes its time and then fails.
type slow struct {
	Cached[int]

	clock *clocktest.Manual
	asked chan struct{} // one for each reading that began
	fails chan struct{} // has a reading fail, ten seconds later
}

func newSlow() *slow {
	s := &slow{
		clock: clocktest.At(time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)),
		asked: make(chan struct{}, 100), fails: make(chan struct{}),
	}
	s.Clock = s.clock
	s.Retry = 5 * time.Second
	s.Read = func(context.Context) (int, error) {
		s.asked <- struct{}{}
		<-s.fails
		s.clock.Advance(10 * time.Second)
		return 0, errors.New("too slow")
	}
	return s
}

// A machine that takes longer to fail than nobody asks it afterwards is asked once, however many wait.
func TestWhoeverWaitedForAFailureIsToldOfIt(t *testing.T) {
	s := newSlow()
	failed := make(chan error, 20)
	for range cap(failed) {
		go func() {
			_, err := s.Value(t.Context())
			failed <- err
		}()
	}
	<-s.asked
	close(s.fails)
	for range cap(failed) {
		if err := <-failed; err == nil {
			t.Error("there is a value")
		}
	}
	if len(s.asked) != 0 {
		t.Errorf("it was asked %d times more", len(s.asked))
	}
}

// Whoever goes away waits no longer.
func TestWhoeverGoesAwayWaitsNoLonger(t *testing.T) {
	s := newSlow()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = s.Value(t.Context())
	}()
	<-s.asked
	gone, goAway := context.WithCancel(t.Context())
	goAway()
	for name, read := range map[string]func(context.Context) (int, error){"Value": s.Value, "Newer": s.Newer} {
		if _, err := read(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	close(s.fails)
	<-ended
}

// Those who wait for another machine are no work under way, which would keep new logins from beginning.
func TestWaitingForAnotherMachineCountsForNothing(t *testing.T) {
	entry := line.New(line.Options{AtOnce: 1, MaxWaiting: 1, Patience: 10 * time.Second})
	admitted := make(chan error)
	answer := func(w http.ResponseWriter, r *http.Request) {
		_, err := entry.Wait(r.Context(), line.Who{})
		admitted <- err
		w.WriteHeader(http.StatusNoContent)
	}
	machine := httptest.NewServer(http.HandlerFunc(answer))
	t.Cleanup(machine.Close)
	ctx, end := entry.Count(t.Context())
	defer end()
	go func() { _, _ = New(Options{AllowLoopback: true}).Bytes(ctx, machine.URL, nil) }()
	if err := <-admitted; err != nil {
		t.Errorf("while somebody waits for an answer: %v", err)
	}
}

// The same holds of those who wait for somebody else's answer.
func TestWaitingForAnAnswerOfOthersCountsForNothing(t *testing.T) {
	entry := line.New(line.Options{AtOnce: 1, MaxWaiting: 1, Patience: 10 * time.Second})
	s := newSlow()
	ended := make(chan struct{}, 2)
	wait := func(ctx context.Context) {
		_, _ = s.Value(ctx)
		ended <- struct{}{}
	}
	go wait(t.Context())
	<-s.asked
	ctx, end := entry.Count(t.Context())
	defer end()
	go wait(ctx)
	if _, err := entry.Wait(t.Context(), line.Who{}); err != nil {
		t.Errorf("while somebody waits for what another reads: %v", err)
	}
	close(s.fails)
	<-ended
	<-ended
}
