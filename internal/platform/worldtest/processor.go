package worldtest

import (
	"syscall"
	"testing"
	"time"
)

// ProcessorTime gives how long the processor has worked for this program. On a machine that others use, it tells more
// of what something costs than the clock does.
func ProcessorTime(t testing.TB) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	Check(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
