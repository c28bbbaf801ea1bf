//go:build linux && (amd64 || arm64)

package db_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// failingDisk names to the program of the tests the database that it is to write while its syncs fail.
const failingDisk = "SIGNPOST_TEST_FAILING_DISK"

// While the system answers each sync of a program with an I/O error, none of its updates is acknowledged, and none
// that was acknowledged before is lost. The program is this one, run once more, as a system call that is filtered
// stays so. On systems other than Linux nothing can be filtered; sqlitedisk_test.go holds the rule there by a hook.
func TestASyncThatReallyFails(t *testing.T) {
	if path := os.Getenv(failingDisk); path != "" {
		writeWhileSyncsFail(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "failing.db")
	program := exec.Command(os.Args[0], "-test.run=^TestASyncThatReallyFails$", "-test.v")
	program.Env = append(os.Environ(), failingDisk+"="+path)
	out, err := program.CombinedOutput()
	if err != nil {
		t.Fatalf("the program whose syncs fail: %v\n%s", err, out)
	}
	acknowledged := regexp.MustCompile(`(?m)^acknowledged (\w+)$`).FindAllSubmatch(out, -1)
	if len(acknowledged) != beforeFailure {
		t.Errorf("%d updates were acknowledged, want %d", len(acknowledged), beforeFailure)
	}
	d := openFile(t, path)
	for _, name := range acknowledged {
		if count(t, d, `SELECT COUNT(*) FROM thing WHERE id = $1`, string(name[1])) != 1 {
			t.Errorf("%s was acknowledged and is lost", name[1])
		}
	}
	t.Logf("%d acknowledged before syncs failed, all found; tried %d more, accepted 0", len(acknowledged), afterFailure)
}

const (
	beforeFailure = 5
	afterFailure  = 24
)

// writeWhileSyncsFail makes some updates, has all syncs fail from then on, and makes more: first one after another,
// then all at once. It leaves the database as a program does that ends suddenly.
func writeWhileSyncsFail(t *testing.T, path string) {
	d, err := db.Open(t.Context(), db.Options{Source: path, Migrations: tables, Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	for n := range beforeFailure {
		if err := addNumbered(t, d, "before", n); err != nil {
			t.Fatalf("before any sync failed: %v", err)
		}
	}
	failSyncs(t)
	refused := func(n int) {
		err := addNumbered(t, d, "after", n)
		if !errors.Is(err, fault.Unknown) && !errors.Is(err, fault.Unavailable) {
			t.Errorf("update %d while syncs fail: %v; want an outcome that is not known", n, err)
		}
	}
	for n := range afterFailure / 2 {
		refused(n)
	}
	var together sync.WaitGroup
	for n := afterFailure / 2; n < afterFailure; n++ {
		together.Go(func() { refused(n) })
	}
	together.Wait()
}

// addNumbered adds a thing, and prints its name as soon as it counts as saved.
func addNumbered(t *testing.T, d *db.DB, name string, n int) error {
	id := fmt.Sprint(name, n)
	err := d.Update(t.Context(), ann, func(w *db.W) error { return addThing(t.Context(), w, id, id) })
	if err == nil {
		fmt.Printf("acknowledged %s\n", id)
	}
	return err
}

func openFile(t *testing.T, path string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{Source: path, Migrations: tables, Clock: clock.System{}})
	if err != nil {
		t.Fatalf("open what the program left: %v", err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// failSyncs has the system answer every sync of this program with an I/O error, for as long as it runs. It needs no
// rights, only a kernel that lets a program filter its own system calls.
func failSyncs(t *testing.T) {
	t.Helper()
	const (
		number = 0 // where a system call's number stands in what the filter sees
		load   = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		equals = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		answer = unix.BPF_RET | unix.BPF_K
	)
	filter := []unix.SockFilter{
		{Code: load, K: number},
		{Code: equals, K: unix.SYS_FSYNC, Jt: 3},
		{Code: equals, K: unix.SYS_FDATASYNC, Jt: 2},
		{Code: equals, K: unix.SYS_SYNC_FILE_RANGE, Jt: 1},
		{Code: answer, K: unix.SECCOMP_RET_ALLOW},
		{Code: answer, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EIO)},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		t.Fatalf("this system lets no program give up rights, so no sync can be made to fail: %v", err)
	}
	thread, _, failed := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if failed != 0 || thread != 0 {
		t.Fatalf("this system lets no program filter its system calls (seccomp), so no sync can be made to fail: "+
			"%v, thread %d", failed, thread)
	}
	syncsFail(t)
}

// syncsFail makes sure that they do.
func syncsFail(t *testing.T) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "probe"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if err := file.Sync(); !errors.Is(err, syscall.EIO) {
		t.Fatalf("a sync gave %v, want an I/O error", err)
	}
	if err := unix.Fdatasync(int(file.Fd())); !errors.Is(err, syscall.EIO) {
		t.Fatalf("a sync of contents gave %v, want an I/O error", err)
	}
}
