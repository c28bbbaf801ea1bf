package config

import "errors"

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
		problems = append(problems, errors.New("limits.memory_mib: set 128 or more, or 0 for what the machine has"))
	}
	if l.Connections < minConnections {
		problems = append(problems, errors.New("limits.connections: set 50 or more"))
	}
	return errors.Join(problems...)
}
