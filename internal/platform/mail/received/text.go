package received

import (
	"fmt"
	"io"
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/transform"
)

// words decodes what header fields have beyond ASCII.
var words = mime.WordDecoder{CharsetReader: func(charset string, input io.Reader) (io.Reader, error) {
	encoding, err := htmlindex.Get(charset)
	if err != nil {
		return nil, fmt.Errorf("charset %q: %w", charset, err)
	}
	return transform.NewReader(input, encoding.NewDecoder()), nil
}}

// decoded gives a header field as it was meant, or as it is where that cannot be told.
func decoded(field string) string {
	text, err := words.DecodeHeader(field)
	if err != nil {
		return field
	}
	return text
}

// inUnicode reads text in a charset. Text in one that there is not is taken for UTF-8, or else for Windows-1252, in
// which whatever is written means something.
func inUnicode(content []byte, charset string) string {
	if charset == "" || strings.EqualFold(charset, "us-ascii") || strings.EqualFold(charset, "utf-8") {
		charset = "windows-1252"
		if utf8.Valid(content) {
			return string(content)
		}
	}
	encoding, err := htmlindex.Get(charset)
	if err != nil {
		if utf8.Valid(content) {
			return string(content)
		}
		encoding, _ = htmlindex.Get("windows-1252")
	}
	text, _, err := transform.Bytes(encoding.NewDecoder(), content)
	if err != nil {
		return string(content)
	}
	return string(text)
}

// inOneLine makes one line of a text that strangers chose, without what is not seen.
func inOneLine(text string) string {
	text = strings.Join(strings.Fields(strings.Map(visible, strings.ToValidUTF8(text, "\uFFFD"))), " ")
	letters := []rune(text)
	if len(letters) > maxLine {
		return strings.TrimSpace(string(letters[:maxLine-1])) + "…"
	}
	return text
}

// visible keeps what is seen, and spaces.
func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\uFEFF', r == '\u200B':
		return -1
	}
	return r
}

var oneBreak = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u00A0", " ")

// clean gives a text as it is kept: without what is not seen, and without long gaps.
func clean(text string) string {
	var lines []string
	gap := 0
	for line := range strings.SplitSeq(oneBreak.Replace(strings.ToValidUTF8(text, "\uFFFD")), "\n") {
		line = strings.TrimRight(strings.Map(visible, line), " ")
		gap++
		if line != "" {
			gap = 0
		}
		if gap < 2 {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// The elements of HTML whose content nobody sees, and those that begin a line.
var (
	unseen = map[atom.Atom]bool{
		atom.Head: true, atom.Script: true, atom.Style: true, atom.Title: true, atom.Template: true,
	}
	block = map[atom.Atom]bool{
		atom.P: true, atom.Div: true, atom.Br: true, atom.Tr: true, atom.Li: true, atom.H1: true, atom.H2: true,
		atom.H3: true, atom.H4: true, atom.Blockquote: true, atom.Pre: true, atom.Table: true, atom.Hr: true,
	}
)

// textOf gives what somebody reads who reads HTML, with what they quote marked as in plain text.
func textOf(markup string) string {
	var out page
	tokens := html.NewTokenizer(strings.NewReader(markup))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			return out.text.String()
		}
		out.take(kind, tokens.Token())
	}
}

// page is HTML that becomes text.
type page struct {
	text   strings.Builder
	hidden int // how many elements it is within that are not seen
	quoted int // how many quotes it is within
	inLine bool
}

func (p *page) take(kind html.TokenType, t html.Token) {
	change := map[html.TokenType]int{html.StartTagToken: 1, html.EndTagToken: -1}[kind]
	if unseen[t.DataAtom] {
		p.hidden = max(0, p.hidden+change)
		return
	}
	if t.DataAtom == atom.Body { // a head that never ends
		p.hidden = 0
	}
	if kind == html.TextToken {
		p.write(t.Data)
		return
	}
	if block[t.DataAtom] {
		p.newLine()
	}
	if t.DataAtom == atom.Blockquote {
		p.quoted = max(0, p.quoted+change)
	}
}

func (p *page) write(text string) {
	flat := strings.Join(strings.Fields(text), " ")
	if p.hidden > 0 || flat == "" {
		return
	}
	switch {
	case !p.inLine && p.quoted > 0:
		p.text.WriteString("> ")
	case p.inLine && unicode.IsSpace([]rune(text)[0]):
		p.text.WriteString(" ")
	}
	p.inLine = true
	p.text.WriteString(flat)
	if last, _ := utf8.DecodeLastRuneInString(text); unicode.IsSpace(last) {
		p.text.WriteString(" ")
	}
}

func (p *page) newLine() {
	p.text.WriteString("\n")
	p.inLine = false
}
