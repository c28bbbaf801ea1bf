package config

import (
	"fmt"
	"slices"
	"time"
)

// BreakGlass says how emergency rights are opened in the directory.
type BreakGlass struct {
	Opens        string `koanf:"office_opens"`  // on Monday to Friday, in London: "08:00"
	Closes       string `koanf:"office_closes"` // "18:00"
	TwoPeople    string `koanf:"two_people"`    // when two people open them: "outside-hours", "always" or "never"
	LastsMinutes int    `koanf:"lasts_minutes"` // after so long they end by themselves
	Who          string `koanf:"who"`           // may ask: "editors", "permission" or "anybody"
	Widest       string `koanf:"widest"`        // place: "service", "region" or "everywhere"
	WidestAlone  string `koanf:"widest_alone"`  // place that one person opens alone, of the same
}

// What can be decided about emergency rights.
var (
	twoPeople = []string{"outside-hours", "always", "never"}
	askers    = []string{"editors", "permission", "anybody"}
	places    = []string{"service", "region", "everywhere"}
)

const (
	usualBreakGlassMinutes = 4 * 60
	maxBreakGlassMinutes   = 12 * 60
	timeOfDay              = "15:04"
)

func usualBreakGlass() BreakGlass {
	return BreakGlass{Opens: "08:00", Closes: "18:00", TwoPeople: twoPeople[0], LastsMinutes: usualBreakGlassMinutes,
		Who: askers[0], Widest: places[len(places)-1], WidestAlone: places[len(places)-2]}
}

// From is when office hours begin, from midnight.
func (b BreakGlass) From() time.Duration { return sinceMidnight(b.Opens) }

// To is when office hours end, from midnight.
func (b BreakGlass) To() time.Duration { return sinceMidnight(b.Closes) }

// Lasts is how long emergency rights last.
func (b BreakGlass) Lasts() time.Duration { return time.Duration(b.LastsMinutes) * time.Minute }

// sinceMidnight reads a time of day that check has seen.
func sinceMidnight(text string) time.Duration {
	at, err := time.Parse(timeOfDay, text)
	if err != nil {
		return 0
	}
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
}

func (b BreakGlass) check() (problems []error) {
	for _, one := range []struct{ name, value string }{{"office_opens", b.Opens}, {"office_closes", b.Closes}} {
		if _, err := time.Parse(timeOfDay, one.value); err != nil {
			problems = append(problems,
				fmt.Errorf("break_glass.%s: %q must be a time of day like 08:00", one.name, one.value))
		}
	}
	for _, one := range []struct {
		name, value string
		choices     []string
	}{{"two_people", b.TwoPeople, twoPeople}, {"who", b.Who, askers}, {"widest", b.Widest, places},
		{"widest_alone", b.WidestAlone, places}} {
		if !slices.Contains(one.choices, one.value) {
			problems = append(problems,
				fmt.Errorf("break_glass.%s: %q must be one of %q", one.name, one.value, one.choices))
		}
	}
	if b.LastsMinutes < 1 || b.LastsMinutes > maxBreakGlassMinutes {
		problems = append(problems,
			fmt.Errorf("break_glass.lasts_minutes: %d must be from 1 to %d", b.LastsMinutes, maxBreakGlassMinutes))
	}
	return problems
}
