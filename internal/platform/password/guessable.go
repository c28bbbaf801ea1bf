package password

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// commonest are what passwords are made of that are tried first by whoever guesses, beside the list of the operator,
// and where there is none. A password is refused if it is one or two of them, with nothing but digits and signs added.
var commonest = strings.Fields(`
	password passphrase passcode passwort pass word welcome letmein login logon admin administrator root user guest
	test testing tester changeme change secret default temp temporary newpassword mypassword nopassword qwerty
	qwertyuiop asdf asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc abc abcd abcdef abcabc iloveyou loveyou love
	monkey dragon master football baseball superman batman princess sunshine shadow michael jordan charlie freedom
	whatever trustno starwars pokemon computer internet samsung hello hallo flower cheese chocolate summer winter
	spring autumn january february march april may june july august september october november december monday
	tuesday wednesday thursday friday saturday sunday christmas easter england scotland wales ireland britain london
	manchester liverpool arsenal chelsea tottenham everton leeds birmingham bristol rangers celtic united nhs
	nhsengland nhsuk hospital doctor nurse pharmacy pharmacist surgery practice patient health healthcare smartcard
	spine cis trust ward clinic medical directory services identity`)

// substitutes are signs that stand for letters.
var substitutes = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s",
	"7", "t", "|", "l", "€", "e", "£", "l")

// rows are what stands side by side on a keyboard, or follows in order.
var rows = []string{
	"abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qazwsxedcrfvtgbyhnujmikolp",
	"0123456789", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "!\"£$%^&*()_+", "!@#$%^&*()_+",
}

// guessable reports whether a password is one of those that are tried first.
func guessable(plain string) bool {
	lower := strings.ToLower(plain)
	if slices.ContainsFunc(rows, func(row string) bool { return follows(lower, row) }) || repeats(lower) {
		return true
	}
	if utf8.RuneCountInString(lower)-utf8.RuneCountInString(letters(lower)) > maxAdded {
		return false
	}
	return made(letters(lower)) || made(letters(substitutes.Replace(strings.TrimRightFunc(lower, noLetter))))
}

// maxAdded is how many digits and signs people add to a word: a date at most.
const maxAdded = 8

// made reports whether letters are one or two of the commonest words.
func made(text string) bool {
	if slices.Contains(commonest, text) {
		return true
	}
	return slices.ContainsFunc(commonest, func(first string) bool {
		rest, begins := strings.CutPrefix(text, first)
		return begins && slices.Contains(commonest, rest)
	})
}

// follows reports whether a password only goes along a row, forwards or backwards, as often as it likes.
func follows(lower, row string) bool {
	runes := []rune(row)
	backwards := slices.Clone(runes)
	slices.Reverse(backwards)
	for _, way := range [][]rune{runes, backwards} {
		round := strings.Repeat(string(way), 2+len(lower)/len(way))
		if strings.Contains(round, lower) {
			return true
		}
	}
	return false
}

// maxRepeated is how long a part may be that is repeated to make a password.
const maxRepeated = 4

// repeats reports whether a password is a short part again and again: "aaaaaaaa", "12ab12ab".
func repeats(lower string) bool {
	runes := slices.Collect(func(yield func(rune) bool) {
		for _, r := range lower {
			if !unicode.IsSpace(r) && !yield(r) {
				return
			}
		}
	})
	for part := 1; part <= maxRepeated && part < len(runes); part++ {
		same := true
		for i := part; i < len(runes) && same; i++ {
			same = runes[i] == runes[i-part]
		}
		if same {
			return true
		}
	}
	return len(runes) < 2
}
