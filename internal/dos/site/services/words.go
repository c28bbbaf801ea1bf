package services

import (
	"fmt"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

func openTag(s directory.Service, o directory.Opening) nhsuk.TagParams {
	switch {
	case s.Status == directory.Commissioning:
		return nhsuk.TagParams{Text: "Not open yet", Colour: nhsuk.TagGone}
	case s.Status != directory.Active:
		return nhsuk.TagParams{Text: "Closed for good", Colour: nhsuk.TagGone}
	case o.NotKnown:
		return nhsuk.TagParams{Text: "Hours not known", Colour: nhsuk.TagUnknown}
	case o.Open:
		return nhsuk.TagParams{Text: "Open", Colour: nhsuk.TagOpen}
	}
	return nhsuk.TagParams{Text: "Closed", Colour: nhsuk.TagGone}
}

// statusText names the status of a service that searches do not find; empty for an active one.
func statusText(s directory.Status) string {
	switch s {
	case directory.Active:
		return ""
	case directory.Commissioning:
		return "Not open yet"
	}
	return "Closed for good"
}

// openingText says until when a service is open, or when it opens.
func openingText(s directory.Service, o directory.Opening, now time.Time) string {
	switch {
	case s.Status != directory.Active:
		return statusText(s.Status)
	case s.AllHours:
		return "Open all hours"
	case o.NotKnown && o.Day == directory.BankHoliday:
		return "Bank holiday: telephone first"
	case o.NotKnown:
		return "Telephone to ask when it is open"
	case o.Open && o.Until.IsZero():
		return "Open day and night"
	case o.Open:
		return "Open until " + when.TimeOfDay(o.Until) + dayText(o.Until, now)
	case o.Until.IsZero() && o.Unsure.IsZero():
		return "Closed for the next week"
	case o.Until.IsZero():
		return "Closed, and hours" + dayText(o.Unsure, now) + " are not known"
	case !o.Unsure.IsZero():
		return "Closed, opens " + when.TimeOfDay(o.Until) + dayText(o.Until, now) + ", but hours" +
			dayText(o.Unsure, now) + " are not known"
	}
	return "Closed, opens " + when.TimeOfDay(o.Until) + dayText(o.Until, now)
}

// dayText names the day of t unless it is today.
func dayText(t, now time.Time) string {
	t = t.In(clock.London)
	now = now.In(clock.London)
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	switch day(t).Sub(day(now)) / (24 * time.Hour) {
	case 0:
		return ""
	case 1:
		return " tomorrow"
	}
	return " on " + when.Weekday(t)
}

// weekTable shows the hours of the seven days from today, and marks bank holidays.
func weekTable(s directory.Service, c directory.Calendar, now time.Time) nhsuk.TableParams {
	t := nhsuk.TableParams{
		Caption: nhsuk.TableCaption{Text: "Opening hours of the next 7 days",
			Classes: "nhsuk-u-visually-hidden"},
		FirstCellIsHeader: true,
		Head:              []nhsuk.TableCell{{Text: "Day"}, {Text: "Hours"}},
	}
	now = now.In(clock.London)
	for ahead := range 7 {
		day := time.Date(now.Year(), now.Month(), now.Day()+ahead, 12, 0, 0, 0, clock.London)
		name := when.WeekdayAndDate(day)
		if c.IsBankHoliday(day) {
			name += " (bank holiday)"
		}
		if ahead == 0 {
			name = "Today, " + name
		}
		t.Rows = append(t.Rows, nhsuk.Cells(name, hoursText(s, c.DayOf(day))))
	}
	return t
}

// weekRows shows the stored hours of a week, day by day.
func weekRows(s directory.Service) []nhsuk.SummaryListRow {
	if s.AllHours {
		return []nhsuk.SummaryListRow{{Key: "Every day", Value: "Open all hours"}}
	}
	rows := make([]nhsuk.SummaryListRow, 0, len(directory.DayNames))
	for i, name := range directory.DayNames {
		hours := directory.FormatDay(s.Hours[i])
		switch {
		case hours == "":
			hours = "Closed"
		case directory.IsNotKnown(s.Hours[i]):
			hours = "Not known"
		}
		rows = append(rows, nhsuk.SummaryListRow{Key: name, Value: hours})
	}
	return rows
}

func hoursText(s directory.Service, d directory.Day) string {
	switch {
	case s.AllHours:
		return "Open all day"
	case directory.IsNotKnown(s.Hours[d]):
		return "Not known: telephone first"
	}
	if hours := directory.FormatDay(s.Hours[d]); hours != "" {
		return hours
	}
	return "Closed"
}

func miles(m float64, approximate bool) string {
	text := fmt.Sprintf("%.1f miles", m)
	switch near := m < 0.05; {
	case approximate && near: // both places are the centre of the district
		return "In this district"
	case near:
		return "Less than 0.1 miles"
	case approximate:
		return "About " + text
	}
	return text
}

// holidayNote gives a warning if there is a bank holiday among the seven days from today; empty if there is none.
func holidayNote(c directory.Calendar, now time.Time) string {
	for ahead := range 7 {
		if c.IsBankHoliday(now.AddDate(0, 0, ahead)) {
			return "Hours on a bank holiday may differ. Telephone before you send a patient."
		}
	}
	return ""
}
