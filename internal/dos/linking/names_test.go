package linking

import (
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/cis2"
)

func TestSameName(t *testing.T) {
	for name, tt := range map[string]struct {
		first, last string
		person      cis2.Person
		same        bool
	}{
		"the same":                   {"Priya", "Shah", cis2.Person{GivenName: "Priya", FamilyName: "Shah"}, true},
		"case":                       {"PRIYA", "shah", cis2.Person{GivenName: "Priya", FamilyName: "Shah"}, true},
		"accents":                    {"Zoe", "Muller", cis2.Person{GivenName: "Zoë", FamilyName: "Müller"}, true},
		"accents, put together":      {"Zoë", "M", cis2.Person{GivenName: "Zoe\u0308", FamilyName: "M"}, true},
		"a hyphen":                   {"Anne Marie", "Lee", cis2.Person{GivenName: "Anne-Marie", FamilyName: "Lee"}, true},
		"no hyphen":                  {"Annemarie", "Lee", cis2.Person{GivenName: "Anne-Marie", FamilyName: "Lee"}, true},
		"an apostrophe":              {"Sean", "O’Brien", cis2.Person{GivenName: "Seán", FamilyName: "O'Brien"}, true},
		"an apostrophe left out":     {"Sean", "OBrien", cis2.Person{GivenName: "Sean", FamilyName: "O'Brien"}, true},
		"a space for an apostrophe":  {"Sean", "O Brien", cis2.Person{GivenName: "Sean", FamilyName: "O'Brien"}, true},
		"order":                      {"Shah", "Priya", cis2.Person{GivenName: "Priya", FamilyName: "Shah"}, true},
		"the whole name alone":       {"Priya", "Shah", cis2.Person{Name: "Shah, Priya"}, true},
		"another person":             {"Oliver", "Grant", cis2.Person{GivenName: "Leila", FamilyName: "Haddad"}, false},
		"another given name":         {"Priya", "Shah", cis2.Person{GivenName: "Asha", FamilyName: "Shah"}, false},
		"another family name":        {"Priya", "Shah", cis2.Person{GivenName: "Priya", FamilyName: "Jones"}, false},
		"an initial":                 {"P", "Shah", cis2.Person{GivenName: "Priya", FamilyName: "Shah"}, false},
		"the account has none":       {"", "", cis2.Person{GivenName: "Priya", FamilyName: "Shah"}, false},
		"CIS2 gives none":            {"Priya", "Shah", cis2.Person{}, false},
		"neither has one":            {"", "", cis2.Person{}, false},
		"the same, the whole beside": {"Jo", "Ng", cis2.Person{Name: "Dr Jo Ng", GivenName: "Jo", FamilyName: "Ng"}, true},
	} {
		if got := SameName(account.Account{FirstName: tt.first, LastName: tt.last}, tt.person); got != tt.same {
			t.Errorf("%s: the same %v, want %v", name, got, tt.same)
		}
	}
}
