package reading

import (
	"strings"
	"testing"
)

func TestSyllables(t *testing.T) {
	for word, want := range map[string]int{
		"a": 1, "the": 1, "you": 1, "your": 1, "have": 1, "done": 1, "code": 1, "code.": 1, "use": 1, "used": 1, "asked": 1,
		"linked": 1, "needed": 2, "started": 2, "button": 2, "table": 2, "able": 2, "people": 2, "little": 2, "while": 1,
		"account": 2, "service": 2, "services": 3, "password": 2, "passwords": 2, "identity": 4, "authority": 4,
		"registration": 4, "position": 3, "organisation": 5, "approved": 2, "email": 2, "address": 2, "minutes": 2,
		"changes": 2, "changed": 1, "times": 1, "boxes": 2, "directory": 4, "before": 2, "there": 1, "where": 1, "being": 2,
		"idea": 3, "radio": 3, "area": 3, "going": 2, "carry": 2, "carried": 2, "reads": 1, "team": 1, "local": 2,
		"happen": 2, "usual": 3, "nation": 2, "question": 2, "R8008": 2, "quiet": 2, "working": 2, "days": 1,
	} {
		if got := syllables(strings.ToLower(word)); got != want {
			t.Errorf("%q has %d, counted %d", word, want, got)
		}
	}
}

func TestAge(t *testing.T) {
	for _, tt := range []struct {
		text     string
		min, max int
	}{
		{"", 0, 0},
		{"The cat sat on the mat. The dog ran to the cat.", 5, 6},
		{"You log in with your Care Identity. Ask for help if it does not work.", 5, 9},
		// A sentence of a law, which nobody reads with ease at school.
		{"Notwithstanding the provisions of subsection (2), the responsible authority shall, as soon as is reasonably " +
			"practicable following the determination of the application, notify each interested party in writing.", 20, 30},
	} {
		if got := Of(tt.text, "Care Identity").Age(); got < tt.min || got > tt.max {
			t.Errorf("%q: age %d, want %d to %d", tt.text, got, tt.min, tt.max)
		}
	}
}

// Terms, addresses and what is quoted count as one word each; lines of a list are sentences of their own.
func TestWhatCountsAsOneWord(t *testing.T) {
	for text, want := range map[string]Measure{
		"Ask your registration authority.":                            {Words: 3, Sentences: 1, Syllables: 4},
		"Ask registration authorities.":                               {Words: 3, Sentences: 1, Syllables: 9},
		`Say "please give me the position as it stands in the book".`: {Words: 2, Sentences: 1, Syllables: 3},
		"Go to https://dos.example/checklist":                         {Words: 3, Sentences: 1, Syllables: 4},
		"Who: you\nWhen: now":                                         {Words: 4, Sentences: 2, Syllables: 4},
		"At 12.30 on 1 May.":                                          {Words: 5, Sentences: 1, Syllables: 7},
		"A heading\nYou are done.":                                    {Words: 3, Sentences: 1, Syllables: 3},
	} {
		if got := Of(text, "registration authority"); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestLongest(t *testing.T) {
	got := Longest("One. One two three. One two.\nOne two three four", 2)
	if len(got) != 2 || got[0] != "One two three four" || got[1] != "One two three." {
		t.Errorf("%q", got)
	}
}
