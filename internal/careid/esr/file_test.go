package esr_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/esr"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/worldtest"
)

func read(t *testing.T, text string) esr.Reading {
	t.Helper()
	file, err := sheet.Look(strings.NewReader(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	r, err := esr.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A file is read whatever its headings are called, rows that are wrong are refused with why, and what is saved replaces
// what there was of the same people alone.
func TestStaffRecordsAreReadAndSaved(t *testing.T) {
	w := careidtest.Open(t, time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	var ada, bo identity.Identity
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		if ada, err = identity.Add(ctx, u, identity.New{GivenName: "Ada", FamilyName: "Example"}); err != nil {
			return err
		}
		bo, err = identity.Add(ctx, u, identity.New{GivenName: "Bo", FamilyName: "Example"})
		return err
	})
	save := func(text string) esr.Reading {
		r, err := esr.Check(t.Context(), w.DB, read(t, text))
		w.Must(err)
		w.Must(esr.Save(t.Context(), w.DB, actor.ForCommand("test"), r))
		return r
	}
	r := save("Care Identity number;Work email;Leaving date\n" + ada.UUID + ";Ada@NHS.net;\n" + bo.UUID +
		";bo@nhs.net;31/10/2026\n800000000017;x@nhs.net;\n12;x@nhs.net;\n" +
		"800000000025;nonsense;\n800000000033;x@nhs.net;soon\n")
	var y worldtest.Tally
	for _, one := range r.Refused {
		y.Refused(t, one.Reason, one.Reason == "" || one.Row == 0)
	}
	if len(r.Records) != 2 || len(r.Refused) != 4 || r.Rows != 6 {
		t.Errorf("of %d rows %d are taken, refused are %+v", r.Rows, len(r.Records), r.Refused)
	}
	save("uuid,email\n" + ada.UUID + ",other@nhs.net\n")
	records := worldtest.Read(w.World, func(ctx context.Context, r db.R) (map[string]esr.Record, error) {
		return esr.ByUUIDs(ctx, r, []string{ada.UUID, bo.UUID})
	})
	if records[ada.UUID].EmailKey != "other@nhs.net" || records[bo.UUID].Left.IsZero() {
		t.Errorf("the records are %+v", records)
	}
	y.Report(t, "rows of staff records")
}

// A person has a row for each assignment: they have left once all of them ended, and their address is that of the one
// which stands. What contradicts itself, or has a row that cannot be read, says nothing of them.
func TestRowsOfOnePerson(t *testing.T) {
	const who = "555036632103"
	tests := map[string]struct {
		rows    []string // email,left
		email   string   // of the record; "-" for none
		left    string
		refused []int // rows
	}{
		"left one, works at the next": {[]string{"old@nhs.net,2026-05-31", "new@nhs.net,"}, "new@nhs.net", "", nil},
		"the same in the other order": {[]string{"new@nhs.net,", "old@nhs.net,2026-05-31"}, "new@nhs.net", "", nil},
		"left both": {
			[]string{"a@nhs.net,2026-05-31", "b@nhs.net,2026-07-31"}, "b@nhs.net", "2026-07-31", nil},
		"left both, the later first": {
			[]string{"b@nhs.net,2026-07-31", "a@nhs.net,2026-05-31"}, "b@nhs.net", "2026-07-31", nil},
		"two assignments, one address": {[]string{"a@nhs.net,", "A@nhs.net,"}, "a@nhs.net", "", nil},
		"one without an address":       {[]string{",", "a@nhs.net,"}, "a@nhs.net", "", nil},
		"two addresses":                {[]string{"a@nhs.net,", "b@nhs.net,"}, "-", "", []int{3, 2}},
		"one that cannot be read":      {[]string{"a@nhs.net,2026-05-31", "nonsense,"}, "-", "", []int{3, 2}},
		"a date that cannot be read":   {[]string{"a@nhs.net,soon", "a@nhs.net,2026-05-31"}, "-", "", []int{2, 3}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text := "uuid,email,left\n"
			for _, row := range tt.rows {
				text += who + "," + row + "\n"
			}
			r := read(t, text)
			var refused []int
			for _, one := range r.Refused {
				refused = append(refused, one.Row)
			}
			if !slices.Equal(refused, tt.refused) {
				t.Errorf("refused %+v", r.Refused)
			}
			if tt.email == "-" {
				if len(r.Records) != 0 {
					t.Errorf("taken %+v", r.Records)
				}
				return
			}
			if len(r.Records) != 1 || r.Records[0].EmailKey != tt.email {
				t.Fatalf("taken %+v", r.Records)
			}
			left := ""
			if at := r.Records[0].Left; !at.IsZero() {
				left = at.In(clock.London).Format(time.DateOnly)
			}
			if left != tt.left {
				t.Errorf("left %q, want %q", left, tt.left)
			}
		})
	}
}
