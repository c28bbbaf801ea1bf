package named_test

import (
	"slices"
	"testing"

	"signpost/internal/careid/registration/named"
)

// A list has numbers and addresses in any mixture, with anything between them that people paste.
func TestList(t *testing.T) {
	for pasted, want := range map[string][]string{
		"": nil, " ;,\n\t": nil,
		"800000000017":                         {"800000000017"},
		"800 000 000 017":                      {"800 000 000 017"},
		"800000000017 800000000025":            {"800000000017", "800000000025"},
		"800 000 000 017 800 000 000 025":      {"800000000017", "800000000025"},
		"a@example.nhs.uk b@example.nhs.uk":    {"a@example.nhs.uk", "b@example.nhs.uk"},
		"Bea Okafor <b@example.nhs.uk>; 8000":  {"Bea Okafor <b@example.nhs.uk>", "8000"},
		"a@example.nhs.uk,\r\n800000000017\tx": {"a@example.nhs.uk", "800000000017", "x"},
	} {
		if got := named.List(pasted); !slices.Equal(got, want) {
			t.Errorf("%q: %q", pasted, got)
		}
	}
}

// Whom a row names, and what is wrong where that cannot be said.
func TestIn(t *testing.T) {
	for _, tt := range []struct {
		uuid, address string
		want          named.One
		wrong         bool
	}{
		{"800 000 000 017", "", named.One{UUID: "800000000017"}, false},
		{"", "Bea <Bea@Example.nhs.uk>", named.One{Email: "bea@example.nhs.uk"}, false},
		{"bea@example.nhs.uk", "", named.One{Email: "bea@example.nhs.uk"}, false},
		{"800000000017", "bea@example.nhs.uk", named.One{UUID: "800000000017", Email: "bea@example.nhs.uk"}, false},
		{"", "", named.One{}, true},
		{"8000", "", named.One{UUID: "8000"}, true},
		{"", "bea", named.One{}, true},
	} {
		got := named.In(tt.uuid, tt.address)
		problem := got.Problem
		got.Problem = ""
		if got != tt.want || (problem != "") != tt.wrong {
			t.Errorf("%q, %q: %+v %q", tt.uuid, tt.address, got, problem)
		}
	}
}
