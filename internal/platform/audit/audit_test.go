package audit_test

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
)

var (
	noon    = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	lead    = actor.Actor{Kind: actor.Person, ID: "a1", Name: "Ann Example", Role: "lead", Request: "r1"}
	service = audit.Ref{Kind: "service", ID: "s1"}
	change  = audit.Event{
		Kind: "service.changed", Subject: service, Reason: "A reader rang: it's <shut> & “moved”",
		Before: map[string]any{"phone": "0161 496 0000", "beds": 3}, After: map[string]any{"phone": "é & <b>", "beds": nil},
	}
)

// record keeps events one after another, a minute apart.
func record(t *testing.T, events ...audit.Event) *db.DB {
	t.Helper()
	c := clocktest.At(noon)
	d := dbtest.Open(t, fstest.MapFS{}, c)
	for _, e := range events {
		if err := d.Update(t.Context(), lead, func(w *db.W) error { return w.Record(t.Context(), e) }); err != nil {
			t.Fatal(err)
		}
		c.Advance(time.Minute)
	}
	return d
}

func read(t *testing.T, d *db.DB, subject audit.Ref, limit int) (list []audit.Entry) {
	t.Helper()
	err := d.View(t.Context(), func(r db.R) (err error) {
		list, err = audit.Of(t.Context(), r, subject, limit)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestEventIsKeptWhole(t *testing.T) {
	list := read(t, record(t, change), service, 10)
	if len(list) != 1 || list[0].ID == "" {
		t.Fatalf("entries = %+v, want one with an id", list)
	}
	want := audit.Entry{
		ID: list[0].ID, Kind: "service.changed", ActorKind: "person", ActorID: "a1", ActorName: "Ann Example", Role: "lead",
		Subject: service, RequestID: "r1", At: noon, Reason: change.Reason, Intact: true,
		Before: encoded(t, change.Before), After: encoded(t, change.After),
	}
	if diff := cmp.Diff(want, list[0]); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
}

func encoded(t *testing.T, v any) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The envelope alone is kept for good, so it says nothing that a person may ask to have erased.
func TestEnvelopeHoldsNoDetail(t *testing.T) {
	d := record(t, change)
	err := d.View(t.Context(), func(r db.R) error {
		all, err := db.Value[string](t.Context(), r,
			`SELECT id || kind || actor_kind || actor_id || actor_role || subject_kind || subject_id || request_id FROM event`)
		for _, detail := range []string{"Ann", "0161", "moved"} {
			if strings.Contains(all, detail) {
				t.Errorf("the envelope says %q: %s", detail, all)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDigestTellsWhatBecameOfTheDetail(t *testing.T) {
	for _, tt := range []struct {
		name, sql      string
		intact, erased bool
	}{
		{"as it was written", `UPDATE event_detail SET reason = reason`, true, false},
		{"another actor", `UPDATE event_detail SET actor_name = 'Bob'`, false, false},
		{"another value before", `UPDATE event_detail SET before_json = '{}'`, false, false},
		{"another value after", `UPDATE event_detail SET after_json = 'null'`, false, false},
		{"another reason", `UPDATE event_detail SET reason = ''`, false, false},
		{"erased", `DELETE FROM event_detail WHERE event_id IN (SELECT id FROM event WHERE kind = 'service.changed')`, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := record(t, change)
			err := d.Update(t.Context(), lead, func(w *db.W) error {
				if err := w.Change(t.Context(), tt.sql); err != nil {
					return err
				}
				return w.Record(t.Context(), audit.Event{Kind: "detail.changed"})
			})
			if err != nil {
				t.Fatal(err)
			}
			e := read(t, d, service, 1)[0]
			if e.Intact != tt.intact || e.Erased != tt.erased {
				t.Errorf("intact %v, erased %v; want %v, %v", e.Intact, e.Erased, tt.intact, tt.erased)
			}
			if tt.erased && (e.ActorName != "" || string(e.After) != "null" || e.ActorID != "a1") {
				t.Errorf("what is left of an erased event: %+v", e)
			}
		})
	}
}

// Two events that say the same have different digests, so that a digest gives nothing away.
func TestDigestIsSalted(t *testing.T) {
	d := record(t, change, change)
	err := d.View(t.Context(), func(r db.R) error {
		n, err := db.Value[int64](t.Context(), r, `SELECT COUNT(DISTINCT digest) FROM event`)
		if n != 2 {
			t.Errorf("digests = %d, want 2", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNewestComesFirst(t *testing.T) {
	opened := change
	shut := change
	opened.Kind = "service.opened"
	shut.Kind = "service.shut"
	other := audit.Event{Kind: "service.shut", Subject: audit.Ref{Kind: "service", ID: "s2"}}
	d := record(t, opened, change, other, shut)
	var got []audit.Kind
	for _, e := range read(t, d, service, 2) {
		got = append(got, e.Kind)
	}
	if diff := cmp.Diff([]audit.Kind{"service.shut", "service.changed"}, got); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	err := d.View(t.Context(), func(r db.R) error {
		list, err := audit.OfKind(t.Context(), r, "service.shut", 10)
		if len(list) != 2 || list[0].Subject.ID != "s1" || list[1].Subject.ID != "s2" {
			t.Errorf("of one kind: %+v", list)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLimitCountsTheKindsAskedForAlone(t *testing.T) {
	opened := change
	refused := change
	shut := change
	opened.Kind = "service.opened"
	refused.Kind = "service.refused"
	shut.Kind = "service.shut"
	elsewhere := audit.Event{Kind: "service.shut", Subject: audit.Ref{Kind: "service", ID: "s2"}}
	d := record(t, opened, change, shut, elsewhere, refused, refused, refused)
	for _, tt := range []struct {
		name  string
		limit int
		kinds []audit.Kind
		want  []audit.Kind
	}{
		{"every kind", 3, nil, []audit.Kind{"service.refused", "service.refused", "service.refused"}},
		{"one", 3, []audit.Kind{"service.opened"}, []audit.Kind{"service.opened"}},
		{"several, in any order", 3, []audit.Kind{"service.opened", "service.shut"},
			[]audit.Kind{"service.shut", "service.opened"}},
		{"more than the limit", 2, []audit.Kind{"service.changed", "service.opened", "service.shut"},
			[]audit.Kind{"service.shut", "service.changed"}},
		{"one that never was", 3, []audit.Kind{"service.moved"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []audit.Kind
			if err := d.View(t.Context(), func(r db.R) error {
				list, err := audit.Of(t.Context(), r, service, tt.limit, tt.kinds...)
				for _, e := range list {
					got = append(got, e.Kind)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("kinds (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAReferenceFindsWhatWasRefusedWhateverItsKind(t *testing.T) {
	d := record(t, change)
	for _, step := range []func(w *db.W) error{
		func(w *db.W) error {
			return w.Refuse(t.Context(), audit.Event{Kind: "service.locked"}, fault.Forbidden)
		},
		func(w *db.W) error { return w.RecordRefusal(t.Context(), audit.Event{Kind: "service.stopped"}) },
		func(w *db.W) error { return w.Record(t.Context(), audit.Event{Kind: "only.called.refused"}) },
	} {
		if err := d.Update(t.Context(), lead, step); err != nil && !errors.Is(err, fault.Forbidden) {
			t.Fatal(err)
		}
	}
	list, err := db.Read(t.Context(), d, func(r db.R) ([]audit.Entry, error) {
		return audit.Refusals(t.Context(), r, lead.Request)
	})
	found := map[audit.Kind]bool{}
	for _, e := range list {
		found[e.Kind] = e.Refused && e.Intact
	}
	if want := map[audit.Kind]bool{"service.locked": true, "service.stopped": true}; err != nil || !maps.Equal(found, want) {
		t.Errorf("found %v, %v; want %v", found, err, want)
	}
	if read(t, d, service, 1)[0].Refused {
		t.Error("a change is marked as refused")
	}
}

func TestEventThatCannotBeKept(t *testing.T) {
	d := record(t, change)
	for name, bad := range map[string]audit.Event{
		"no kind":               {Subject: service},
		"before that no JSON":   {Kind: "x", Before: func() {}},
		"after that is no JSON": {Kind: "x", After: make(chan int)},
		"a reason with NUL":     {Kind: "x", Reason: "a\x00b"},
	} {
		if err := d.Update(t.Context(), lead, func(w *db.W) error { return w.Record(t.Context(), bad) }); err == nil {
			t.Errorf("%s: kept", name)
		}
	}
	if n := len(read(t, d, service, 10)); n != 1 {
		t.Errorf("events = %d, want the good one alone", n)
	}
}
