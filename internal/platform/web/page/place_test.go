package page_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"signpost/internal/platform/web/page"
)

// letters reads a list of letters as a table gives it.
func letters(all string) func(at page.Place, limit int) ([]string, int, error) {
	return func(at page.Place, limit int) (items []string, total int, err error) {
		list := strings.Split(all, "")
		switch {
		case at.After != "":
			list = slices.DeleteFunc(list, func(one string) bool { return one <= at.After })
		case at.Before != "":
			list = slices.DeleteFunc(list, func(one string) bool { return one >= at.Before })
			list = list[max(len(list)-limit, 0):]
		}
		return list[:min(limit, len(list))], len(all), nil
	}
}

// Each page has its items, says which they are, and leads to those beside it.
func TestStretches(t *testing.T) {
	key := func(item string) string { return item }
	for query, want := range map[string]string{
		"":                 "abc, next after=c&kind=x",
		"after=c&page=7":   "def, previous before=d&kind=x, next after=f&kind=x",
		"after=f":          "gh, previous before=g&kind=x",
		"after=h":          "abc, next after=c&kind=x",
		"before=g":         "def, previous before=d&kind=x, next after=f&kind=x",
		"before=d":         "abc, next after=c&kind=x",
		"before=b":         "abc, next after=c&kind=x",
		"before=z":         "fgh, previous before=f&kind=x, next after=h&kind=x",
		"after=c&before=b": "def, previous before=d&kind=x, next after=f&kind=x",
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/list?kind=x&"+query, nil)
		s, err := page.ReadAt(r, 3, key, letters("abcdefgh"))
		if err != nil || s.Total != 8 {
			t.Fatal(s, err)
		}
		got := strings.Join(s.Items, "")
		links := s.Links("/list", r)
		if links.Previous.Href != "" {
			got += ", previous " + strings.TrimPrefix(links.Previous.Href, "/list?")
		}
		if links.Next.Href != "" {
			got += ", next " + strings.TrimPrefix(links.Next.Href, "/list?")
		}
		if got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
}

func TestStretchesSayWhatTheyAre(t *testing.T) {
	for all, want := range map[string]string{
		"abc": "3 things; Things", "abcd": "4 things, from a to c; Things, from a to c", "a": "1 thing; Things",
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/list", nil)
		s, err := page.ReadAt(r, 3, func(item string) string { return item }, letters(all))
		if got := s.Count("thing", "things") + "; " + s.Titled("Things"); err != nil || got != want {
			t.Errorf("%q, want %q, %v", got, want, err)
		}
	}
}
