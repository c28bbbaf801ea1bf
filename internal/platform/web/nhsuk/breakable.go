package nhsuk

import (
	"context"
	"html"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Longer words than people write, in letters, and the parts into which they may break.
const (
	maxWordLetters = 30
	maxPartLetters = 15
)

// Breakable shows a text in which a word that is longer than people write may break. One such word, as a stranger may
// type it for a name, would make a table wider than its page, and take the room of all other columns.
func Breakable(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, breakable(text))
		return err
	})
}

func breakable(text string) string {
	var b strings.Builder
	for i, word := range strings.Split(text, " ") {
		if i > 0 {
			b.WriteByte(' ')
		}
		letters := []rune(word)
		for len(letters) > maxWordLetters {
			b.WriteString(html.EscapeString(string(letters[:maxPartLetters])) + "<wbr>")
			letters = letters[maxPartLetters:]
		}
		b.WriteString(html.EscapeString(string(letters)))
	}
	return b.String()
}
