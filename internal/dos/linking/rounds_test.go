package linking_test

import "os"

// rounds is how often something is tried: a little each time, more among all the checks (make test), and most to prove
// it (make prove).
func rounds(each, check, prove int) int {
	switch {
	case os.Getenv("PROVE") != "":
		return prove
	case os.Getenv("TEST_LONG") != "":
		return check
	}
	return each
}

var (
	histories      = rounds(40, 2000, 100_000)
	pairs          = rounds(60, 500, 500)    // of each race that has a name in the table of attacks
	pairsRaced     = rounds(3, 40, 500)      // of each two acts
	linksKilled    = rounds(300, 1000, 1000) // more than a program makes in its life
	lookAlikePairs = rounds(100, 2000, 2000)
)
