package services_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"signpost/internal/platform/held"
)

// Whatever somebody can fill in is shown by the words that the form has for it, should the form be held.
func TestEachFieldOfAHeldFormIsNamed(t *testing.T) {
	w := newWorld(t)
	for _, form := range []string{"capacity", "hours"} {
		page := w.get(w.editor, "/services/"+w.pharmacy+"/"+form)
		for _, n := range page.all("name", "") {
			name := attribute(n, "name")
			if !slices.Contains([]string{"input", "textarea", "select"}, n.Data) || attribute(n, "type") == "hidden" {
				continue
			}
			at := slices.IndexFunc(w.held, func(f held.Field) bool { return f.Name == name })
			if at < 0 || !strings.Contains(page.text, w.held[at].Label) {
				t.Errorf("%s: %s is not named as its form names it", form, name)
				continue
			}
			for _, value := range values(n) {
				if w.held[at].Words[value] == "" {
					t.Errorf("%s: %s has no words for %q", form, name, value)
				}
			}
		}
	}
}

// values are those from which somebody chooses.
func values(n *html.Node) (list []string) {
	if slices.Contains([]string{"radio", "checkbox"}, attribute(n, "type")) {
		return []string{attribute(n, "value")}
	}
	for option := range n.Descendants() {
		if option.Data == "option" {
			list = append(list, attribute(option, "value"))
		}
	}
	return list
}
