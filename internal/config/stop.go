package config

import (
	"fmt"
	"time"
)

// Stop says how a node ends to which others may still send requests.
type Stop struct {
	WaitSeconds   int `koanf:"wait_seconds"`   // it says that it is not ready, and still answers
	FinishSeconds int `koanf:"finish_seconds"` // then requests under way may take this long
}

// The longest that a stop may take its time, in seconds.
const maxStopSeconds = 600

func usualStop() Stop { return Stop{WaitSeconds: 5, FinishSeconds: 10} }

// StopAtOnce is for programs to which no balancer sends requests.
func StopAtOnce() Stop { return Stop{FinishSeconds: usualStop().FinishSeconds} }

// Wait is how long a balancer has to see that the node is not ready.
func (s Stop) Wait() time.Duration { return time.Duration(s.WaitSeconds) * time.Second }

// Finish is how long requests under way may take after that.
func (s Stop) Finish() time.Duration { return time.Duration(s.FinishSeconds) * time.Second }

func (s Stop) check() error {
	if min(s.WaitSeconds, s.FinishSeconds) < 0 || max(s.WaitSeconds, s.FinishSeconds) > maxStopSeconds {
		return fmt.Errorf("stop: wait_seconds and finish_seconds must be from 0 to %d", maxStopSeconds)
	}
	return nil
}
