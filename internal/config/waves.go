package config

import "fmt"

// Waves says when the phases of waves may begin.
type Waves struct {
	AtNight bool `koanf:"at_night"` // also between 20:00 and 08:00 in London may passwords end
	// GuidanceDays is for how many days everybody in a wave is to have had the guidance for a phase before it begins.
	GuidanceDays int `koanf:"guidance_days"`
}

const (
	usualGuidanceDays = 14
	maxGuidanceDays   = 90
)

func usualWaves() Waves { return Waves{GuidanceDays: usualGuidanceDays} }

func (w Waves) check() (problems []error) {
	if w.GuidanceDays < 0 || w.GuidanceDays > maxGuidanceDays {
		problems = append(problems,
			fmt.Errorf("waves.guidance_days: %d must be from 0 to %d", w.GuidanceDays, maxGuidanceDays))
	}
	return problems
}
