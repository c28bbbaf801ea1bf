package fault

import "strconv"

// maxQuoted is how many characters of what somebody wrote are quoted.
const maxQuoted = 80

// Quoted puts what somebody wrote in quotation marks, as it was written, for a sentence about it. Of a long text it
// gives the beginning.
func Quoted(text string) string {
	characters := []rune(text)
	if len(characters) > maxQuoted {
		text = string(characters[:maxQuoted]) + "…"
	}
	return strconv.Quote(text)
}
