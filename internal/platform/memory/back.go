package memory

import "runtime/debug"

// GiveBack gives the machine back what the program needed to start and does not need again: memory, and pages of its
// own code.
func GiveBack() {
	debug.FreeOSMemory()
	forgetCode()
}
