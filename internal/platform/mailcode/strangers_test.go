package mailcode_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/mailcode"
)

// Whatever others do about a subject in flows of their own, its owner asks for a code, and types it.
func TestOthersUseUpNothing(t *testing.T) {
	w := newWorld(t)
	p := proof
	p.MaxOfNetwork = 4
	p.MaxOfNetworkAll = 5
	mine := w.mustAsk(p, "ada")
	w.network = "198.51.100.7"
	refused := 0
	for i := range 40 {
		other := p.Within("flow " + strconv.Itoa(i))
		if _, err := w.ask(other, "ada"); errors.Is(err, errAsks) {
			refused++
		}
		for i := range p.MaxWrong + 1 {
			_, _ = w.use(other, "ada", guess(i))
		}
	}
	if refused != 36 {
		t.Errorf("%d of 40 codes were refused to one network, want all but 4", refused)
	}
	if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = 'proof.asked-too-often'`); n != 1 {
		t.Errorf("%d events say so, want one while the codes live", n)
	}
	if _, err := w.ask(p.Within("x"), "bob"); err != nil {
		t.Errorf("the first for another: %v", err)
	}
	if _, err := w.ask(p.Within("y"), "eve"); !errors.Is(err, errAsks) {
		t.Errorf("for a third, past what the network may ask for: %v", err)
	}
	w.network = ""
	if _, err := w.use(p, "ada", mine); err != nil {
		t.Errorf("her code, after what others did: %v", err)
	}
	if _, err := w.use(p, "ada", w.mustAsk(p, "ada")); err != nil {
		t.Errorf("another: %v", err)
	}
	w.network = "198.51.100.7"
	w.clock.Advance(p.Life)
	w.mustAsk(p.Within("z"), "ada")
}

// A code belongs to a flow: what would be everybody's is refused.
func TestACodeBelongsToAFlow(t *testing.T) {
	w := newWorld(t)
	if _, err := w.ask(proof.Within(""), "ada"); err == nil {
		t.Error("a code of no flow was made")
	}
}

// What strangers try about nobody leaves nothing behind once the code has ended.
func TestNobodyLeavesNoEvent(t *testing.T) {
	w := newWorld(t)
	for _, key := range []string{"one", "two"} {
		err := w.update(func(ctx context.Context, u *db.W) error {
			return mailcode.Pretend(ctx, u, w.post, proof, mailcode.Nobody(key))
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range proof.MaxWrong + 1 {
			err := w.update(func(ctx context.Context, u *db.W) error {
				_, err := mailcode.Use(ctx, u, w.post, proof, mailcode.Nobody(key), guess(i))
				return err
			})
			if want := map[bool]error{true: errWrong, false: errOver}[i < proof.MaxWrong]; !errors.Is(err, want) {
				t.Errorf("try %d: %v, want %v", i, err, want)
			}
		}
	}
	if n := w.count(`SELECT COUNT(*) FROM event WHERE kind <> 'test.done'`); n != 0 {
		t.Errorf("%d events", n)
	}
	if n := w.count(`SELECT COUNT(*) FROM counter`); n != 0 {
		t.Errorf("%d counters, which are kept for good", n)
	}
}

// What was never mailed answers like a code that was.
func TestPretend(t *testing.T) {
	w := newWorld(t)
	err := w.update(func(ctx context.Context, u *db.W) error {
		return mailcode.Pretend(ctx, u, w.post, proof, subject("ada"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.use(proof, "ada", "BCDF2345"); !errors.Is(err, errWrong) {
		t.Errorf("a guess: %v", err)
	}
	jobtest.Settle(t, w.jobs)
	if n := w.count(`SELECT COUNT(*) FROM mail`); n != 0 {
		t.Errorf("%d mails", n)
	}
}
