package detail_test

import (
	"testing"
	"time"

	"signpost/internal/careid/identity/detail"
)

func TestNationalInsuranceNumbers(t *testing.T) {
	for typed, want := range map[string]string{
		"AB123456C": "AB 12 34 56 C", " ab 12-34 56 d ": "AB 12 34 56 D", "JG103759A": "JG 10 37 59 A",
		"AB123456": "", "AB123456E": "", "QQ123456C": "", "DA123456C": "", "AO123456C": "", "GB123456C": "", "ZZ123456C": "",
		"TN123456A": "", "AB1234567": "", "": "", "ＡB123456C": "", "AB123456CC": "",
	} {
		n, err := detail.ParseNI(typed)
		if n.Text() != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", typed, n.Text(), err, want)
		}
	}
}

func TestBirthDates(t *testing.T) {
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	for typed, want := range map[string]string{
		"31 3 1980": "1980-03-31", "31/03/1980": "1980-03-31", "1.2.1999": "1999-02-01", "29 2 2000": "2000-02-29",
		"30 11 2012": "2012-11-30", "1 1 1900": "", // as an earlier system wrote what nobody knew
		"1 12 2012": "no", "29 2 1999": "no", "31 3 80": "no", "1980-03-31": "no", "3 1980": "no", "": "no", "1 1 1901": "no",
	} {
		got, err := detail.ParseBirthDate(typed, now)
		if want == "no" && err == nil || want != "no" && (err != nil || string(got) != want) {
			t.Errorf("%q: %q, %v, want %q", typed, got, err, want)
		}
	}
	if got := detail.BirthDate("").Text(); got != "Not known" {
		t.Errorf("no date: %q", got)
	}
}
