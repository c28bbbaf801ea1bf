package mailcode_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
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

// However many networks ask, few codes of a subject are mailed in a day; and whoever asks from one that asked for none
// gets theirs.
func TestCodesOfADay(t *testing.T) {
	for name, ask := range map[string]func(w *world, p mailcode.Purpose) error{
		"somebody": func(w *world, p mailcode.Purpose) error {
			_, err := w.ask(p, "ada")
			return err
		},
		"nobody": func(w *world, p mailcode.Purpose) error {
			return w.update(func(ctx context.Context, u *db.W) error {
				return mailcode.Pretend(ctx, u, w.post, p, mailcode.Nobody("x"))
			})
		},
	} {
		w := newWorld(t)
		p := proof
		p.MaxAsks = 5
		p.MaxOfNetwork = 5
		p.MaxOfDay = 30
		p.ErrDay = fault.Say(fault.TooMany, "today")
		mailed := 0
		flows := 0
		for hour := range 20 {
			for network := range 10 {
				w.network = "198.51.100." + strconv.Itoa(network)
				for range 3 {
					flows++
					err := ask(w, p.Within("flow "+strconv.Itoa(flows)))
					if err == nil {
						mailed++
					} else if !errors.Is(err, p.ErrDay) {
						t.Fatalf("%s, hour %d: %v", name, hour, err)
					}
				}
			}
			w.clock.Advance(time.Hour)
		}
		if mailed != 30 {
			t.Errorf("%s: 10 networks had %d codes mailed in a day, want 30", name, mailed)
		}
		w.network = "203.0.113.9"
		for i, want := range []error{nil, nil, nil, p.ErrDay} {
			if err := ask(w, p.Within("mine")); !errors.Is(err, want) {
				t.Errorf("%s: code %d of another network: %v, want %v", name, i, err, want)
			}
		}
		w.clock.Advance(5 * time.Hour)
		w.network = "198.51.100.3"
		if err := ask(w, p.Within("tomorrow")); err != nil {
			t.Errorf("%s, a day later: %v", name, err)
		}
	}
}

// The codes of one flow count for the day also after those before have ended.
func TestCodesOfADayInOneFlow(t *testing.T) {
	w := newWorld(t)
	p := proof
	p.MaxOfDay = 6
	p.ErrDay = fault.Say(fault.TooMany, "today")
	w.network = "198.51.100.7"
	for i := range 6 {
		w.mustAsk(p, "ada")
		if i%2 == 1 {
			w.clock.Advance(p.Life)
		}
	}
	if _, err := w.ask(p, "ada"); !errors.Is(err, p.ErrDay) {
		t.Errorf("the seventh: %v", err)
	}
	w.network = "203.0.113.9"
	code := w.mustAsk(p.Within("mine"), "ada")
	if _, err := w.use(p.Within("mine"), "ada", code); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		code = w.mustAsk(p.Within("mine"), "ada")
		if _, err := w.use(p.Within("mine"), "ada", code); err != nil {
			t.Errorf("where somebody reads the mailbox: %v", err)
		}
		w.clock.Advance(p.Life)
	}
}
