package device

import (
	"slices"
	"strings"
	"time"
)

// letters are those of a code: none that look or sound alike, and no vowels that could make a word. They are those of
// the codes that people type elsewhere.
const letters = "23456789BCDFGHJKMNPQRSTVWXYZ"

const (
	// codeLength is not that of a reference, so that nobody takes one for the other.
	codeLength = 9
	group      = 3

	// A code is a number that check divides. A wrong letter, two wrong ones, and two that changed places, make a number
	// that it does not divide.
	check = 32749

	version = 1

	// days is after how many days they are counted anew: a code is of one of the last so many.
	days = 256
)

// Code writes what was found on a day.
func (r Result) Code(at time.Time) string {
	n := uint64(version*days + dayOf(at)%days)
	for _, one := range answers {
		n = n*uint64(len(one.list)) + uint64(slices.Index(one.list, r.of(one.fact)))
	}
	n *= check
	code := make([]byte, codeLength)
	for i := range code {
		code[codeLength-1-i] = letters[n%uint64(len(letters))]
		n /= uint64(len(letters))
	}
	return string(code)
}

// dayOf counts the days since 1970.
func dayOf(at time.Time) int { return int(at.Unix() / (24 * 60 * 60)) }

// Read reads a code as somebody typed it, and the day on which it was made; false for what is no code.
func Read(typed string, now time.Time) (r Result, day time.Time, known bool) {
	n, known := number(Plain(typed))
	if !known {
		return nil, day, false
	}
	r = Result{}
	for _, one := range slices.Backward(answers) {
		size := uint64(len(one.list))
		r[one.fact] = one.list[n%size]
		n /= size
	}
	if n/days != version {
		return nil, day, false
	}
	latest := dayOf(now) + 1 // a code of a node whose clock is a little fast
	ago := (latest%days + days - int(n%days)) % days
	return r, time.Unix(int64(latest-ago)*24*60*60, 0).UTC(), true
}

// IsCode reports whether somebody typed a code, whenever it was made.
func IsCode(typed string) bool {
	_, _, known := Read(typed, time.Time{})
	return known
}

// number is what a code holds, without the check.
func number(code string) (n uint64, known bool) {
	if len(code) != codeLength {
		return 0, false
	}
	for _, letter := range code {
		i := strings.IndexRune(letters, letter)
		if i < 0 {
			return 0, false
		}
		n = n*uint64(len(letters)) + uint64(i)
	}
	return n / check, n%check == 0
}

// Plain is a code as it was made, from what somebody typed: case, spaces and hyphens do not count.
func Plain(typed string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\t", "", "\u00a0", "").Replace(typed))
}

// Show is a code as people read it out: "KDF 72M 9XB".
func Show(code string) string {
	var groups []string
	for part := range slices.Chunk([]byte(code), group) {
		groups = append(groups, string(part))
	}
	return strings.Join(groups, " ")
}
