package words

import (
	"strconv"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/when"
)

// When writes a date and time in London, as when.DateTime does in English.
func (l Language) When(t time.Time) string {
	t = t.In(clock.London)
	return l.Say("time.at",
		"day", strconv.Itoa(t.Day()),
		"month", l.month(t.Month()),
		"year", strconv.Itoa(t.Year()),
		"time", l.clock(t))
}

// Date writes a day.
func (l Language) Date(day time.Time) string {
	return l.Say("time.on", "day", strconv.Itoa(day.Day()), "month", l.month(day.Month()),
		"year", strconv.Itoa(day.Year()))
}

func (l Language) month(m time.Month) string { return l.Say(Key("time.month_" + strconv.Itoa(int(m)))) }

func (l Language) clock(t time.Time) string {
	digits, part := when.Clock(t)
	switch part {
	case when.Midnight:
		return l.Say("time.midnight")
	case when.Midday:
		return l.Say("time.midday")
	case when.Morning:
		return l.Say("time.am", "clock", digits)
	}
	return l.Say("time.pm", "clock", digits)
}
