package memory_test

import (
	"math"
	"runtime/debug"
	"testing"
	"testing/fstest"

	"signpost/internal/platform/memory"
)

// The smallest of the limits holds: the machine's, or that of a control group or of one that it is in.
func TestMemoryOfTheMachine(t *testing.T) {
	const meminfo = "MemTotal:        2048000 kB\nMemFree:          100 kB\n"
	for name, tt := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"the machine's": {map[string]string{"proc/meminfo": meminfo}, 2048000 << 10},
		"version 2": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "268435456\n",
		}, 256 << 20},
		"version 2, of the group above": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/system.slice/signpost.service\n",
			"sys/fs/cgroup/system.slice/signpost.service/memory.max": "max\n",
			"sys/fs/cgroup/system.slice/memory.max":                  "536870912\n",
		}, 512 << 20},
		"version 1": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "3:cpu,cpuacct:/x\n2:memory:/docker/abc\n",
			"sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "134217728\n",
		}, 128 << 20},
		"version 1, without a limit": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "2:memory:/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, 2048000 << 10},
		"more than the machine has": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "8589934592\n",
		}, 2048000 << 10},
		"a system that does not tell": {nil, 0},
	} {
		files := fstest.MapFS{}
		for path, text := range tt.files {
			files[path] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := memory.OfMachine(files); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

// What the operator says holds before what the machine has, and Go's own variable before both.
func TestLimit(t *testing.T) {
	before := debug.SetMemoryLimit(math.MaxInt64)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	if mib, by := memory.Limit(300); mib != 300 || by != "limits.memory_mib" || debug.SetMemoryLimit(-1) != 300<<20 {
		t.Errorf("a setting: %d MiB by %s", mib, by)
	}
	if mib, by := memory.Limit(0); mib <= 0 || by != "the machine" {
		t.Errorf("no setting: %d MiB by %s", mib, by)
	}
	debug.SetMemoryLimit(100 << 20)
	t.Setenv("GOMEMLIMIT", "100MiB")
	if mib, by := memory.Limit(300); mib != 100 || by != "GOMEMLIMIT" {
		t.Errorf("Go's own: %d MiB by %s", mib, by)
	}
}
