package backlog

import "syscall"

// replace puts what one descriptor is into the place of another.
func replace(old, with int) error { return syscall.Dup3(with, old, 0) }
