package worldtest

import "testing"

// Beside is a benchmark of something beside the least that it has to compute. It reports how many a processor does in a
// second, and how fast that is beside the bare computation: 1 where nothing is added to it.
func Beside(b *testing.B, whole, bare func()) {
	b.Helper()
	whole() // what is made once is made now
	rounds := 0
	before := ProcessorTime(b)
	for b.Loop() {
		whole()
		rounds++
	}
	between := ProcessorTime(b)
	for range rounds {
		bare()
	}
	after := ProcessorTime(b)
	spent := (between - before).Seconds()
	b.ReportMetric(float64(rounds)/spent, "verified/s")
	b.ReportMetric((after-between).Seconds()/spent, "of-bare")
}
