package shared_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/dos/shared"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seen"
	"signpost/internal/platform/worldtest"
)

// pick gives a claim as its page shows it now; of none, what no page shows.
func (w *world) pick(id string) seen.Pick {
	w.Helper()
	for _, c := range w.claims() {
		if c.ID != id {
			continue
		}
		return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (seen.Pick, error) {
			names, err := shared.NamesOf(ctx, r, []shared.Claim{c})
			if err != nil {
				return seen.Pick{}, err
			}
			return c.Pick(names[id])
		})
	}
	return seen.Pick{ID: id}
}

// crowd gives who waits from a network as the page shows them now.
func (w *world) crowd(network string) shared.Waiting {
	w.Helper()
	all := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (shared.Crowd, error) {
		return shared.WaitingFrom(ctx, r, w.team.ID)
	})
	part := shared.Part{Network: network}
	for _, one := range all.Parts() {
		if one.Part == part {
			return one
		}
	}
	return shared.Waiting{Part: part}
}

// A claim is decided as it was looked at: another name for its address, a denial by whoever reads it, or another
// administrator's decision has whoever decides look again.
func TestClaimsAreDecidedAsTheyWereSeen(t *testing.T) {
	var y worldtest.Tally
	changes := map[string]func(w *world){
		"another name": func(w *world) { w.claimsAs("Mallory", "ann@riverside.example") },
		"rejected": func(w *world) {
			w.Must(w.cases.Reject(t.Context(), by(w.admin), w.team.ID, w.pick(w.claims()[0].ID), "unknown"))
		},
	}
	decisions := map[string]func(w *world, ann, bea seen.Pick) error{
		"confirm": func(w *world, ann, _ seen.Pick) error {
			return w.cases.Confirm(t.Context(), by(w.admin), w.team.ID, ann)
		},
		"reject": func(w *world, ann, _ seen.Pick) error {
			return w.cases.Reject(t.Context(), by(w.admin), w.team.ID, ann, "unknown")
		},
		"merge": func(w *world, ann, bea seen.Pick) error {
			return w.cases.Merge(t.Context(), by(w.admin), w.team.ID, ann, bea)
		},
		"merge into": func(w *world, ann, bea seen.Pick) error {
			return w.cases.Merge(t.Context(), by(w.admin), w.team.ID, bea, ann)
		},
	}
	for name, decide := range decisions {
		for what, change := range changes {
			w := open(t)
			w.claimsAs("Ann", "ann@riverside.example")
			w.claimsAs("Bea", "bea@riverside.example")
			list := w.claims()
			ann := w.pick(list[0].ID)
			bea := w.pick(list[1].ID)
			change(w)
			err := decide(w, ann, bea)
			y.Refused(t, name+" after: "+what, !errors.Is(err, fault.Conflict) && !errors.Is(err, fault.Invalid))
			if what == "another name" {
				w.Must(decide(w, w.pick(ann.ID), w.pick(bea.ID))) // the twin: who looked again
			}
		}
	}
	y.Report(t, "decisions about claims that changed")
}

// Who came after the page was shown is not rejected with those that it showed.
func TestWhoCameSinceIsNotRejectedWithAll(t *testing.T) {
	const network = "203.0.113.7/32"
	w := open(t)
	says := func(first string) {
		w.Clock.Advance(time.Minute)
		session := worldtest.Must(w.logsIn())(t)
		w.Must(w.cases.Claim(t.Context(), w.from(network), w.team.ID, sitting(session), typed(first)))
	}
	says("Ann")
	says("Bea")
	shown := w.crowd(network)
	says("Cyn")
	n, err := w.cases.RejectAll(t.Context(), by(w.admin), w.team.ID, shown, "nobody knows them")
	if w.Must(err); n != 2 {
		t.Errorf("%d rejected", n)
	}
	unseen := shared.Waiting{Part: shared.Part{Network: network}}
	if _, err := w.cases.RejectAll(t.Context(), by(w.admin), w.team.ID, unseen, "again"); err == nil {
		t.Error("somebody was rejected whom no page showed")
	}
	if n, err = w.cases.RejectAll(t.Context(), by(w.admin), w.team.ID, w.crowd(network), "nor them"); n != 1 {
		t.Errorf("%d rejected, %v", n, err)
	}
}
