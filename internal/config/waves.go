package config

// Waves says when the phases of waves may begin.
type Waves struct {
	AtNight bool `koanf:"at_night"` // also between 20:00 and 08:00 in London may passwords end
}
