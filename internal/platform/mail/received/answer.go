package received

import (
	"regexp"
	"strings"
)

// AnswerAbove is the line with which a mail of ours begins that can be answered: what stands below it in an answer was
// quoted.
const AnswerAbove = "---- To answer by email, write above this line ----"

// What mail programs write before what they quote.
var (
	attribution = regexp.MustCompile(`(?i)^(>\s*)*(on\b.{5,200}\bwrote|le\b.{5,200}a écrit)\s*:\s*$`)
	divider     = regexp.MustCompile(`(?i)^(>\s*)*(-{2,}\s*original message\s*-{2,}|_{10,})\s*$`)
	headerLine  = regexp.MustCompile(`(?i)^(>\s*)*\*?(from|sent|date|to|cc|subject)\s*:\*?\s`)
)

// Answer gives what somebody wrote in an answer, without what they quote. Where nothing else was written it is the
// whole text: nothing that somebody wrote is lost.
func (l Mail) Answer() string {
	lines := strings.Split(l.Text, "\n")
	if own := joined(lines[:quoteBegins(lines)]); own != "" {
		return own
	}
	var own []string
	for _, line := range lines { // they wrote below or between what they quote
		if !strings.HasPrefix(line, ">") && !attribution.MatchString(line) {
			own = append(own, line)
		}
	}
	if text := joined(own); text != "" && !strings.Contains(text, AnswerAbove) {
		return text
	}
	return l.Text
}

// quoteBegins gives the number of the line with which the quote begins at the end of an answer.
func quoteBegins(lines []string) int {
	for i, line := range lines[:endQuote(lines)] {
		if divider.MatchString(line) || attribution.MatchString(twoLines(lines, i)) || isHeader(lines[i:]) ||
			strings.Contains(line, AnswerAbove) {
			return i
		}
	}
	return endQuote(lines)
}

// endQuote gives the number of the line after which nothing but quoted lines follow.
func endQuote(lines []string) int {
	for i := len(lines); i > 0; i-- {
		if line := lines[i-1]; line != "" && !strings.HasPrefix(line, ">") {
			return i
		}
	}
	return 0
}

// twoLines gives a line, with the next one where only both together say who wrote what is quoted.
func twoLines(lines []string, i int) string {
	if attribution.MatchString(lines[i]) || i+1 == len(lines) {
		return lines[i]
	}
	if !strings.HasPrefix(strings.ToLower(strings.TrimLeft(lines[i], "> ")), "on ") {
		return lines[i]
	}
	return lines[i] + " " + lines[i+1]
}

// isHeader reports whether lines begin as Outlook repeats the header of a mail: three of its fields.
func isHeader(lines []string) bool {
	if !headerLine.MatchString(lines[0]) {
		return false
	}
	n := 0
	for _, line := range lines[:min(len(lines), 6)] {
		if headerLine.MatchString(line) {
			n++
		}
	}
	return n >= 3
}

func joined(lines []string) string { return strings.TrimSpace(strings.Join(lines, "\n")) }
