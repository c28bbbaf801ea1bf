package ticket

import (
	"testing"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/clock"
)

func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, clock.London)
	if err != nil {
		panic(err)
	}
	return t
}

// A ticket is due when as many office hours have passed: nights, weekends, bank holidays and the change of the clock do
// not count.
func TestDueInOfficeHours(t *testing.T) {
	for name, tt := range map[string]struct {
		from, want string
		work       time.Duration
	}{
		"within the day":           {"2026-11-16 09:00", "2026-11-16 13:00", 4 * time.Hour},
		"over the evening":         {"2026-11-16 16:00", "2026-11-17 10:00", 4 * time.Hour},
		"from the night":           {"2026-11-16 03:00", "2026-11-16 12:00", 4 * time.Hour},
		"over the weekend":         {"2026-11-20 17:00", "2026-11-23 11:00", 4 * time.Hour},
		"to the last minute":       {"2026-11-16 08:00", "2026-11-16 18:00", 10 * time.Hour},
		"over Christmas":           {"2026-12-24 17:00", "2026-12-29 09:00", 2 * time.Hour},
		"over the change of clock": {"2026-03-27 17:00", "2026-03-30 09:00", 2 * time.Hour},
		"nothing left at night":    {"2026-11-16 20:00", "2026-11-17 08:00", 0},
	} {
		if got := OfficeHours.After(at(tt.from), tt.work, directory.Calendar{}); !got.Equal(at(tt.want)) {
			t.Errorf("%s: due %s, want %s", name, got.In(clock.London), tt.want)
		}
		if got := OfficeHours.Between(at(tt.from), at(tt.want), directory.Calendar{}); got != tt.work {
			t.Errorf("%s: %s between", name, got)
		}
	}
}

// While a ticket waits for its person, its time stands still.
func TestTheClockStandsStillWhileItWaits(t *testing.T) {
	var calendar directory.Calendar
	now := at("2026-11-16 09:00")
	one := Ticket{State: New, Priority: Urgent, Created: now, Due: OfficeHours.After(now, Urgent.within(), calendar)}
	one = OfficeHours.turn(one, Waiting, at("2026-11-16 10:00"), calendar)
	if !one.Due.IsZero() || one.Left != 3*time.Hour {
		t.Errorf("waiting: due %s, %s left", one.Due, one.Left)
	}
	one = OfficeHours.turn(one, Open, at("2026-11-18 17:00"), calendar)
	if want := at("2026-11-19 10:00"); !one.Due.Equal(want) {
		t.Errorf("open again: due %s, want %s", one.Due, want)
	}
	one = OfficeHours.hasten(one, Critical, at("2026-11-18 17:00"), calendar)
	if want := at("2026-11-18 18:00"); !one.Due.Equal(want) {
		t.Errorf("1 of 2 hours are gone: due %s, want %s", one.Due, want)
	}
	one = OfficeHours.hasten(one, Low, at("2026-11-18 18:00"), calendar)
	if left := OfficeHours.Between(at("2026-11-18 18:00"), one.Due, calendar); left != 48*time.Hour {
		t.Errorf("low: %s left", left)
	}
}
