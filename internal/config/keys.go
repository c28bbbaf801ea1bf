package config

import (
	"fmt"
	"time"

	"signpost/internal/careid/provider/key"
)

// Keys says how long the parts of a signing key's life are.
type Keys struct {
	RotateDays      int `koanf:"rotate_days"`       // from one key's first signature to the next's
	AnnounceHours   int `koanf:"announce_hours"`    // at least, from publishing a key to signing with it
	LongestWaitDays int `koanf:"longest_wait_days"` // at most, for clients not seen to fetch it
	OverlapHours    int `koanf:"overlap_hours"`     // from a key's last signature to its end
}

const aDay = 24 * time.Hour

func usualKeys() Keys {
	p := key.Usual
	return Keys{
		RotateDays: int(p.Every / aDay), AnnounceHours: int(p.Announce / time.Hour),
		LongestWaitDays: int(p.LongestWait / aDay), OverlapHours: int(p.Overlap / time.Hour),
	}
}

// Policy gives the times by which keys are rotated.
func (k Keys) Policy() key.Policy {
	return key.Policy{
		Every: time.Duration(k.RotateDays) * aDay, Announce: time.Duration(k.AnnounceHours) * time.Hour,
		LongestWait: time.Duration(k.LongestWaitDays) * aDay, Overlap: time.Duration(k.OverlapHours) * time.Hour,
	}
}

// Check refuses times by which a token could outlive its key.
func (k Keys) Check() error {
	if err := k.Policy().Check(); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	return nil
}
