package web_test

import (
	"testing"
	"time"

	"signpost/internal/platform/web"
)

func TestDateTime(t *testing.T) {
	for at, want := range map[string]string{
		"2026-11-24T09:30:00Z": "24 November 2026 at 9.30am",
		"2026-07-01T14:00:00Z": "1 July 2026 at 3pm",
		"2026-06-30T23:00:00Z": "1 July 2026 at midnight",
		"2026-01-02T12:00:59Z": "2 January 2026 at midday",
		"2026-01-02T00:05:00Z": "2 January 2026 at 12.05am",
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := web.DateTime(when); got != want {
			t.Errorf("DateTime(%s) = %q, want %q", at, got, want)
		}
	}
}
