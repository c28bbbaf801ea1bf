package directory

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/fault"
)

func TestParseDay(t *testing.T) {
	for text, want := range map[string][]Session{
		"09:00-13:00,14:00-18:00": {{540, 780}, {840, 1080}}, "CLOSED": nil, "": nil, " closed ": nil,
		"08:00-00:00": {{480, 1440}}, "00:00-24:00": {{0, 1440}}, "9:00 - 17:30": {{540, 1050}},
		"09:00-12:00,12:00-13:00":      {{540, 720}, {720, 780}},
		"14:00-18:00,09:00-13:00":      {{540, 780}, {840, 1080}},
		"9am to 1pm and 2pm to 5.30pm": {{540, 780}, {840, 1050}}, "9am-midday; 1pm – 6PM": {{540, 720}, {780, 1080}},
		"00:00-23:59": {{0, 1440}}, "09:00-23:59": {{540, 1440}}, "23:59-24:00": {{1439, 1440}},
		"09:00:00-17:30:00": {{540, 1050}}, "09:00-13:00/14:00-17:00": {{540, 780}, {840, 1020}},
		"24 hours": {{0, 1440}}, "NULL": NotKnown(), "Not known": NotKnown(),
		"0900-1730": {{540, 1050}}, "midnight to 24:00": {{0, 1440}}, "12am-12pm": {{0, 720}},
		"midday-17:00": {{720, 1020}}, "9-17": {{540, 1020}}, "6pm until midnight": {{1080, 1440}},
	} {
		if got, err := ParseDay(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("ParseDay(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for text, because := range map[string]string{
		"09:00-13:00:14:00-18:00": "comma", "18:00-09:00": "ends before", "9am to 5": "am or pm",
		"09:00-13:00,12:00-14:00": "begins before", "25:00-26:00": "Write times", "09:00": "comma",
		"09:60-10:00": "Write times", "22:00-06:00": "night", "1-5pm": "am or pm", "13pm-2pm": "Write times",
		"09:00-13:00,2PM-Late": `has "Late" where`,
		"9-5":                  "afternoon times with pm", "-": "comma", "09:00-09:00": "at the same time. Write when it closes",
		"09:00-24:01": "Write times", "00:00-00:00": "closed to some", "midnight to midnight": "closed to some",
		"12am-12am": "Write closed, or 24 hours", "23:59-23:59": "same time", "24:00-24:00": "same time",
		"24:00-00:00": "same time", "09:00-13:00,14:00-14:00": "same time", "9AM To 9AM": "same time",
		"09:00:30-17:00": "Write times", "open": "comma", "9am-": "comma", "09:00-13:00,": "comma",
		"00:00-24:00,09:00-10:00": "begins before", "N/A": "write closed, 24 hours or not known",
		"Mon-Fri": "Write times", " By Appointment ": "comma",
	} {
		_, err := ParseDay(text)
		problem, is := fault.From(err)
		if !is || !strings.HasPrefix(problem.Message, strconv.Quote(text)+" ") ||
			!strings.Contains(problem.Message, because) {
			t.Errorf("ParseDay(%q): %v, want it quoted and something about %q", text, err, because)
		}
	}
}

func TestWeekIsReadAsItWasWritten(t *testing.T) {
	w := Week{{{480, 1440}}, {{0, 120}, {540, 780}}, nil, NotKnown(), nil, nil, nil, {{600, 720}}}
	again, err := ParseWeek(w.String())
	if err != nil || again.String() != w.String() {
		t.Errorf("%q, %v; want %q", again, err, w)
	}
	for _, text := range []string{"09:00-10:00", "|||||||9am-5pm", "|||||||09:00", "|||||||10:00-09:00",
		"|||||||23:00-25:00", "|||||||0x:00-10:00"} {
		if _, err := ParseWeek(text); err == nil {
			t.Errorf("a week of %q was read", text)
		}
	}
}

func TestAt(t *testing.T) {
	shop := Week{{{540, 780}, {840, 1080}}, {{540, 1080}}, {{540, 1080}}, {{540, 1080}}, {{1200, 1440}},
		{{0, 120}}, nil, {{600, 720}}}
	for _, tt := range []struct {
		name, at string
		open     bool
		until    string
	}{
		{"Monday morning", "2026-11-23 09:00", true, "2026-11-23 13:00"},
		{"Monday lunch", "2026-11-23 13:00", false, "2026-11-23 14:00"},
		{"Monday before opening", "2026-11-23 08:59", false, "2026-11-23 09:00"},
		{"Monday night", "2026-11-23 18:00", false, "2026-11-24 09:00"},
		{"Friday night into Saturday", "2026-11-27 23:59", true, "2026-11-28 02:00"},
		{"Saturday after the night", "2026-11-28 01:00", true, "2026-11-28 02:00"},
		{"Saturday after closing", "2026-11-28 02:00", false, "2026-11-30 09:00"},
		{"Christmas Day", "2026-12-25 11:00", true, "2026-12-25 12:00"},
		{"Boxing Day's stand-in", "2026-12-28 13:00", false, "2026-12-29 09:00"},
		{"the night summer time begins", "2026-03-28 01:30", true, "2026-03-28 02:00"},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", tt.at, clock.London)
		if err != nil {
			t.Fatal(err)
		}
		got := shop.At(Calendar{}, false, at)
		if got.Open != tt.open || got.Until.Format("2006-01-02 15:04") != tt.until {
			t.Errorf("%s: %v %v, want %v %s", tt.name, got.Open, got.Until, tt.open, tt.until)
		}
	}
	through := Week{{{0, 720}, {720, 1440}}, {{0, 600}}}
	if got := through.At(Calendar{}, false, time.Date(2026, 11, 23, 11, 0, 0, 0, clock.London)); !got.Open ||
		got.Until.Format("2 15:04") != "24 10:00" {
		t.Errorf("hours that follow on one another: %+v", got)
	}
	day := []Session{{0, 1440}}
	if got := (Week{day, day, day, day, day, day, day, day}).At(Calendar{}, false,
		time.Date(2026, 11, 23, 11, 0, 0, 0, clock.London)); !got.Open || !got.Until.IsZero() {
		t.Errorf("a week without a gap: %+v", got)
	}
	if got := shop.At(Calendar{}, true, time.Now()); !got.Open {
		t.Error("always open is closed")
	}
	if got := (Week{}).At(Calendar{}, false, time.Now()); !got.NotKnown || got.Open || !got.Until.IsZero() {
		t.Errorf("a week that nobody has given: %+v", got)
	}
}

func FuzzParseDay(f *testing.F) {
	for _, text := range []string{"09:00-13:00,14:00-18:00", "CLOSED", "9am to 1pm", "08:00-00:00",
		"09:00-13:00:14:00-18:00", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		day, err := ParseDay(text)
		if err != nil {
			return
		}
		again, err := appendStoredDay(nil, stored(day))
		if err != nil || !slices.Equal(again, day) {
			t.Errorf("ParseDay(%q) = %v, kept and read again %v, %v", text, day, again, err)
		}
		if again, err := ParseDay(FormatDay(day)); err != nil || !slices.Equal(again, day) {
			t.Errorf("ParseDay(%q) = %v, written and read again %v, %v", text, day, again, err)
		}
		for i, s := range day {
			if IsNotKnown(day) {
				return
			}
			if s.From < 0 || s.From >= s.To || s.To > midnight || i > 0 && s.From < day[i-1].To {
				t.Errorf("ParseDay(%q) = %v: sessions out of order or of the day", text, day)
			}
		}
	})
}

// stored is a day as a week stores it.
func stored(day []Session) string {
	first, _, _ := strings.Cut(Week{day, {{0, midnight}}}.String(), "|")
	return first
}

func TestFormatDay(t *testing.T) {
	for want, day := range map[string][]Session{
		"9am to 1pm, 2pm to 5:30pm":              {{540, 780}, {840, 1050}},
		"midnight to 6:05am, midday to midnight": {{0, 365}, {720, 1440}},
		"24 hours":                               {{0, 1440}},
		"not known":                              NotKnown(),
		"":                                       nil,
	} {
		got := FormatDay(day)
		if got != want {
			t.Errorf("FormatDay(%v) = %q, want %q", day, got, want)
		}
		if again, err := ParseDay(got); err != nil || !slices.Equal(again, day) {
			t.Errorf("%q read again is %v, %v", got, again, err)
		}
	}
}
