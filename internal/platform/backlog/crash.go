package backlog

import (
	"os"
	"syscall"
)

// whereErrorsGo names what the program's standard error is, as Linux opens it anew.
const whereErrorsGo = "/proc/self/fd/2"

// Apart gives what standard error is, for a log, and has the runtime's own text about a crash wait for nobody: it is
// written to standard error without any buffer, so a reader that stalls would keep a program that has crashed from
// ending. Where that cannot be had, such as for a terminal, both stay as they are.
func Apart(errs *os.File) *os.File {
	about, err := errs.Stat()
	if err != nil || int(errs.Fd()) != syscall.Stderr {
		return errs
	}
	switch {
	case about.Mode()&os.ModeNamedPipe != 0:
		return apartPipe(errs)
	case about.Mode()&os.ModeSocket != 0:
		return apartSocket(errs)
	}
	return errs
}

// apartPipe puts the same pipe, opened once more so as not to wait, in the place of standard error. Others who have the
// pipe go on as they do.
func apartPipe(errs *os.File) *os.File {
	impatient, err := syscall.Open(whereErrorsGo, syscall.O_WRONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return errs
	}
	own, err := syscall.Dup(syscall.Stderr)
	if err == nil {
		syscall.CloseOnExec(own)
		err = replace(syscall.Stderr, impatient)
	}
	_ = syscall.Close(impatient)
	if err != nil {
		return errs
	}
	return os.NewFile(uintptr(own), errs.Name())
}

// apartSocket has nobody wait who writes to the socket; the log then waits by itself.
func apartSocket(errs *os.File) *os.File {
	own, err := syscall.Dup(syscall.Stderr)
	if err != nil {
		return errs
	}
	syscall.CloseOnExec(own)
	if err := syscall.SetNonblock(own, true); err != nil {
		_ = syscall.Close(own)
		return errs
	}
	return os.NewFile(uintptr(own), errs.Name())
}
