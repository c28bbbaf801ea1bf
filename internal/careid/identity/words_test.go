package identity_test

import (
	"errors"
	"slices"
	"testing"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

func TestPeopleAreFoundByTheWordsOfTheirNames(t *testing.T) {
	w := open(t)
	for _, n := range []identity.New{
		{GivenName: "Siân", FamilyName: "O’Brien", Email: "S.OBrien2@nhs.net"},
		{GivenName: "Mary", MiddleNames: "Siân", FamilyName: "Smith-Jones", Email: "zoe.smith@nhs.net"},
		{GivenName: "Zoë", FamilyName: "Obi"},
	} {
		if _, err := w.add(t, n); err != nil {
			t.Fatal(err)
		}
	}
	for typed, want := range map[string][]string{
		"sian": {"Siân O’Brien", "Mary Smith-Jones"}, "obrien": {"Siân O’Brien"}, "brien": {"Siân O’Brien"},
		"smith jones": {"Mary Smith-Jones"}, "SMITHJONES mary": {"Mary Smith-Jones"}, "zoe": {"Zoë Obi", "Mary Smith-Jones"},
		"ob": {"Zoë Obi", "Siân O’Brien"}, "rien": nil, "sian zoe": nil,
		"s.obrien2": {"Siân O’Brien"}, "S.OB": {"Siân O’Brien"}, "s.obrien2@n": {"Siân O’Brien"}, "@nhs.net": nil,
		"zoe.": {"Zoë Obi", "Mary Smith-Jones"}, "zoe.s": {"Mary Smith-Jones"},
	} {
		found, err := db.Read(t.Context(), w.DB, func(r db.R) ([]identity.Identity, error) {
			list, total, err := identity.Search(t.Context(), r, typed, 0, 10)
			if total != len(list) {
				t.Errorf("%q: %d are counted of %d", typed, total, len(list))
			}
			return list, err
		})
		var names []string
		for _, i := range found {
			names = append(names, i.DisplayName())
		}
		if err != nil || !slices.Equal(names, want) {
			t.Errorf("%q finds %q, %v; want %q", typed, names, err, want)
		}
	}
}

// What nearly everybody has is not searched for.
func TestVagueNamesAreRefused(t *testing.T) {
	w := open(t)
	for _, typed := range []string{"", "%", "'", "a", "a b"} {
		err := w.DB.View(t.Context(), func(r db.R) error {
			_, _, err := identity.Search(t.Context(), r, typed, 0, 10)
			return err
		})
		if !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

func TestNamesMustBeSeen(t *testing.T) {
	w := open(t)
	honest := identity.New{Title: "Dr", GivenName: "Ada", MiddleNames: "May", FamilyName: "Example"}
	if _, err := w.add(t, honest); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string]func(n *identity.New){
		"title":        func(n *identity.New) { n.Title = "Dr\u200f" },
		"given name":   func(n *identity.New) { n.GivenName = "\u202eadA" },
		"middle names": func(n *identity.New) { n.MiddleNames = "May\n" },
		"family name":  func(n *identity.New) { n.FamilyName = "Ex\u200bample" },
	} {
		n := honest
		change(&n)
		if _, err := w.add(t, n); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", field, err)
		}
	}
}
