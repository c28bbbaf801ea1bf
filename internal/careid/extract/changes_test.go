package extract_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/change"
	"signpost/internal/careid/extract"
	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// sendChanges asks what changed.
func (w *world) sendChanges(by, since string) *httptest.ResponseRecorder {
	w.Helper()
	c := w.honest()
	c.path = wire.ChangesPath
	c.claims["iss"], c.claims["sub"] = by, by
	body, err := json.Marshal(wire.ChangesRequest{Version: wire.Version, Since: since})
	w.Must(err)
	c.body = string(body)
	return w.send(c)
}

// told asks what changed since a point, and gives all of it.
func (w *world) told(since string) wire.Changes {
	w.Helper()
	rec := w.sendChanges(asker, since)
	var told wire.Changes
	if err := json.Unmarshal(rec.Body.Bytes(), &told); err != nil || rec.Code != http.StatusOK || told.Check() != nil {
		w.Fatalf("%d %s, %v", rec.Code, rec.Body, err)
	}
	if told.More {
		rest := w.told(told.Next)
		rest.Handles = append(told.Handles, rest.Handles...)
		rest.Everybody = rest.Everybody || told.Everybody
		return rest
	}
	return told
}

// asked is an answer without what may differ between two that say the same.
func asked(a wire.Answer) wire.Answer {
	a.Handles = nil
	return a
}

// Whatever is done to people, each account of which another answer would be given is named by a handle that the answer
// before gave.
func TestWhoeverIsAnsweredOtherwiseIsAmongTheChanges(t *testing.T) {
	w := open(t)
	chance := rand.New(rand.NewPCG(7, 11))
	addresses := []string{"a@trust.example", "b@trust.example", "c@trust.example", "d@trust.example", "e@trust.example"}
	var questions []wire.Question
	for i, address := range addresses {
		questions = append(questions, wire.Question{Ref: fmt.Sprint(i), Email: address})
	}
	var people []string
	bound := map[string]string{}
	acts := []func() error{
		func() error {
			if len(people) < 7 { // so that not everybody has somebody else's address
				people = append(people, w.person(pick(chance, addresses), nil))
			}
			return nil
		},
		func() error {
			return identity.Move(w.Context(), w.DB, worldtest.By, pick(chance, people),
				pick(chance, []identity.Act{identity.Suspend, identity.Resume, identity.Close, identity.Reopen}), "a reason")
		},
		func() error {
			uuid := pick(chance, people)
			bound[uuid] = w.bind(uuid, authn.SecurityKey, authn.AAL2) // of which anybody may have several
			return nil
		},
		func() error {
			return w.DB.Update(w.Context(), worldtest.By, func(u *db.W) error {
				return authenticator.Remove(w.Context(), u, bound[pick(chance, people)], "a reason")
			})
		},
		func() error {
			w.position(pick(chance, people), "S8001:G8002:R8008", "B0166")
			return nil
		},
		func() error {
			return w.DB.Update(w.Context(), worldtest.By, func(u *db.W) error {
				return identity.Amend(w.Context(), u, pick(chance, people),
					identity.New{GivenName: "Ada", FamilyName: "Obi", Email: pick(chance, addresses)})
			})
		},
	}
	people = append(people, w.person(addresses[0], nil))
	answers := w.ask(questions...)
	since := w.told("").Next
	differed := 0
	for range 120 {
		for range 1 + chance.IntN(3) {
			_ = acts[chance.IntN(len(acts))]() // one that is refused changes nothing
			w.Clock.Advance(time.Duration(chance.IntN(90)) * time.Second)
		}
		told := w.told(since)
		since = told.Next
		now := w.ask(questions...)
		for i, was := range answers {
			if reflect.DeepEqual(asked(was), asked(now[i])) {
				continue
			}
			differed++
			named := func(h string) bool { return slices.Contains(told.Handles, h) }
			if !told.Everybody && !slices.ContainsFunc(was.Handles, named) {
				t.Fatalf("of %s %+v was said, now %+v, and nobody was told", addresses[i], was, now[i])
			}
		}
		answers = now
	}
	if differed < 25 {
		t.Errorf("only %d answers differed", differed)
	}
}

func pick[T any](chance *rand.Rand, list []T) T { return list[chance.IntN(len(list))] }

// What changes is told until nothing can come before it any more, and then no longer.
func TestChangesAreToldUntilTheyAreSettled(t *testing.T) {
	w := open(t)
	uuid := w.person("ada@trust.example", nil)
	handle := w.ask(wire.Question{Ref: "1", Subject: uuid})[0].Handles
	w.Clock.Advance(time.Hour)
	since := w.told("").Next
	w.move(uuid, identity.Suspend)
	for _, after := range []time.Duration{0, time.Minute} {
		w.Clock.Advance(after)
		told := w.told(since)
		if !slices.Equal(told.Handles, handle) {
			t.Errorf("%s later: %v, not %v", after, told.Handles, handle)
		}
		since = told.Next
	}
	w.Clock.Advance(5 * time.Minute)
	since = w.told(since).Next
	if told := w.told(since); len(told.Handles) > 0 || told.Everybody {
		t.Errorf("told again: %+v", told)
	}
}

// Many changes are given in several answers, without one left out or told twice.
func TestManyChangesAreGivenInParts(t *testing.T) {
	w := open(t)
	since := w.told("").Next
	const many = 2*wire.MaxChanged + 10
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := range many {
			if err := change.Note(ctx, u, change.OfPerson(fmt.Sprintf("%012d", i))); err != nil {
				return err
			}
		}
		return nil
	})
	told := w.told(since)
	if distinct := slices.Compact(slices.Sorted(slices.Values(told.Handles))); len(told.Handles) != many ||
		len(distinct) != many {
		t.Errorf("%d handles, %d of them distinct", len(told.Handles), len(distinct))
	}
}

// What ends after others that began later is told too, also to who has read many in parts meanwhile.
func TestWhatEndsLateIsToldAfterMany(t *testing.T) {
	for name, many := range map[string]int{"a few": 3, "many": wire.MaxChanged + 3} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			late := w.person("late@trust.example", nil)
			handle := w.ask(wire.Question{Ref: "1", Subject: late})[0].Handles[0]
			w.Clock.Advance(time.Hour)
			since := w.told("").Next
			began := w.DB.Now()
			w.Clock.Advance(30 * time.Second)
			w.Update(func(ctx context.Context, u *db.W) error {
				for i := range many {
					if err := change.Note(ctx, u, change.OfPerson(fmt.Sprintf("%012d", i))); err != nil {
						return err
					}
				}
				return nil
			})
			told := w.told(since)
			if len(told.Handles) != many {
				t.Fatalf("%d of %d were told", len(told.Handles), many)
			}
			w.Update(func(ctx context.Context, u *db.W) error {
				const ends = `UPDATE identity_change SET at = $2 WHERE kind = 'person' AND subject = $1`
				return u.Change(ctx, ends, late, began)
			})
			if again := w.told(told.Next); !slices.Contains(again.Handles, handle) {
				t.Errorf("what ended late was not told: %d were", len(again.Handles))
			}
		})
	}
}

// Who concerns many, or asks from too long ago, has everybody asked about anew.
func TestEverybodyIsAskedAboutAnew(t *testing.T) {
	w := open(t)
	since := w.told("").Next
	if w.told(since).Everybody {
		t.Error("everybody is to be asked about, and nothing happened")
	}
	w.Update(func(ctx context.Context, u *db.W) error { return change.Note(ctx, u, change.OfAll()) })
	if !w.told(since).Everybody {
		t.Error("what concerns all was not told")
	}
	w.Clock.Advance(change.Kept + time.Hour)
	if !w.told(since).Everybody {
		t.Error("what was forgotten was not told")
	}
}

// One asker's handles and points are nothing to another.
func TestHandlesAreOfOneAsker(t *testing.T) {
	w := open(t)
	uuid := w.person("ada@trust.example", nil)
	q := wire.Question{Ref: "1", Email: "ada@trust.example"}
	ours := w.ask(q)[0].Handles
	c := w.honest(q)
	c.claims["iss"], c.claims["sub"] = otherAsker, otherAsker
	var theirs wire.Response
	w.Must(json.Unmarshal(w.send(c).Body.Bytes(), &theirs))
	if len(ours) != 2 || len(theirs.Answers) != 1 || len(theirs.Answers[0].Handles) != 2 {
		t.Fatalf("%v, %+v", ours, theirs)
	}
	for _, h := range theirs.Answers[0].Handles {
		if slices.Contains(ours, h) || strings.Contains(h, uuid) {
			t.Errorf("%s is both askers'", h)
		}
	}
	if rec := w.sendChanges(otherAsker, w.told("").Next); rec.Code != http.StatusBadRequest {
		t.Errorf("a point of another asker: %d %s", rec.Code, rec.Body)
	}
}

// An asker who calls too often is told to wait; others are answered.
func TestAnAskerIsPaced(t *testing.T) {
	w := open(t)
	w.pace.Burst = 3
	for range 3 {
		if rec := w.sendChanges(asker, ""); rec.Code != http.StatusOK {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
	}
	rec := w.sendChanges(asker, "")
	if rec.Code != http.StatusTooManyRequests || rec.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v", rec.Code, rec.Header())
	}
	if rec := w.sendChanges(otherAsker, ""); rec.Code != http.StatusOK {
		t.Errorf("another: %d %s", rec.Code, rec.Body)
	}
	if extract.Usual().Burst < 500 {
		t.Error("a directory of 100,000 accounts cannot ask about all")
	}
}
