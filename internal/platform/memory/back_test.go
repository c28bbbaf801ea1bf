package memory_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"signpost/internal/platform/memory"
)

// fileKiB is how much of files the program holds in memory.
func fileKiB(t *testing.T) (kib int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssFile:")
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		t.Fatal(err)
	}
	return kib
}

// The program goes on with less of its own file, and comes to no harm.
func TestPagesOfTheProgramAreGivenBack(t *testing.T) {
	if runtime.GOOS != "linux" {
		memory.GiveBack() // does nothing of it there
		return
	}
	before := fileKiB(t)
	memory.GiveBack()
	if after := fileKiB(t); after >= before {
		t.Errorf("%d KiB of files before, %d after", before, after)
	}
}
