//go:build !linux

package memory

// forgetCode does nothing where the system has no such way.
func forgetCode() {}
