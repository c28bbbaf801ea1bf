package page

import "strings"

// The characters of Unicode that isolate what stands between them from the direction of the text around it.
const (
	isolate = "\u2068"
	restore = "\u2069"
)

// Apart marks a name that stands within a text, for Isolated. Names themselves never have these characters.
func Apart(name string) string { return isolate + name + restore }

// isolatedPart is a part of a text: a name that stands apart, or words around it.
type isolatedPart struct {
	Text  string
	Apart bool
}

func isolatedParts(text string) (parts []isolatedPart) {
	for text != "" {
		words, rest, _ := strings.Cut(text, isolate)
		name, after, _ := strings.Cut(rest, restore)
		parts = append(parts, isolatedPart{Text: words}, isolatedPart{Text: name, Apart: name != ""})
		text = after
	}
	return parts
}

// Paragraphs splits a text that somebody wrote into its lines, without empty ones.
func Paragraphs(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
