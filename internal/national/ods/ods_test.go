package ods_test

import (
	"errors"
	"testing"

	"signpost/internal/national/ods"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, in string
		want     ods.Code
	}{
		{"trust", "RXK", "RXK"},
		{"commissioner", "00K", "00K"},
		{"local authority", "401", "401"},
		{"practice", "A20047", "A20047"},
		{"practice typed in lower case with spaces", " a20047 ", "A20047"},
		{"pharmacy", "FM664", "FM664"},
		{"trust site", "RXK01", "RXK01"},
		{"new code", "A1B2C", "A1B2C"},
		{"new code that begins like a pharmacy's", "F1B2C", "F1B2C"},
		{"Welsh or Scottish form", "VAA123", "VAA123"},
		{"school", "EE123456", "EE123456"},
		{"branch of a practice", "A81004001", "A81004001"},
		{"as long as codes are", "fqw63rpx0001", "FQW63RPX0001"},
		{"locum pharmacists' virtual organisation", "FFFFF", "FFFFF"},
	}
	for _, tt := range tests {
		got, err := ods.Parse(tt.in)
		if err != nil || got != tt.want {
			t.Errorf("%s: Parse(%q) = %q, %v", tt.name, tt.in, got, err)
		}
	}
	for _, s := range []string{"", "  ", "A1", "A123456789012", "A20-47", "A20 047", "А20047", // the last is Cyrillic
		"RXK\x00", "２0047A"} {
		if got, err := ods.Parse(s); !errors.Is(err, ods.ErrFormat) {
			t.Errorf("Parse(%q) = %q, %v; want ErrFormat", s, got, err)
		}
	}
}

func TestRoleNames(t *testing.T) {
	for id, want := range map[ods.RoleID]string{ods.PrescribingCostCentre: "Prescribing cost centre",
		"RO318": "Integrated care board"} {
		if got, ok := id.Name(); !ok || got != want {
			t.Errorf("%s: Name = %q, %v", id, got, ok)
		}
	}
	if got, ok := ods.RoleID("RO0").Name(); ok {
		t.Errorf("a role that does not exist is called %q", got)
	}
}
