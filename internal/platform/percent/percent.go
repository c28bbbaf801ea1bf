// Package percent says a part of a number in per cent, so that all and nothing are said of all and nothing alone. It
// does not know what is counted.
package percent

// Of gives a part of a whole in per cent, rounded: 0 and 100 only where it is none or all of it.
func Of(part, whole int) int {
	switch {
	case part <= 0 || whole <= 0:
		return 0
	case part >= whole:
		return 100
	}
	return min(max((200*part+whole)/(2*whole), 1), 99)
}
