package mailcode_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

var (
	errAsks  = fault.Say(fault.TooMany, "too many")
	errOver  = fault.Say(fault.Expired, "over")
	errWrong = fault.Say(fault.Invalid, "wrong")
)

// proof is a purpose in the flow of one browser.
var proof = mailcode.Purpose{
	Name: "proof", Life: 15 * time.Minute, MaxAsks: 3, MaxWrong: 2,
	AskedTooOften: audit.Event{Kind: "proof.asked-too-often"},
	WrongTry:      audit.Event{Kind: "proof.wrong", Reason: "typed"},
	ErrAsks:       errAsks, ErrOver: errOver, ErrWrong: errWrong,
}.Within("browser")

func subject(id string) audit.Ref { return audit.Ref{Kind: "person", ID: id} }

type world struct {
	t     *testing.T
	clock *clocktest.Manual
	d     *db.DB
	post  *mail.Post
	mails *mail.Mailbox
	jobs  *job.Queue

	network string // from which codes are asked for
}

func newWorld(t *testing.T) *world {
	t.Helper()
	noon := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	w := &world{t: t, clock: clocktest.At(noon), mails: &mail.Mailbox{}}
	w.d = dbtest.Open(t, fstest.MapFS{}, w.clock)
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	ws := job.NewWorkers()
	w.post = mail.New(w.d, box, w.mails, ws)
	mailcode.Work(ws, w.d)
	w.jobs = jobtest.Start(t, w.d, ws)
	return w
}

func (w *world) update(fn func(ctx context.Context, u *db.W) error) error {
	w.t.Helper()
	by := actor.Actor{Kind: actor.Stranger, Network: w.network}
	return w.d.Update(w.t.Context(), by, func(u *db.W) error {
		if err := fn(w.t.Context(), u); err != nil {
			return err
		}
		return u.Record(w.t.Context(), audit.Event{Kind: "test.done"})
	})
}

func (w *world) ask(p mailcode.Purpose, id string) (code string, err error) {
	w.t.Helper()
	err = w.update(func(ctx context.Context, u *db.W) error {
		return mailcode.Ask(ctx, u, w.post, p, subject(id), func(made string) mail.Message {
			code = made
			return mail.Message{Kind: "proof", To: id + "@nhs.net", Text: made}
		})
	})
	return code, err
}

func (w *world) mustAsk(p mailcode.Purpose, id string) string {
	w.t.Helper()
	code, err := w.ask(p, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

func (w *world) use(p mailcode.Purpose, id, typed string) (address string, err error) {
	w.t.Helper()
	err = w.update(func(ctx context.Context, u *db.W) error {
		address, err = mailcode.Use(ctx, u, w.post, p, subject(id), typed)
		return err
	})
	return address, err
}

func (w *world) count(sql string, args ...any) (n int64) {
	w.t.Helper()
	err := w.d.View(w.t.Context(), func(r db.R) (err error) {
		n, err = db.Value[int64](w.t.Context(), r, sql, args...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// A code is mailed, works once as people type it, and gives the address it went to.
func TestCodeIsUsedOnce(t *testing.T) {
	w := newWorld(t)
	for _, typed := range []func(code string) string{
		func(code string) string { return code },
		strings.ToLower,
		random.Ungrouped,
		func(code string) string { return strings.ReplaceAll(code, " ", "-") },
		func(code string) string { return strings.ReplaceAll(code, " ", "\u00a0") },
		func(code string) string { return "  " + code[:4] + "\t" + code[4:] + " " },
	} {
		w.clock.Advance(proof.Life)
		code := w.mustAsk(proof, "ada")
		jobtest.Settle(t, w.jobs)
		if mails := w.mails.To("ada@nhs.net"); len(mails) == 0 || mails[0].Text != code {
			t.Fatalf("mailed %v, want %s", mails, code)
		}
		if to, err := w.use(proof, "ada", typed(code)); err != nil || to != "ada@nhs.net" {
			t.Errorf("typed %q: %q, %v", typed(code), to, err)
		}
		if _, err := w.use(proof, "ada", code); !errors.Is(err, mailcode.ErrRepeated) {
			t.Errorf("typed again: %v", err)
		}
		if _, err := w.use(proof, "ada", "BCDF2345"); !errors.Is(err, errOver) {
			t.Errorf("another, after it was used: %v", err)
		}
	}
}

// A code is mailed as people read it out and copy it: in two groups.
func TestCodesAreMailedInTwoGroups(t *testing.T) {
	code := newWorld(t).mustAsk(proof, "ada")
	if first, second, grouped := strings.Cut(code, " "); !grouped || len(first) != 4 || len(second) != 4 {
		t.Errorf("the mail says %q, want two groups of four", code)
	}
}

// A code is worth nothing for another subject, purpose or flow, when it was cancelled, and after its time.
func TestWorthlessCodes(t *testing.T) {
	w := newWorld(t)
	proof := proof
	proof.MaxWrong = 100
	other := proof
	other.Name = "other"
	newest := w.mustAsk(proof, "ada")
	flow := proof.Within("1")
	for name, code := range map[string]string{
		"another subject's": w.mustAsk(proof, "bob"),
		"another purpose's": w.mustAsk(other, "ada"),
		"one flow's":        w.mustAsk(flow, "ada"), "nothing": "", "all but a letter": newest[:7],
	} {
		if _, err := w.use(proof, "ada", code); !errors.Is(err, errWrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.use(proof.Within("2"), "ada", newest); !errors.Is(err, errOver) {
		t.Errorf("in a flow that has no code: %v", err)
	}
	err := w.update(func(ctx context.Context, u *db.W) error {
		return mailcode.Cancel(ctx, u, subject("ada"), proof, other)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.use(proof, "ada", newest); !errors.Is(err, errOver) {
		t.Errorf("cancelled: %v", err)
	}
	late := w.mustAsk(proof, "ada")
	w.clock.Advance(proof.Life)
	if _, err := w.use(proof, "ada", late); !errors.Is(err, errOver) {
		t.Errorf("after its time: %v", err)
	}
}

// So many codes may be asked for one after another, used or not; then the last must end first.
func TestAskedTooOften(t *testing.T) {
	w := newWorld(t)
	for range proof.MaxAsks {
		w.clock.Advance(time.Minute)
		if _, err := w.use(proof, "ada", w.mustAsk(proof, "ada")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.ask(proof, "ada"); !errors.Is(err, errAsks) {
		t.Errorf("one too many: %v", err)
	}
	if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = 'proof.asked-too-often' AND subject_id = 'ada'`); n != 1 {
		t.Errorf("%d events say so", n)
	}
	w.clock.Advance(proof.Life)
	w.mustAsk(proof, "ada")
}

// After too many wrong tries the right code does not work either. Another code begins the count again.
func TestWrongTries(t *testing.T) {
	w := newWorld(t)
	code := w.mustAsk(proof, "ada")
	for i := range proof.MaxWrong {
		if _, err := w.use(proof, "ada", guess(i)); !errors.Is(err, errWrong) {
			t.Errorf("a wrong code: %v", err)
		}
	}
	for range 3 {
		if _, err := w.use(proof, "ada", code); !errors.Is(err, errOver) {
			t.Errorf("the right code after too many wrong ones: %v", err)
		}
	}
	if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = 'proof.wrong'`); n != proof.MaxWrong {
		t.Errorf("%d events", n)
	}
	if _, err := w.use(proof, "ada", w.mustAsk(proof, "ada")); err != nil {
		t.Errorf("another code: %v", err)
	}
}

// guess gives a wrong code, another one for each number.
func guess(i int64) string { return "wrong" + strconv.FormatInt(i, 10) }

// A double click on a wrong code is one try. Of many at once one counts.
func TestTheSameWrongCodeCountsOnce(t *testing.T) {
	w := newWorld(t)
	code := w.mustAsk(proof, "ada")
	var clicks sync.WaitGroup
	for _, typed := range []string{"BCDF 2345", "bcdf2345", "BCDF-2345", "BCDF2345"} {
		clicks.Go(func() {
			if _, err := w.use(proof, "ada", typed); !errors.Is(err, errWrong) {
				t.Errorf("typed %q: %v", typed, err)
			}
		})
	}
	clicks.Wait()
	if n := w.count(`SELECT wrong FROM mailed_code`); n != 1 {
		t.Errorf("%d wrong tries", n)
	}
	if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = 'proof.wrong'`); n != 1 {
		t.Errorf("%d events", n)
	}
	if _, err := w.use(proof, "ada", code); err != nil {
		t.Errorf("the right code: %v", err)
	}
	w.mustAsk(proof, "ada")
	for range 2 {
		if _, err := w.use(proof, "ada", "BCDF2345"); !errors.Is(err, errWrong) {
			t.Errorf("a guess at another code: %v", err)
		}
	}
	if n := w.count(`SELECT wrong FROM mailed_code`); n != 1 {
		t.Errorf("%d wrong tries at another code: it is a guess of its own", n)
	}
}

// Awaited are the addresses of codes that can still be typed, in any flow.
func TestAwaited(t *testing.T) {
	w := newWorld(t)
	awaited := func() (to []string) {
		t.Helper()
		err := w.d.View(t.Context(), func(r db.R) (err error) {
			to, err = mailcode.Awaited(t.Context(), r, proof, subject("ada"))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return to
	}
	if got := awaited(); len(got) != 0 {
		t.Errorf("before any: %v", got)
	}
	code := w.mustAsk(proof, "ada")
	w.mustAsk(proof.Within("other"), "ada")
	if got := awaited(); len(got) != 2 || got[0] != "ada@nhs.net" {
		t.Errorf("mailed: %v", got)
	}
	if _, err := w.use(proof, "ada", code); err != nil {
		t.Fatal(err)
	}
	if got := awaited(); len(got) != 1 {
		t.Errorf("after its use: %v", got)
	}
	w.clock.Advance(proof.Life)
	if got := awaited(); len(got) != 0 {
		t.Errorf("after their time: %v", got)
	}
}

// What is kept of a code can be checked under the master key alone.
func TestCodeIsKeptUnderTheMasterKey(t *testing.T) {
	w := newWorld(t)
	code := w.mustAsk(proof, "ada")
	ours := w.post
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	w.post = mail.New(w.d, box, w.mails, job.NewWorkers())
	if _, err := w.use(proof, "ada", code); !errors.Is(err, errWrong) {
		t.Errorf("under another key: %v", err)
	}
	w.post = ours
	if _, err := w.use(proof, "ada", code); err != nil {
		t.Errorf("under the key: %v", err)
	}
}

func TestSweep(t *testing.T) {
	w := newWorld(t)
	jobtest.Settle(t, w.jobs) // the sweep at the start
	w.mustAsk(proof, "ada")
	w.clock.Advance(24*time.Hour + proof.Life - time.Minute)
	w.mustAsk(proof, "bob")
	w.clock.Advance(time.Minute)
	err := w.update(func(ctx context.Context, u *db.W) error { return u.Enqueue(ctx, mailcode.SweepJob{}) })
	if err != nil {
		t.Fatal(err)
	}
	jobtest.Settle(t, w.jobs)
	if n := w.count(`SELECT COUNT(*) FROM mailed_code`); n != 1 {
		t.Errorf("%d codes are kept, want the one that did not end a day ago", n)
	}
}

// Of several codes that were sent the newest works. Whoever types an older one reads that, and it is no wrong try.
func TestAnOlderCodeIsSaidToBeOlder(t *testing.T) {
	w := newWorld(t)
	first := w.mustAsk(proof, "ada")
	second := w.mustAsk(proof, "ada")
	third := w.mustAsk(proof, "ada")
	for range proof.MaxWrong + 1 {
		for name, older := range map[string]string{"first": first, "second": second} {
			_, err := w.use(proof, "ada", older)
			if f, known := fault.From(err); !known || !strings.HasPrefix(f.Message, "This is an older code.") {
				t.Errorf("the %s code: %v", name, err)
			}
		}
	}
	if _, err := w.use(proof.Within("another browser"), "ada", first); !errors.Is(err, errOver) {
		t.Errorf("on another browser: %v", err)
	}
	if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = 'proof.wrong'`); n != 0 {
		t.Errorf("%d wrong tries", n)
	}
	if _, err := w.use(proof, "ada", third); err != nil {
		t.Errorf("the newest code: %v", err)
	}
}
