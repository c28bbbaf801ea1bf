package batch_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/batch"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// A batch is looked at first, and nothing is done; then a second person approves it, and each row is done, or refused
// with a reason. What was refused is a file in the shape that was sent, to be mended and sent again.
func TestABatchByTwoPeople(t *testing.T) {
	w := open(t)
	ctx := w.Context()
	file := "Ward;Care identity number;Email address\r\n" +
		"7;" + w.clerks[0] + ";\r\n" +
		"7;;Clerk1@ZTR.example\r\n" +
		"7;" + w.clerks[0][:3] + " " + w.clerks[0][3:] + ";\r\n" +
		"7;" + w.stranger + ";\r\n" +
		"7;800000000000;\r\n" +
		"7;;zed@elsewhere.example\r\n" +
		"=1+1;;clerk2\r\n" +
		"7;" + w.clerks[2] + ";clerk3@ztr.example\r\n" +
		"7;" + w.maker.ID + ";\r\n" +
		"7;;\r\n"
	people := worldtest.Must(batch.Read([]byte(file), ""))(t)
	id := worldtest.Must(w.desk.Make(ctx, w.maker, batch.New{
		Act: batch.Assign, Position: w.ward, Reason: "a new ward", People: people,
	}))(t)
	w.Settle()
	const unknown = "refused Nobody whom you look after has this number or email address"
	looked := []string{"ready", "ready", "refused Row 2 names the same person", unknown, unknown, unknown,
		"refused This is not an email address", "refused The Care Identity number and the email address",
		"refused Nobody may do this to their own", "refused The row names nobody"}
	w.expect(id, looked...)
	if _, has := w.holds(w.clerks[0]); has || w.read(id).State != batch.Looked {
		t.Errorf("looking does it, or is not over: %s", w.read(id).State)
	}
	if n := w.Count(`SELECT COUNT(*) FROM batch_row WHERE sealed LIKE '%clerk1%'`); n != 0 {
		t.Error("rows are not sealed")
	}
	for name, try := range map[string]error{
		"approved before it was sent":  w.desk.Approve(ctx, w.second, id, ""),
		"sent by another":              w.desk.Send(ctx, w.second, id),
		"undone before it was done":    w.desk.Undo(ctx, w.second, id, "why"),
		"sent by an agent":             w.desk.Send(ctx, w.agent, id),
		"stopped before it was done":   w.desk.Stop(ctx, w.second, id),
		"rejected before it was sent":  w.desk.Reject(ctx, w.second, id, "why"),
		"withdrawn by somebody else":   w.desk.Withdraw(ctx, w.second, id),
		"gone on with before it stops": w.desk.GoOn(ctx, w.second, id),
		"undone without saying why":    w.desk.Undo(ctx, w.second, id, " "),
		"rejected without saying why":  w.desk.Reject(ctx, w.second, id, ""),
	} {
		if try == nil {
			t.Error(name)
		}
	}
	w.Must(w.desk.Send(ctx, w.maker, id))
	if err := w.desk.Send(ctx, w.maker, id); !errors.Is(err, fault.Conflict) {
		t.Errorf("sent from a second tab: %v", err)
	}
	if err := w.desk.Approve(ctx, w.maker, id, ""); !errors.Is(err, fault.Forbidden) {
		t.Errorf("approved by its maker: %v", err)
	}
	w.Settle()
	if _, has := w.holds(w.clerks[0]); has {
		t.Error("done before it was approved")
	}
	w.Must(w.desk.Approve(ctx, w.second, id, "as agreed"))
	if err := w.desk.Approve(ctx, w.second, id, ""); !errors.Is(err, fault.Conflict) {
		t.Errorf("approved from a second tab: %v", err)
	}
	w.Settle()
	looked[0] = "done"
	looked[1] = "done"
	w.expect(id, looked...)
	for _, uuid := range w.clerks[:2] {
		if a, has := w.holds(uuid); !has || a.GivenBy != w.maker.ID {
			t.Errorf("%s holds %+v", uuid, a)
		}
	}
	if b := w.read(id); b.State != batch.Done || b.DecidedBy != w.second.ID || b.Swapped {
		t.Errorf("the batch: %+v", b)
	}
	mend := string(worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]byte, error) {
		return w.desk.Mend(ctx, r, w.read(id), batch.RowRefused)
	}))
	if !strings.Contains(mend, "Reason,Ward,Care identity number,Email address") || strings.Contains(mend, ",=1+1") {
		t.Errorf("to mend: %s", mend)
	}
	mended := worldtest.Must(batch.Read([]byte(strings.ReplaceAll(mend, ",clerk2\n", ",clerk2@ztr.example\n")), ""))(t)
	again := worldtest.Must(w.desk.Make(ctx, w.maker, batch.New{
		Act: batch.Assign, Position: w.ward, Reason: "mended", People: mended,
	}))(t)
	w.Settle()
	w.expect(again, "already", unknown, unknown, unknown, "ready", "refused", "refused", "refused")
}

// Dates are changed, and positions ended, of those who have the position.
func TestDatesAndEnds(t *testing.T) {
	w := open(t)
	w.done(w.make(batch.Assign, registration.Dates{}, w.clerks[:3]...))
	june := time.Date(2027, 6, 30, 23, 0, 0, 0, time.UTC)
	dates := w.make(batch.ChangeDates, registration.Dates{Ends: june}, w.clerks[0], w.clerks[1], w.clerks[4])
	w.expect(dates, "ready", "ready", "refused They do not have this position")
	w.done(dates)
	if a, _ := w.holds(w.clerks[0]); !a.Ends.Equal(june) {
		t.Errorf("ends %s", a.Ends)
	}
	w.expect(w.make(batch.ChangeDates, registration.Dates{Ends: june}, w.clerks[0]), "already")
	ends := w.make(batch.End, registration.Dates{}, w.clerks[0], w.clerks[2], w.clerks[4])
	w.expect(ends, "ready", "ready", "already")
	w.done(ends)
	if _, has := w.holds(w.clerks[0]); has {
		t.Error("not ended")
	}
	// Undone: what it ended is given back until when it lasted, but to whoever got it again meanwhile.
	w.done(w.make(batch.Assign, registration.Dates{}, w.clerks[2]))
	w.Must(w.desk.Undo(w.Context(), w.second, ends, "the wrong ward"))
	w.Settle()
	w.expect(ends, "undone", "kept Something changed since", "already")
	if a, has := w.holds(w.clerks[0]); !has || !a.Ends.Equal(june) {
		t.Errorf("given back: %+v", a)
	}
	// The dates were changed before that, of a position that has ended since.
	w.Must(w.desk.Undo(w.Context(), w.maker, dates, "the wrong day"))
	w.Settle()
	w.expect(dates, "kept Something changed since", "undone", "refused")
	if a, _ := w.holds(w.clerks[1]); !a.Ends.IsZero() {
		t.Errorf("ends %s", a.Ends)
	}
	if b := w.read(dates); b.State != batch.Undone || b.UndoneBy != w.maker.ID {
		t.Errorf("the batch: %+v", b)
	}
}

// What a batch gave is ended by its undo, unless somebody changed it since, and a second undo does nothing.
func TestUndoOfWhatWasGiven(t *testing.T) {
	w := open(t)
	ctx := w.Context()
	id := w.make(batch.Assign, registration.Dates{}, w.clerks[:3]...)
	w.done(id)
	a, _ := w.holds(w.clerks[1])
	w.Must(registration.EndPosition(ctx, w.DB, w.second, w.clerks[1], a.ID, "left"))
	w.Must(w.desk.Undo(ctx, w.maker, id, "a mistake"))
	w.Settle()
	w.expect(id, "undone", "kept Something changed since", "undone")
	if err := w.desk.Undo(ctx, w.maker, id, "again"); !errors.Is(err, fault.Conflict) {
		t.Errorf("undone twice: %v", err)
	}
	for _, uuid := range w.clerks[:3] {
		if _, has := w.holds(uuid); has {
			t.Errorf("%s has it", uuid)
		}
	}
}

// What is asked is asked again when a row is done: of its maker, of whoever approved it, and of the position.
func TestRightsThatWereLost(t *testing.T) {
	for name, tt := range map[string]struct {
		lose func(w *trust)
		want string
	}{
		"nobody":                      {func(*trust) {}, "done"},
		"the maker's job":             {func(w *trust) { w.endJob(w.maker, w.second) }, "refused Only registration"},
		"the job of whoever approved": {func(w *trust) { w.endJob(w.second, w.maker) }, "refused Whoever approved"},
		"the position's harmlessness": {func(w *trust) {
			p := positions.Typed{Name: "Ward clerk", Profiles: "R8008 B1300"}
			how := access.Approval{How: "mail", Participants: "Ada"}
			w.Must(positions.Edit(w.Context(), w.DB, w.maker, w.ward, 1, p, how))
		}, "refused This position gives a job"},
	} {
		t.Run(name, func(t *testing.T) {
			w := openIdle(t)
			id := w.make(batch.Assign, registration.Dates{}, w.clerks[0])
			w.Must(w.desk.WorkOn(w.Context(), id))
			w.Must(w.desk.Send(w.Context(), w.maker, id))
			w.Must(w.desk.Approve(w.Context(), w.second, id, ""))
			tt.lose(w)
			w.Must(w.desk.WorkOn(w.Context(), id))
			w.expect(id, tt.want)
		})
	}
}

// Nobody makes or approves a batch who may not, nor approves one that they are in; and two who approve for each other
// are seen.
func TestWhoMakesAndApproves(t *testing.T) {
	w := open(t)
	ctx := w.Context()
	people := worldtest.Must(batch.Read(nil, w.clerks[0]))(t)
	manager := w.position("Manager of the ward", "R5080")
	asked := batch.New{Act: batch.Assign, Position: w.ward, Reason: "x", People: people}
	makes := func(by actor.Actor, change func(n *batch.New)) func() error {
		return func() error {
			n := asked
			change(&n)
			_, err := w.desk.Make(ctx, by, n)
			return err
		}
	}
	as := func(*batch.New) {}
	for name, tt := range map[string]struct {
		by    func() error
		wants error
	}{
		"an agent":                  {makes(w.agent, as), fault.Forbidden},
		"a clerk":                   {makes(by(w.clerks[0]), as), fault.Forbidden},
		"a position that takes two": {makes(w.maker, func(n *batch.New) { n.Position = manager }), fault.Conflict},
		"no position":               {makes(w.maker, func(n *batch.New) { n.Position = "none" }), fault.Invalid},
		"no act":                    {makes(w.maker, func(n *batch.New) { n.Act = "sack" }), fault.Invalid},
		"no reason":                 {makes(w.maker, func(n *batch.New) { n.Reason = " " }), fault.Invalid},
		"a last day that has passed": {makes(w.maker, func(n *batch.New) {
			n.During.Ends = w.Clock.Now().Add(-time.Hour)
		}), fault.Invalid},
	} {
		if err := tt.by(); !errors.Is(err, tt.wants) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.done(w.make(batch.Assign, registration.Dates{}, w.clerks[0]))
	other := worldtest.Must(w.desk.Make(ctx, w.second, batch.New{
		Act: batch.Assign, Position: w.ward, Reason: "back", People: worldtest.Must(batch.Read(nil, w.clerks[1]))(t),
	}))(t)
	w.Settle()
	w.Must(w.desk.Send(ctx, w.second, other))
	w.Must(w.desk.Approve(ctx, w.maker, other, ""))
	if !w.read(other).Swapped {
		t.Error("two who approve for each other are not seen")
	}
	mine := w.make(batch.Assign, registration.Dates{}, w.clerks[2], w.second.ID)
	w.Must(w.desk.Send(ctx, w.maker, mine))
	if err := w.desk.Approve(ctx, w.second, mine, ""); !errors.Is(err, fault.Forbidden) {
		t.Errorf("approved by somebody in it: %v", err)
	}
	only := w.make(batch.Assign, registration.Dates{}, w.clerks[3])
	w.Must(w.desk.Send(ctx, w.maker, only))
	if err := w.desk.Approve(ctx, w.maker, only, ""); !errors.Is(err, fault.Forbidden) {
		t.Errorf("approved by its maker: %v", err)
	}
	w.Must(w.desk.Withdraw(ctx, w.maker, only))
	w.Must(w.desk.Withdraw(ctx, w.maker, mine))
	if err := w.desk.Approve(ctx, w.second, mine, ""); !errors.Is(err, fault.Conflict) {
		t.Errorf("approved after it was withdrawn: %v", err)
	}
	// One person does batches where that is the rule.
	w.rules(func(r *permission.Rules) { r.OnePersonDoesBatches = true })
	alone := w.make(batch.Assign, registration.Dates{}, w.clerks[3])
	w.Must(w.desk.Send(ctx, w.maker, alone))
	w.Settle()
	w.expect(alone, "done")
}

// People are read from files and lists as they come.
func TestRead(t *testing.T) {
	for name, tt := range map[string]struct {
		file, list string
		rows       int
		wrong      string
	}{
		"numbers with spaces":     {"", "8000 0000 1234\n800000001234", 2, ""},
		"numbers on one line":     {"", "800000001234 800000005678, 800000009012", 3, ""},
		"addresses on one line":   {"", "a@example.nhs.uk b@example.nhs.uk; C <c@example.nhs.uk>", 3, ""},
		"a file of addresses":     {"E-mail\na@example.nhs.uk\n\n", "", 1, ""},
		"nothing":                 {"", " \n ", 0, "Choose a file"},
		"both":                    {"uuid\n1", "1", 0, "not both"},
		"a file without people":   {"uuid,email\n", "", 0, "no people"},
		"another heading":         {"name\nBea\n", "", 0, "no column uuid or email"},
		"a picture":               {"\x89PNG\r\n\x1a\n\x00\x00", "", 0, " "},
		"too many in a list":      {"", strings.Repeat("1\n", 20_001), 0, "more than 20,000"},
		"too many in a file":      {"uuid\n" + strings.Repeat("1\n", 20_001), "", 0, "20000 rows"},
		"a list that is too long": {"", strings.Repeat("a", 1<<20+1), 0, "longer than"},
	} {
		people, err := batch.Read([]byte(tt.file), tt.list)
		if tt.wrong == "" && (err != nil || people.Len() != tt.rows) {
			t.Errorf("%s: %d rows, %v", name, people.Len(), err)
		}
		if tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A job that fails after any row goes on there, and does none twice.
func TestAStopAtEveryRow(t *testing.T) {
	w := openIdle(t)
	ctx := w.Context()
	id := w.make(batch.Assign, registration.Dates{}, w.clerks...)
	stopAt := func(state string) {
		for n := range w.clerks {
			restore := batch.FailAfter(1)
			if n == 0 {
				restore()
				restore = batch.FailAfter(0)
			}
			err := w.desk.WorkOn(ctx, id)
			restore()
			rows := w.Count(`SELECT COUNT(*) FROM batch_row WHERE batch = $1 AND state = $2`, id, state)
			if !errors.Is(err, batch.ErrTest) || int(rows) != n {
				t.Fatalf("%d rows %s, want %d: %v", rows, state, n, err)
			}
		}
		w.Must(w.desk.WorkOn(ctx, id))
	}
	stopAt("ready")
	w.Must(w.desk.Send(ctx, w.maker, id))
	w.Must(w.desk.Approve(ctx, w.second, id, ""))
	stopAt("done")
	w.Must(w.desk.WorkOn(ctx, id)) // a job that was asked for twice
	if b := w.read(id); b.State != batch.Done {
		t.Errorf("the batch is %s", b.State)
	}
	if n := w.Count(`SELECT COUNT(*) FROM assignment WHERE position_id = $1`, w.ward); int(n) != len(w.clerks) {
		t.Errorf("%d assignments", n)
	}
	if n := len(w.Events("batch.row")); n != len(w.clerks) {
		t.Errorf("%d events of rows", n)
	}
}

// A batch that is stopped stays so until somebody goes on with it.
func TestStopAndGoOn(t *testing.T) {
	w := openIdle(t)
	ctx := w.Context()
	id := w.make(batch.Assign, registration.Dates{}, w.clerks[:2]...)
	w.Must(w.desk.WorkOn(ctx, id))
	w.Must(w.desk.Send(ctx, w.maker, id))
	w.Must(w.desk.Approve(ctx, w.second, id, ""))
	err := w.desk.DoStopped(ctx, w.read(id), func() { w.Must(w.desk.Stop(ctx, w.second, id)) })
	if !errors.Is(err, batch.ErrMoved) {
		t.Errorf("a row is done after the stop: %v", err)
	}
	w.Must(w.desk.WorkOn(ctx, id))
	w.expect(id, "ready", "ready")
	w.Must(w.desk.GoOn(ctx, w.maker, id))
	w.Must(w.desk.WorkOn(ctx, id))
	w.expect(id, "done", "done")
}

// An address that was changed lately names nobody, and nobody has more batches open than they can look after.
func TestAddressesOfLateAndBatchesThatAreOpen(t *testing.T) {
	w := open(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		const change = `UPDATE identity SET email_since = $2 WHERE uuid = $1`
		if err := u.Change(ctx, change, w.clerks[0], w.Clock.Now()); err != nil {
			return err
		}
		return u.Record(ctx, audit.Event{Kind: "test.done", Subject: batch.Ref("none")})
	})
	w.expect(w.make(batch.Assign, registration.Dates{}, "clerk0@ztr.example", "clerk1@ztr.example"),
		"refused The email address was changed less than 72 hours ago", "ready")
	people := worldtest.Must(batch.Read(nil, w.clerks[0]))(t)
	n := batch.New{Act: batch.End, Position: w.ward, Reason: "x", People: people}
	made := 1
	for ; made < 30; made++ {
		if _, err := w.desk.Make(w.Context(), w.maker, n); errors.Is(err, fault.TooMany) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if made != 20 {
		t.Errorf("%d batches are open", made)
	}
}
