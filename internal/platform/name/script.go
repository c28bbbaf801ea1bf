package name

import (
	"fmt"
	"slices"
	"unicode"
)

// together are the scripts that people write one name in: those of Japanese, Korean and Chinese, with Latin letters
// among them. It is the level "highly restrictive" of UTS #39 §5.2.
var together = [][]string{
	{"Latin", "Han", "Hiragana", "Katakana"},
	{"Latin", "Han", "Hangul"},
	{"Latin", "Han", "Bopomofo"},
}

// mixedProblem says which letter of a text belongs to another alphabet than the others; empty if none does. Letters of
// another alphabet make a name look like one that it is not.
func mixedProblem(text string) string {
	var scripts []string
	var odd string // the first letter of the latest script that is not Latin
	for _, c := range text {
		script := scriptOf(c)
		if script == "" || slices.Contains(scripts, script) {
			continue
		}
		scripts = append(scripts, script)
		if script != "Latin" || odd == "" {
			odd = fmt.Sprintf("“%c” (U+%04X, %s)", c, c, script)
		}
	}
	if len(scripts) < 2 || slices.ContainsFunc(together, func(set []string) bool { return holdsAll(set, scripts) }) {
		return ""
	}
	return "The letter " + odd + " is of another alphabet than the others. Use letters of one alphabet"
}

func holdsAll(set, scripts []string) bool {
	return !slices.ContainsFunc(scripts, func(script string) bool { return !slices.Contains(set, script) })
}

// scriptOf names the script of a letter; empty for characters that are used in all.
func scriptOf(c rune) string {
	if !unicode.IsLetter(c) || unicode.Is(unicode.Common, c) || unicode.Is(unicode.Inherited, c) {
		return ""
	}
	for script, table := range unicode.Scripts {
		if unicode.Is(table, c) {
			return script
		}
	}
	return ""
}
