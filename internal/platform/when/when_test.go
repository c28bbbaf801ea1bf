package when_test

import (
	"testing"
	"time"

	"signpost/internal/platform/when"
)

func TestDateTime(t *testing.T) {
	for at, want := range map[string]string{
		"2026-11-24T09:30:00Z": "24 November 2026 at 9:30am",
		"2026-07-01T14:00:00Z": "1 July 2026 at 3pm",
		"2026-07-01T16:30:00Z": "1 July 2026 at 5:30pm",
		"2026-12-01T17:30:00Z": "1 December 2026 at 5:30pm",
		"2026-06-30T23:00:00Z": "1 July 2026 at midnight",
		"2026-01-02T12:00:59Z": "2 January 2026 at midday",
		"2026-01-02T00:05:00Z": "2 January 2026 at 12:05am",
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := when.DateTime(moment); got != want {
			t.Errorf("DateTime(%s) = %q, want %q", at, got, want)
		}
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for past, want := range map[time.Duration]string{
		-time.Second:                 "less than a minute ago",
		59 * time.Second:             "less than a minute ago",
		time.Minute:                  "1 minute ago",
		59 * time.Minute:             "59 minutes ago",
		time.Hour:                    "1 hour ago",
		24 * time.Hour:               "24 hours ago",
		72*time.Hour - time.Second:   "2 days ago",
		400*24*time.Hour + time.Hour: "400 days ago",
	} {
		if got := when.Ago(now.Add(-past), now); got != want {
			t.Errorf("Ago(%s) = %q, want %q", past, got, want)
		}
	}
}

func TestIn24Hours(t *testing.T) {
	for at, want := range map[time.Time]string{
		time.Date(2026, 11, 24, 5, 46, 59, 0, time.UTC): "05:46",
		time.Date(2026, 7, 1, 23, 5, 0, 0, time.UTC):    "00:05",
	} {
		if got := when.In24Hours(at); got != want {
			t.Errorf("In24Hours(%s) = %q, want %q", at, got, want)
		}
	}
}

// What is over at a midnight had its last day before that.
func TestLastDay(t *testing.T) {
	midnight := time.Date(2027, 3, 31, 23, 0, 0, 0, time.UTC) // in British Summer Time
	for over, want := range map[time.Time]string{
		midnight: "31 March 2027", midnight.Add(time.Second): "1 April 2027", midnight.Add(-time.Hour): "31 March 2027",
	} {
		if got := when.LastDay(over); got != want {
			t.Errorf("over at %s: %s, want %s", over, got, want)
		}
	}
}
