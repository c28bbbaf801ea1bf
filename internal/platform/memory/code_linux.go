package memory

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// forgetCode takes the pages of the program's own file out of what the process holds. Those that it goes on with come
// back by themselves, from the system's cache of the file: nothing has been written to them.
func forgetCode() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		part := strings.Fields(line)
		if len(part) < 6 || part[5] != program || part[1] != "r--p" && part[1] != "r-xp" {
			continue
		}
		from, to, _ := strings.Cut(part[0], "-")
		begins, errBegins := strconv.ParseUint(from, 16, 64)
		ends, errEnds := strconv.ParseUint(to, 16, 64)
		if errBegins == nil && errEnds == nil && begins < ends {
			// What cannot be given back stays: nothing depends on it.
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, uintptr(begins), uintptr(ends-begins), syscall.MADV_DONTNEED)
		}
	}
}
