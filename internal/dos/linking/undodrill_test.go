package linking_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// drill is a wave whose start is undone while its people are busy: the numbers of their usernames say what each does.
type drill struct {
	*world

	moving moving.Office
	wave   string
	people []account.Account
	inTime []string // cookies of sessions by password from before the start
}

const (
	drillPeople = 10_000
	drillJoin   = 3_000 // more join after the start than one Update moves
)

// What the people of a drill do, by their numbers: from the first, so many.
var (
	drillLinked   = span{0, 40}   // linked before the start
	drillSessions = span{40, 240} // have a session by password when the start comes
	drillLinks    = span{200, 260}
	drillHalfway  = span{260, 300} // are half-way through linking when the start comes, and finish after it
	drillAfter    = span{300, 340} // are half-way through when the undo comes, and finish after it
	drillMoved    = span{340, 365} // went into another wave after the start
	drillAll      = span{0, drillPeople}
)

type span struct{ from, to int }

func (d *drill) of(s span) []account.Account { return d.people[s.from:s.to] }

func newDrill(t *testing.T) *drill {
	t.Helper()
	d := &drill{world: newWorld(t)}
	d.moving = moving.Office{DB: d.DB, Box: d.Box}
	d.wave = d.Waves[path.Choose]
	d.add(0, drillPeople)
	d.settle()
	return d
}

// add makes people in the wave of the drill, some hundreds at a time.
func (d *drill) add(from, n int) {
	d.Helper()
	const part = 500
	for at := from; at < from+n; at += part {
		d.Update(func(ctx context.Context, u *db.W) error {
			made := make([]account.Account, 0, part)
			for i := at; i < min(at+part, from+n); i++ {
				name := fmt.Sprint("drill", i)
				a, err := account.Add(ctx, u, account.New{Username: name, FirstName: "Ada", LastName: "Example",
					Email: name + "@example.nhs.uk", EmailProved: true, PasswordHash: d.Hash})
				if err != nil {
					return err
				}
				if err := wave.Join(ctx, u, a.ID, d.wave); err != nil {
					return err
				}
				made = append(made, a)
			}
			d.people = append(d.people[:at:at], made...)
			return nil
		})
	}
}

// halfway begins the ceremonies of people, and gives what ends each.
func (d *drill) halfway(s span) (finish func()) {
	d.Helper()
	var cookies []string
	for _, a := range d.of(s) {
		cookie, err := d.claim(person(a.Username, a.Email), a.Username, goodPass)
		d.Must(err)
		cookies = append(cookies, cookie)
	}
	return func() {
		d.Helper()
		for _, cookie := range cookies {
			d.Must(d.confirm(cookie, ""))
		}
	}
}

func (d *drill) linkAll(s span) {
	d.Helper()
	for _, a := range d.of(s) {
		d.link(a, person(a.Username, a.Email))
	}
}

func (d *drill) logInAll(s span) {
	d.Helper()
	for _, a := range d.of(s) {
		cookie, err := d.in(a.Username, goodPass)
		d.Must(err)
		d.inTime = append(d.inTime, cookie)
	}
}

// move moves accounts into another wave that has no passwords any more.
func (d *drill) move(s span) {
	d.Helper()
	d.Update(func(ctx context.Context, u *db.W) error {
		for _, a := range d.of(s) {
			if err := wave.Join(ctx, u, a.ID, d.Waves[path.Require]); err != nil {
				return err
			}
		}
		return nil
	})
}

var drillMover = actor.ForCommand("rollout")

// undo undoes the start after an undo that was broken off in its first part.
func (d *drill) undo() {
	d.Helper()
	d.Update(func(ctx context.Context, u *db.W) error {
		s, err := wave.LastStart(ctx, u, d.wave)
		if err != nil {
			return err
		}
		_, err = wave.PutApart(ctx, u, s, 100)
		return err
	})
	p, err := db.Read(d.Context(), d.DB, func(r db.R) (moving.Preview, error) {
		s, err := wave.LastStart(d.Context(), r, d.wave)
		if err != nil {
			return moving.Preview{}, err
		}
		return d.moving.PreviewOf(d.Context(), r, s)
	})
	d.Must(err)
	d.Must(p.Problem)
	began := time.Now()
	d.Must(d.moving.Undo(d.Context(), drillMover, p.Start.ID, p.Seen, "The help desk cannot keep up"))
	d.Logf("undone in %s, %d joined since", time.Since(began), p.Difference.Joined)
}

// L32: a start that is undone while 10,000 people are busy shuts nobody out, and brings back no session and no password
// of somebody who has linked. What came of it is counted by plain SQL, and by those who try to log in.
func TestAnUndoWhileTenThousandAreBusy(t *testing.T) {
	d := newDrill(t)
	d.linkAll(drillLinked)
	d.logInAll(drillSessions)
	finish := d.halfway(drillHalfway)
	d.Clock.Advance(time.Minute)
	began := time.Now()
	name, err := db.Read(d.Context(), d.DB, func(r db.R) (string, error) { return moving.Seen(d.Context(), r, d.wave) })
	d.Must(err)
	d.Must(d.moving.Move(d.Context(), drillMover, d.wave,
		moving.Move{To: path.Require, Reason: "Everybody was told", Seen: name}))
	d.Logf("started in %s", time.Since(began))
	started := d.Clock.Now()
	d.Clock.Advance(time.Minute)
	finish()
	d.linkAll(drillLinks)
	d.move(drillMoved)
	d.add(drillPeople, drillJoin)
	after := d.halfway(drillAfter)
	if n := d.lockedOut(drillAll); n < drillPeople/2 {
		t.Fatalf("before the undo %d were shut out: the counting sees nothing", n)
	}
	d.Clock.Advance(time.Minute)
	d.undo()
	after()
	d.count(started)
	d.try()
}

// number is the number in the username of an account a.
const number = `CAST(SUBSTR(a.username, 6) AS BIGINT)`

// lockedOut counts those of a span who have no link, and no password that opens anything.
func (d *drill) lockedOut(s span) int64 {
	d.Helper()
	return d.Count(`SELECT COUNT(*) FROM account a JOIN wave_member m ON m.account_id = a.id JOIN wave v ON v.id = m.wave_id
		WHERE a.username LIKE 'drill%' AND `+number+` >= $1 AND `+number+` < $2
			AND NOT EXISTS (SELECT 1 FROM account_link l WHERE l.account_id = a.id)
			AND (v.phase >= $3 OR a.password_hash = '' OR NOT a.active)`, s.from, s.to, int(path.Require))
}

func (d *drill) count(started time.Time) {
	d.Helper()
	var y worldtest.Tally
	for name, tt := range map[string]struct{ got, want int64 }{
		"wrong lock-outs before those who went": {d.lockedOut(span{0, drillMoved.from}), 0},
		"wrong lock-outs after those who went":  {d.lockedOut(span{drillMoved.to, drillPeople}), 0},
		"those who went into another wave stay": {d.lockedOut(drillMoved), int64(drillMoved.to - drillMoved.from)},
		"those who joined since keep theirs":    {d.lockedOut(span{drillPeople, drillPeople + drillJoin}), drillJoin},
		"revived sessions": {d.Count(`SELECT COUNT(*) FROM session s JOIN wave_member m ON m.account_id = s.subject
			JOIN wave v ON v.id = m.wave_id WHERE s.site = 'dos' AND s.state LIKE '%password%' AND s.begun_at <= $1
			AND v.phase < $2 AND s.begun_at > COALESCE(v.passwords_ended_at, 0)`, started, int(path.Require)), 0},
		"revived passwords of linked people": {d.Count(`SELECT COUNT(*) FROM account a JOIN account_link l
			ON l.account_id = a.id WHERE a.password_hash <> ''`), 0},
		"linked people": {d.Count(`SELECT COUNT(*) FROM account_link`), 40 + 60 + 40 + 40},
	} {
		y.Refused(d, name, tt.got != tt.want)
		if tt.got != tt.want {
			d.Errorf("%s: %d, want %d", name, tt.got, tt.want)
		}
	}
	y.Report(d, "L32 an undo for 10,000")
}

// try has those log in of whom the counting says that they can, or cannot.
func (d *drill) try() {
	d.Helper()
	for _, cookie := range d.inTime {
		if d.find(cookie) == nil {
			d.Error("a session from before the start works")
		}
	}
	for s, want := range map[span]bool{
		{40, 200}: true, {5_000, 5_100}: true, {drillPeople - 50, drillPeople}: true,
		drillLinked: false, drillLinks: false, drillHalfway: false, drillAfter: false, drillMoved: false,
		{drillPeople, drillPeople + 50}: false,
	} {
		for _, a := range d.of(s) {
			if _, err := d.in(a.Username, goodPass); (err == nil) != want {
				d.Errorf("%s logs in by password: %v, want %v", a.Username, err, want)
			}
		}
	}
}
