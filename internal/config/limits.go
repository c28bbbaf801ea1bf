package config

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Limits say how much of the machine the program may use.
type Limits struct {
	MemoryMiB   int `koanf:"memory_mib"`  // 0 for most of what the machine, or the program's control group, has
	Connections int `koanf:"connections"` // open at a time, at each of the addresses that the program listens at
}

const (
	usualConnections = 1000
	minConnections   = 50
	minMemoryMiB     = 128
)

func usualLimits() Limits { return Limits{Connections: usualConnections} }

// check refuses limits with which the program cannot work.
func (l Limits) check() error {
	var problems []error
	if l.MemoryMiB != 0 && l.MemoryMiB < minMemoryMiB {
		problems = append(problems, fmt.Errorf(
			"limits.memory_mib: set %d or more, or 0 for what the machine has", minMemoryMiB))
	}
	if l.Connections < minConnections {
		problems = append(problems, fmt.Errorf("limits.connections: set %d or more", minConnections))
	}
	return errors.Join(problems...)
}

// Gateway is a network behind which many people are, whose wrong passwords and codes count together.
type Gateway struct {
	Network        string `koanf:"network"` // "192.0.2.0/28"
	WrongPerMinute int    `koanf:"wrong_per_minute"`
}

// minWrongPerMinute is what any network may have.
const minWrongPerMinute = 20

func checkGateways(list []Gateway) (problems []error) {
	for _, g := range list {
		if p, err := netip.ParsePrefix(g.Network); err != nil || p.Masked() != p {
			problems = append(problems,
				fmt.Errorf("gateways.network: %q must be a network like 192.0.2.0/28", g.Network))
		}
		if g.WrongPerMinute < minWrongPerMinute {
			problems = append(problems, fmt.Errorf("gateways.wrong_per_minute: set %d or more for %s, such as 200",
				minWrongPerMinute, g.Network))
		}
	}
	return problems
}

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
