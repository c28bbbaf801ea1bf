package directory

import (
	"strconv"
	"time"
)

// Capacity says how much a service can take, as reported by its own staff.
type Capacity string

// The capacities.
const (
	Green Capacity = "GREEN"
	Amber Capacity = "AMBER"
	Red   Capacity = "RED"
)

// reportLasts is how long a report counts that does not say how long it applies.
const reportLasts = 24 * time.Hour

// CapacityNow is the current capacity of a service, with who reported it and how long it applies.
type CapacityNow struct {
	Status   Capacity
	Notes    string
	At       time.Time // since when it applies; zero if nobody has ever reported it
	By       string    // who reported it
	Until    time.Time // when it goes back to green automatically; zero for never
	Reported time.Time // when somebody last reported it, even if it has gone back to green since
	Reset    bool      // it has gone back to green automatically
}

// Standing says whether there is a report of the capacity that still counts.
type Standing int

// The standings.
const (
	NotReported Standing = iota // nobody has ever reported it
	Outdated                    // reported too long ago to say anything of today
	Current
)

// Standing gives the standing of the capacity at a moment. A report counts for 24 hours, or as long as it says itself.
func (c CapacityNow) Standing(at time.Time) Standing {
	switch {
	case c.Reported.IsZero():
		return NotReported
	case at.Before(c.Until) || at.Before(c.Reported.Add(reportLasts)):
		return Current
	}
	return Outdated
}

// Version gives the version of this capacity. Going back to green automatically does not change the version.
func (c CapacityNow) Version() Version { return Version(strconv.FormatInt(c.Reported.UnixMilli(), 36)) }

func (c CapacityNow) now(at time.Time) CapacityNow {
	if c.Until.IsZero() || at.Before(c.Until) {
		return c
	}
	return CapacityNow{Status: Green, At: c.Until, By: c.By, Reported: c.Reported, Reset: true}
}

// Text words a capacity.
func (c Capacity) Text() string {
	switch c {
	case Amber:
		return "Amber: limited"
	case Red:
		return "Red: no capacity"
	}
	return "Green: has capacity"
}

// historyText describes a capacity for the history.
func (c CapacityNow) historyText() string {
	switch {
	case c.At.IsZero():
		return "Not reported"
	case c.Notes == "":
		return c.Status.Text()
	}
	return c.Status.Text() + ". " + c.Notes
}
