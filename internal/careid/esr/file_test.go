package esr_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/esr"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
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
		";bo@nhs.net;31/10/2026\n" + ada.UUID + ";two@nhs.net;\n800000000017;x@nhs.net;\n12;x@nhs.net;\n" +
		"800000000025;nonsense;\n800000000033;x@nhs.net;soon\n")
	var y worldtest.Tally
	for _, one := range r.Refused {
		y.Refused(t, one.Reason, one.Reason == "")
	}
	if len(r.Records) != 2 || len(r.Refused) != 5 || r.Rows != 7 {
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
