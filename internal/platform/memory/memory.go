// Package memory keeps the program within the memory that the machine, or the group of processes that it runs in, has
// for it: the nearer it comes to that, the more eagerly what is not needed is given back.
package memory

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// share is how much of the machine's memory the program uses, in hundredths. The rest is for what Go does not count,
// such as SQLite's pages.
const share = 80

// unlimited is about what version 1 of control groups says where there is no limit.
const unlimited = 1 << 60

// MiB is so many bytes.
const MiB = 1 << 20

// Limit keeps the program within so many MiB, or, where that is 0, within its share of what the machine has. A limit in
// GOMEMLIMIT is left as it is. It gives the limit in MiB and who set it, for the log; 0 if nobody knows one.
func Limit(setting int) (mib int64, by string) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return debug.SetMemoryLimit(-1) / MiB, "GOMEMLIMIT"
	}
	limit := int64(setting) * MiB
	by = "limits.memory_mib"
	if setting == 0 {
		limit = OfMachine(os.DirFS("/")) / 100 * share
		by = "the machine"
	}
	if limit > 0 {
		debug.SetMemoryLimit(limit)
	}
	return limit / MiB, by
}

// OfMachine gives how many bytes there are for the program: what its control groups allow it, of whichever version, or
// all that the machine has. 0 is a system that does not tell.
func OfMachine(root fs.FS) int64 {
	smallest := totalMemory(root)
	text, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return smallest
	}
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		switch parts[1] {
		case "":
			smallest = smallestAbove(root, "sys/fs/cgroup", parts[2], "memory.max", smallest)
		case "memory":
			smallest = smallestAbove(root, "sys/fs/cgroup/memory", parts[2], "memory.limit_in_bytes", smallest)
		}
	}
	return smallest
}

// smallestAbove gives the smallest limit of a group and of those that it is in.
func smallestAbove(root fs.FS, mount, group, file string, smallest int64) int64 {
	for group = path.Clean("/" + group); ; group = path.Dir(group) {
		limit := number(root, path.Join(mount, group, file))
		if limit > 0 && limit < unlimited && (smallest == 0 || limit < smallest) {
			smallest = limit
		}
		if group == "/" {
			return smallest
		}
	}
}

// number reads a file with one number in it; 0 is anything else, such as "max".
func number(root fs.FS, name string) int64 {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// totalMemory gives all that the machine has, in bytes.
func totalMemory(root fs.FS) int64 {
	text, err := fs.ReadFile(root, "proc/meminfo")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var kib int64
		if _, err := fmt.Sscanf(line, "MemTotal: %d kB", &kib); err == nil {
			return kib << 10
		}
	}
	return 0
}
