package organisation_test

import (
	"errors"
	"slices"
	"testing"

	"signpost/internal/careid/organisation"
	"signpost/internal/careid/schema"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

func open(t *testing.T) *db.DB {
	t.Helper()
	d := dbtest.Open(t, schema.Files, clock.System{})
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		for _, o := range []organisation.Organisation{
			{Code: "ZTR", Name: "Fenmarch University Hospitals", Postcode: "FM1 1AA", Contact: "ra@ztr.example"},
			{Code: "ZIB", Name: "Fenmarch Board", Postcode: "FM1 2BB", RAParent: "ZTR"},
			{Code: "Z90001", Name: "St Anne's Surgery", Postcode: "FM2 1CD", RAParent: "ZIB"},
			{Code: "Z90002", Name: "100% Health", Postcode: "FM3 1CD"},
			{Code: "Z90003", Name: "Round One", RAParent: "Z90004"},
			{Code: "Z90004", Name: "Round Two", RAParent: "Z90003"},
		} {
			if err := organisation.Add(t.Context(), w, o, authn.SecurityKey, authn.AuthenticatorApp); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestFind(t *testing.T) {
	d := open(t)
	for text, want := range map[string][]string{
		"ztr": {"ZTR"}, "FM2 1CD": {"Z90001"}, "fenmarch": {"ZIB", "ZTR"}, "hosp fen": {"ZTR"}, "st annes": {"Z90001"}, "St Anne’s": {"Z90001"},
		"anne": {"Z90001"}, "hôspitals-university": {"ZTR"},
		"march": nil, "100%": {"Z90002"}, "%": nil, "": nil, "nowhere": nil,
	} {
		err := d.View(t.Context(), func(r db.R) error {
			found, _, err := organisation.Find(t.Context(), r, text)
			var codes []string
			for _, o := range found {
				codes = append(codes, o.Code)
			}
			if !slices.Equal(codes, want) || text == "%" && !errors.Is(err, organisation.ErrVague) {
				t.Errorf("%q: %v, %v, want %v", text, codes, err, want)
			}
			if errors.Is(err, organisation.ErrVague) {
				return nil
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestApproved(t *testing.T) {
	d := open(t)
	err := d.View(t.Context(), func(r db.R) error {
		d, err := organisation.InForce(t.Context(), r, "ZTR")
		if len(d.Kinds) != 2 || !slices.Contains(d.Kinds, authn.SecurityKey) || d.Number != 1 {
			t.Errorf("approved %+v", d)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
