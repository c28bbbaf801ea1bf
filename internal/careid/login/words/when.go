package words

import (
	"strconv"
	"strings"
	"time"

	"signpost/internal/platform/clock"
)

// When writes a date and time in London, as web.DateTime does in English.
func (l Language) When(t time.Time) string {
	t = t.In(clock.London)
	return l.Say("time.at",
		"day", strconv.Itoa(t.Day()),
		"month", l.month(t.Month()),
		"year", strconv.Itoa(t.Year()),
		"time", l.clock(t))
}

func (l Language) month(m time.Month) string { return l.Say(Key("time.month_" + strconv.Itoa(int(m)))) }

func (l Language) clock(t time.Time) string {
	clock := strings.Replace(t.Format("3.04"), ".00", "", 1)
	switch {
	case t.Hour() == 0 && t.Minute() == 0:
		return l.Say("time.midnight")
	case t.Hour() == 12 && t.Minute() == 0:
		return l.Say("time.midday")
	case t.Hour() < 12:
		return l.Say("time.am", "clock", clock)
	}
	return l.Say("time.pm", "clock", clock)
}
