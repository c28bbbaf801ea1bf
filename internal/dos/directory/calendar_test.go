package directory

import (
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/platform/clock"
)

// proclaimed lists the days of gov.uk's list that do not recur every year.
var proclaimed = Calendar{
	proclaimed: map[string]Holiday{
		"2020-05-08": {Name: "Early May bank holiday (VE day)", InsteadOf: "2020-05-04"},
		"2022-06-02": {Name: "Spring bank holiday", InsteadOf: "2022-05-30"},
		"2022-06-03": {Name: "Platinum Jubilee bank holiday"},
		"2022-09-19": {Name: "Bank Holiday for the State Funeral of Queen Elizabeth II"},
		"2023-05-08": {Name: "Bank holiday for the coronation of King Charles III"},
	},
	moved: map[string]bool{"2020-05-04": true, "2022-05-30": true},
}

// The bank holidays of each year are those that gov.uk lists for England and Wales.
func TestBankHolidaysAreThoseOfGovUK(t *testing.T) {
	for year, want := range map[int]string{
		2019: "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26",
		2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
		2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
		2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
		2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
		2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
		2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
		2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
		2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
		2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
	} {
		var got []string
		for day := time.Date(year, 1, 1, 12, 0, 0, 0, clock.London); day.Year() == year; day = day.AddDate(0, 0, 1) {
			if proclaimed.DayOf(day) == BankHoliday {
				got = append(got, day.Format("01-02"))
			}
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%d: %v, want %s", year, got, want)
		}
	}
	if (Calendar{}).IsBankHoliday(time.Date(2023, 5, 8, 12, 0, 0, 0, clock.London)) {
		t.Error("a proclaimed day is a bank holiday before anybody has imported it")
	}
}

// The day changes at midnight in London, not at midnight UTC.
func TestABankHolidayBeginsInLondon(t *testing.T) {
	begins := time.Date(2026, 8, 30, 23, 0, 0, 0, time.UTC)
	for at, want := range map[time.Time]Day{
		begins.Add(-time.Second): Sunday, begins: BankHoliday, begins.Add(24*time.Hour - time.Second): BankHoliday,
		begins.Add(24 * time.Hour): Tuesday,
	} {
		if got := (Calendar{}).DayOf(at); got != want {
			t.Errorf("%v is %s, want %s", at, DayNames[got], DayNames[want])
		}
	}
}

// Hours that are not known count neither as closed nor as the hours of another day.
func TestDaysThatNobodyHasGiven(t *testing.T) {
	weekday := []Session{{540, 1080}}
	shop := Week{weekday, weekday, weekday, weekday, weekday, {{540, 1440}}, nil, NotKnown()}
	for _, tt := range []struct {
		name, at       string
		open, notKnown bool
		until, unsure  string
	}{
		{"noon of the bank holiday", "2026-08-31 12:00", false, true, "", ""},
		{"the first minute of the bank holiday", "2026-08-31 00:00", false, true, "", ""},
		{"the Sunday before it", "2026-08-30 12:00", false, false, "2026-09-01 09:00", "2026-08-31 00:00"},
		{"the Tuesday after it", "2026-09-01 12:00", true, false, "2026-09-01 18:00", ""},
		{"the evening of the Tuesday after it", "2026-09-01 18:00", false, false, "2026-09-02 09:00", ""},
		{"the last minute of the Saturday before it", "2026-08-29 23:59", true, false, "2026-08-30 00:00", ""},
		{"the day before Christmas, with two days not known after it", "2026-12-24 18:00", false, false,
			"2026-12-26 09:00", "2026-12-25 00:00"},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", tt.at, clock.London)
		if err != nil {
			t.Fatal(err)
		}
		got := shop.At(Calendar{}, false, at)
		if got.Open != tt.open || got.NotKnown != tt.notKnown || minuteOf(got.Until) != tt.until ||
			minuteOf(got.Unsure) != tt.unsure {
			t.Errorf("%s: %+v", tt.name, got)
		}
		if !shop.At(Calendar{}, true, at).Open {
			t.Errorf("%s: open all hours is not open", tt.name)
		}
	}
}

func minuteOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02 15:04")
}
