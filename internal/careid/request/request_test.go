package request_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/careid/request"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// What was asked for is read as it was written, whatever its kind, with its number and the day until which it is due.
func TestEachKindIsKept(t *testing.T) {
	w := open(t)
	asked := []request.What{
		request.Grant{Position: "p", Starts: day(12, 1), Ends: day(12, 31)},
		request.Dates{Assignment: "a", Ends: day(12, 31)}, request.End{Assignment: "a"},
		request.Details{FamilyName: "Example-Jones"}, request.Binding{Wanted: authn.SecurityKey},
		request.StaffCreate{Message: "m1"}, request.StaffModify{Message: "m2"},
	}
	for _, k := range request.Kinds() {
		if k.Label() == "" {
			t.Errorf("%s has no name for people", k)
		}
		if plain := request.Ask(k); plain.Check() == nil {
			asked = append(asked, plain)
		}
	}
	if len(asked) != len(request.Kinds()) {
		t.Fatalf("%d of %d kinds are looked at", len(asked), len(request.Kinds()))
	}
	for _, what := range asked {
		q := w.ask(w.sponsor, w.cy, what)
		kept := w.read(q.ID)
		if !reflect.DeepEqual(kept.What, what) || kept.AskedBy != w.sponsor.ID || kept.Sent != 1 ||
			kept.Number != q.Number || kept.State != request.Waiting {
			t.Errorf("%s is kept as %+v", what.Kind(), kept)
		}
		if !kept.Due.Equal(day(12, 2)) { // five working days after a Tuesday, over a weekend
			t.Errorf("%s is due on %s", what.Kind(), kept.Due)
		}
		found := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (request.Request, error) {
			return request.ByNumber(ctx, r, strings.ToLower(q.Number[:4]+" "+q.Number[4:]))
		})
		if found.ID != q.ID {
			t.Errorf("%s is not found by its number", what.Kind())
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	w := open(t)
	described := request.Subject{Name: "Nia New", Email: "nia@example.nhs.uk", EmailProved: w.Clock.Now()}
	known := request.Subject{UUID: w.cy.ID}
	unproved := described
	unproved.EmailProved = time.Time{}
	var y worldtest.Tally
	for name, n := range map[string]request.New{
		"no reason":                   {Subject: known, What: grant(), Reason: " "},
		"a long reason":               {Subject: known, What: grant(), Reason: strings.Repeat("a", 501)},
		"no position":                 {Subject: known, What: request.Grant{}, Reason: "r"},
		"two positions":               {Subject: known, What: request.Grant{Position: "p", Template: "t"}, Reason: "r"},
		"an end before the start":     {Subject: known, What: request.Grant{Template: "t", Starts: day(12, 2), Ends: day(12, 1)}, Reason: "r"},
		"dates of nothing":            {Subject: known, What: request.Dates{}, Reason: "r"},
		"the end of nothing":          {Subject: known, What: request.End{}, Reason: "r"},
		"no other details":            {Subject: known, What: request.Details{}, Reason: "r"},
		"a kind that says more":       {Subject: known, What: request.Ask(request.GrantPosition), Reason: "r"},
		"a kind that is none":         {Subject: known, What: request.Ask("nothing"), Reason: "r"},
		"about nobody":                {What: grant(), Reason: "r"},
		"an address nobody proved":    {Subject: unproved, What: grant(), Reason: "r"},
		"closing somebody not known":  {Subject: described, What: request.Ask(request.CloseIdentity), Reason: "r"},
		"dates of somebody not known": {Subject: described, What: request.Dates{Assignment: "a"}, Reason: "r"},
	} {
		err := w.change(w.sponsor, func(ctx context.Context, u *db.W) error {
			_, err := request.Open(ctx, u, n)
			return err
		})
		y.Refused(t, name, err == nil)
	}
	stranger := actor.Actor{Kind: actor.Stranger, ID: "a browser"}
	w.Must(w.change(stranger, func(ctx context.Context, u *db.W) error {
		q, err := request.Open(ctx, u, request.New{Subject: described, Organisation: "ZTR", What: grant(), Reason: "r"})
		if q.AskedBy != "" {
			t.Errorf("a stranger asked as %q", q.AskedBy)
		}
		return err
	}))
}

// Of fifty who decide at once, one does; what is asked for is done once.
func TestOneDecision(t *testing.T) {
	w := open(t)
	q := w.ask(w.sponsor, w.cy, grant())
	w.Must(w.look(w.agent, q.ID))
	var all sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for n := range 50 {
		all.Go(func() {
			decide := w.approve
			if n%2 == 0 {
				decide = w.reject
			}
			err := decide(w.agent, q.ID)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done++
			} else if !is(err, fault.Conflict) && !is(err, fault.Busy) {
				t.Errorf("refused with %v", err)
			}
		})
	}
	all.Wait()
	if n := len(w.Events("ra-request.completed")) + len(w.Events("ra-request.rejected")); done != 1 || n != 1 {
		t.Errorf("%d decided, with %d events", done, n)
	}
}

// Nobody decides what they asked for or what is about themselves; and nobody decides what somebody else looks at.
func TestWhoDecides(t *testing.T) {
	w := open(t)
	q := w.ask(w.sponsor, w.cy, grant())
	var y worldtest.Tally
	for name, by := range map[string]actor.Actor{"who asked": w.sponsor, "whom it is about": w.cy} {
		for act, do := range map[string]func(actor.Actor, string) error{
			"looks": w.look, "approves": w.approve, "rejects": w.reject,
		} {
			err := do(by, q.ID)
			y.Refused(t, name+" "+act, err == nil)
			if !is(err, fault.Forbidden) {
				t.Errorf("%s %s: %v", name, act, err)
			}
		}
	}
	y.Refused(t, "decided without a look", w.approve(w.agent, q.ID) == nil)
	w.Must(w.look(w.agent, q.ID))
	if err := w.look(w.second, q.ID); !errors.Is(err, request.ErrLookedAt) {
		t.Errorf("looked at by another: %v", err)
	}
	y.Refused(t, "approved by another", w.approve(w.second, q.ID) == nil)
	w.Clock.Advance(request.LookLasts)
	y.Refused(t, "approved when the look is over", w.approve(w.agent, q.ID) == nil)
	w.Must(w.look(w.second, q.ID))
	w.Must(w.change(w.second, func(ctx context.Context, u *db.W) error { return request.Leave(ctx, u, q.ID) }))
	w.decided(w.agent, q.ID, w.approve)
	if kept := w.read(q.ID); kept.State != request.Completed || kept.DecidedBy != w.agent.ID || kept.Look.By != "" {
		t.Errorf("approved: %+v", kept)
	}
	y.Refused(t, "looked at when decided", w.look(w.second, q.ID) == nil)
}

// What fails to be done leaves the request as it was.
func TestWhatFailsIsNotCompleted(t *testing.T) {
	w := open(t)
	q := w.ask(w.sponsor, w.cy, grant())
	w.Must(w.look(w.agent, q.ID))
	failed := errors.New("failed")
	err := w.change(w.agent, func(ctx context.Context, u *db.W) error {
		_, err := request.Approve(ctx, u, q.ID, "", request.Doers{
			request.GrantPosition: func(context.Context, *db.W, request.Request) error { return failed },
		})
		return err
	})
	if !errors.Is(err, failed) || w.read(q.ID).State != request.Waiting {
		t.Errorf("%v; it is %s", err, w.read(q.ID).State)
	}
}

// What nobody here does by itself is completed with what was done by hand.
func TestWhatIsDoneByHand(t *testing.T) {
	w := open(t)
	q := w.ask(w.sponsor, w.cy, request.Details{FamilyName: "Example-Jones"})
	w.Must(w.look(w.agent, q.ID))
	if err := w.approve(w.agent, q.ID); !is(err, fault.Invalid) {
		t.Errorf("completed without a word: %v", err)
	}
	w.Must(w.change(w.agent, func(ctx context.Context, u *db.W) error {
		_, err := request.Approve(ctx, u, q.ID, "Changed on the profile", nil)
		return err
	}))
	for _, e := range w.Events("ra-request.opened") {
		if strings.Contains(string(e.After), "Example-Jones") {
			t.Error("the event has the details of the person")
		}
	}
}

// A rejected request is fixed by whoever asked and sent again, and keeps its number; nobody else can.
func TestFixAndSendAgain(t *testing.T) {
	w := open(t)
	q := w.ask(w.sponsor, w.cy, grant())
	again := func(by actor.Actor, what request.What) error {
		return w.change(by, func(ctx context.Context, u *db.W) error {
			return request.SendAgain(ctx, u, q.ID, what, "from December")
		})
	}
	fixed := request.Grant{Template: "directory", Starts: day(12, 1)}
	var y worldtest.Tally
	y.Refused(t, "sent again while it waits", again(w.sponsor, fixed) == nil)
	w.decided(w.agent, q.ID, w.reject)
	if kept := w.read(q.ID); kept.Decision != "The dates are wrong" || kept.Notes != "Ask again from 1 December" {
		t.Errorf("rejected: %+v", kept)
	}
	y.Refused(t, "by another", again(w.second, fixed) == nil)
	y.Refused(t, "by whom it is about", again(w.cy, fixed) == nil)
	y.Refused(t, "as another kind", again(w.sponsor, request.Ask(request.CloseIdentity)) == nil)
	y.Refused(t, "approved while rejected", w.approve(w.agent, q.ID) == nil)
	w.Clock.Advance(24 * time.Hour)
	w.Must(again(w.sponsor, fixed))
	kept := w.read(q.ID)
	if kept.Number != q.Number || kept.Sent != 2 || kept.State != request.Waiting || kept.Decision != "" ||
		!reflect.DeepEqual(kept.What, fixed) || !kept.Due.After(q.Due) {
		t.Errorf("sent again: %+v", kept)
	}
	w.decided(w.second, q.ID, w.approve)
}

func TestWithdraw(t *testing.T) {
	w := open(t)
	q := w.ask(w.sponsor, w.cy, grant())
	withdraw := func(by actor.Actor) error {
		return w.change(by, func(ctx context.Context, u *db.W) error { return request.Withdraw(ctx, u, q.ID) })
	}
	if err := withdraw(w.cy); !is(err, fault.Forbidden) {
		t.Errorf("by whom it is about: %v", err)
	}
	w.Must(withdraw(w.sponsor))
	if err := withdraw(w.sponsor); !is(err, fault.Conflict) || w.read(q.ID).State != request.Withdrawn {
		t.Errorf("withdrawn twice: %v", err)
	}
}

// The end of a care identity ends what waits about it, and nothing else; done again it does nothing.
func TestEndAbout(t *testing.T) {
	w := open(t)
	waits := w.ask(w.sponsor, w.cy, grant())
	rejected := w.ask(w.sponsor, w.cy, grant())
	w.decided(w.agent, rejected.ID, w.reject)
	completed := w.ask(w.sponsor, w.cy, grant())
	w.decided(w.agent, completed.ID, w.approve)
	other := w.ask(w.cy, w.second, grant())
	for range 2 {
		w.Must(w.change(w.agent, func(ctx context.Context, u *db.W) error {
			return request.EndAbout(ctx, u, w.cy.ID, "The Care Identity was closed.")
		}))
	}
	for q, want := range map[string]request.State{
		waits.ID: request.Ended, rejected.ID: request.Ended, completed.ID: request.Completed, other.ID: request.Waiting,
	} {
		if got := w.read(q).State; got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
	}
	if n := len(w.Events("ra-request.ended")); n != 2 {
		t.Errorf("%d events", n)
	}
}

// Two who approve for each other within 30 days are shown to have done so.
func TestSwappedApprovals(t *testing.T) {
	w := open(t)
	first := w.ask(w.agent, w.cy, grant())
	w.decided(w.second, first.ID, w.approve)
	w.Clock.Advance(29 * 24 * time.Hour)
	inReturn := w.ask(w.second, w.cy, grant())
	w.decided(w.agent, inReturn.ID, w.approve)
	about := w.ask(w.sponsor, w.second, grant())
	w.decided(w.agent, about.ID, w.approve)
	w.Clock.Advance(2 * 24 * time.Hour)
	later := w.ask(w.second, w.cy, grant())
	w.decided(w.agent, later.ID, w.approve)
	for q, want := range map[string]bool{first.ID: false, inReturn.ID: true, about.ID: true, later.ID: false} {
		if got := w.read(q).Swapped; got != want {
			t.Errorf("swapped: %v, want %v", got, want)
		}
	}
	told := 0
	for _, e := range w.Events("ra-request.completed") {
		if strings.Contains(string(e.After), `"swapped":true`) {
			told++
		}
	}
	if told != 2 {
		t.Errorf("%d events tell of it", told)
	}
}

func TestFilters(t *testing.T) {
	w := open(t)
	first := w.ask(w.sponsor, w.cy, grant())
	w.Clock.Advance(time.Hour)
	second := w.ask(w.agent, w.cy, request.Ask(request.CloseIdentity))
	rejected := w.ask(w.sponsor, w.second, grant())
	w.decided(w.agent, rejected.ID, w.reject)
	soon := w.Clock.Now().Add(-time.Minute)
	for name, tt := range map[string]struct {
		filter request.Filter
		want   []request.Request
	}{
		"open":                {request.Filter{Open: true}, []request.Request{first, second}},
		"of the organisation": {request.Filter{Open: true, Organisations: []string{"ZTR"}}, []request.Request{first, second}},
		"of another":          {request.Filter{Open: true, Organisations: []string{"Z90001"}}, nil},
		"of none":             {request.Filter{Any: true, Organisations: []string{}}, nil},
		"decidable":           {request.Filter{Open: true, NotOf: w.agent.ID}, []request.Request{first}},
		"not about oneself":   {request.Filter{Open: true, NotOf: w.cy.ID}, nil},
		"of a kind":           {request.Filter{Any: true, Kind: request.CloseIdentity}, []request.Request{second}},
		"closed":              {request.Filter{Since: soon}, []request.Request{rejected}},
		"closed long ago":     {request.Filter{Since: w.Clock.Now().Add(time.Hour)}, nil},
		"mine":                {request.Filter{Any: true, AskedBy: w.sponsor.ID, Since: soon}, []request.Request{rejected, first}},
		"about somebody":      {request.Filter{Any: true, About: w.second.ID}, []request.Request{rejected}},
	} {
		list, total := w.list(tt.filter)
		got := slices.Collect(func(yield func(string) bool) {
			for _, q := range list {
				yield(q.ID)
			}
		})
		var want []string
		for _, q := range tt.want {
			want = append(want, q.ID)
		}
		if !slices.Equal(got, want) || total != len(want) {
			t.Errorf("%s: %v of %d, want %v", name, got, total, want)
		}
	}
}

func (w *world) list(f request.Filter) (list []request.Request, total int) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		list, total, err = f.List(ctx, r, 0, 10)
		return err
	})
	return list, total
}
