package main

import (
	"fmt"
	"slices"
	"time"
)

// figures hold what one measurement saw.
type figures struct {
	took   []time.Duration // of each flow
	span   time.Duration
	cpu    time.Duration // processor time of the server
	own    time.Duration // and of the driver
	errors int
	// journeys to the database, where they are counted
	journeys int64
	first    error
}

// and adds another measurement of the same thing.
func (f figures) and(other figures) figures {
	f.took = append(f.took, other.took...)
	f.span += other.span
	f.cpu += other.cpu
	f.own += other.own
	f.errors += other.errors
	f.journeys += other.journeys
	if f.first == nil {
		f.first = other.first
	}
	return f
}

// rate is flows a second.
func (f figures) rate() float64 {
	if f.span == 0 {
		return 0
	}
	return float64(len(f.took)) / f.span.Seconds()
}

// journeysEach is how many journeys to the database one flow made.
func (f figures) journeysEach() float64 { return float64(f.journeys) / max(1, float64(len(f.took))) }

// costs are the processor times of server and driver for one flow, in milliseconds. The driver does the same
// work at either server, so its time shows how fast the machine was just then.
func (f figures) costs() string {
	flows := max(1, float64(len(f.took)))
	return fmt.Sprintf("%.1f+%.1f", float64(f.cpu.Microseconds())/1000/flows, float64(f.own.Microseconds())/1000/flows)
}

// p99 is how many milliseconds 99 in 100 of the flows took at most.
func (f figures) p99() float64 {
	if len(f.took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(f.took))
	return float64(sorted[min(len(sorted)-1, len(sorted)*99/100)].Microseconds()) / 1000
}
