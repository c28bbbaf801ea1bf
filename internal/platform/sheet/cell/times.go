package cell

import (
	"strings"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/sheet"
)

// moments are the ways in which programs and people write a date or a time.
var moments = []string{
	time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999-07",
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
	"02/01/2006 15:04:05", "02/01/2006 15:04", "02/01/2006", "2 January 2006", "2 Jan 2006", "2-Jan-2006",
}

// Moment reads a date or a time, in Britain where it does not say where; zero if the cell is empty.
func Moment(row sheet.Row, column string) (time.Time, error) {
	text := row.Get(column)
	if text == "" || strings.EqualFold(text, "never") || strings.EqualFold(text, "null") {
		return time.Time{}, nil
	}
	for _, form := range moments {
		if at, err := time.ParseInLocation(form, text, clock.London); err == nil && at.Year() > 1990 {
			return at.UTC().Truncate(time.Millisecond), nil
		}
	}
	return time.Time{}, NotOne(row, column, "a date or time", "Enter one like 2026-05-31 or 31/05/2026 14:30")
}
