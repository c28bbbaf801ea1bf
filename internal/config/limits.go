package config

import (
	"errors"
	"fmt"
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
