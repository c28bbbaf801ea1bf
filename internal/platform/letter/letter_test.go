package letter_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"signpost/internal/platform/letter"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func sample(name string, paragraphs int) letter.Letter {
	l := letter.Letter{
		To:   []string{name, "Fenmarch Surgery", "1 Mill Lane", "Fenmarch", "FM1 1AA", "a line too many"},
		Date: "30 November 2026", Heading: "Your next step in the Directory of Services", Code: "https://dos.example/checklist",
		CodeText: "Scan this, or go to dos.example/checklist",
	}
	for range paragraphs {
		l.Paragraphs = append(l.Paragraphs, strings.Repeat("Ask your registration authority for the position. ", 8))
	}
	return l
}

func written(t *testing.T, letters ...letter.Letter) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := letter.Write(&file, letters, noon); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// The same letters are the same file, so that a file can be compared.
func TestTheSameLettersAreTheSameFile(t *testing.T) {
	one, two := written(t, sample("Ann", 2)), written(t, sample("Ann", 2))
	if !bytes.Equal(one, two) || !bytes.HasPrefix(one, []byte("%PDF-")) {
		t.Errorf("%d and %d bytes", len(one), len(two))
	}
}

// A letter of one page has no number; each page of a longer one has, also where another letter follows.
func TestPagesOfALongLetterAreNumbered(t *testing.T) {
	for _, tt := range []struct {
		paragraphs, pages int
	}{{1, 1}, {20, 3}} {
		file := written(t, sample("Ann", tt.paragraphs), sample("Bo", 1))
		if n := bytes.Count(file, []byte("/Type /Page\n")); n != tt.pages+1 {
			t.Errorf("%d paragraphs and another letter: %d pages", tt.paragraphs, n)
		}
	}
}

// Any name can be written: letters of other languages, and what the font has no sign for.
func TestAnyNameIsWritten(t *testing.T) {
	for _, name := range []string{"Zoë Łukasz Żółć ʻOkina", "Σωκράτης", "Иван", "محمد", "王小明", "😀 Ann",
		"A\u202eB", strings.Repeat("Verylongname", 40), "", "\x00", "\uFFFF"} {
		if file := written(t, sample(name, 1)); len(file) < 10_000 {
			t.Errorf("%q: %d bytes", name, len(file))
		}
	}
}

// What stands in the file is what the letter says, in its order, and no more of an address than the window shows.
func TestTheFileSaysWhatTheLetterSays(t *testing.T) {
	text := textOf(t, written(t, sample("Zoë Łukasz Żółć ʻOkina", 20), sample("A\u202eB 😀", 1)))
	at := 0
	for _, want := range []string{"Zoë Łukasz Żółć ʻOkina", "Fenmarch Surgery", "FM1 1AA", "30 November 2026",
		"Your next step in the Directory of Services", "Ask your registration authority", "Page 1 of 3", "Page 2 of 3",
		"Scan this, or go to", "Page 3 of 3", "AB □", "Scan this"} {
		found := strings.Index(text[at:], want)
		if found < 0 {
			t.Fatalf("no %q after %q", want, text[:at])
		}
		at += found
	}
	if strings.Contains(text, "a line too many") || strings.Count(text, "Page ") != 3 {
		t.Errorf("more than there should be: %s", text)
	}
}

var (
	streams = regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`)
	shown   = regexp.MustCompile(`(?s)\(((?:\\.|[^\\)])*)\)Tj`)
)

// textOf reads the text of a file that has its texts in UTF-16.
func textOf(t *testing.T, file []byte) string {
	t.Helper()
	var text strings.Builder
	for _, stream := range streams.FindAllSubmatch(file, -1) {
		r, err := zlib.NewReader(bytes.NewReader(stream[1]))
		if err != nil {
			continue // a table of the font
		}
		plain, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range shown.FindAllSubmatch(plain, -1) {
			text.WriteString(unescaped(one[1]) + "\n")
		}
	}
	return text.String()
}

func unescaped(text []byte) string {
	var plain []byte
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' {
			i++
			if text[i] == 'r' {
				plain = append(plain, '\r')
				continue
			}
		}
		plain = append(plain, text[i])
	}
	var units []uint16
	for ; len(plain) > 1; plain = plain[2:] {
		units = append(units, binary.BigEndian.Uint16(plain))
	}
	return string(utf16.Decode(units))
}
