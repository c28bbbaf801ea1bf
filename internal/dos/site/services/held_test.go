package services_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"signpost/internal/platform/web/form"
)

// A held form shows each value that people can fill in with the label that the form has for it.
func TestEachFieldOfAHeldFormIsNamed(t *testing.T) {
	w := newWorld(t)
	for _, at := range []string{"capacity", "hours"} {
		path := "/services/" + w.pharmacy + "/" + at
		page := w.get(w.editor, path)
		n := slices.IndexFunc(w.forms, func(f form.Form) bool { return f.Sent(path) })
		if n < 0 {
			t.Fatalf("no form is sent to %s", path)
		}
		fields := w.forms[n].Fields
		for _, n := range page.all("name", "") {
			name := attribute(n, "name")
			if !slices.Contains([]string{"input", "textarea", "select"}, n.Data) || attribute(n, "type") == "hidden" {
				continue
			}
			is := slices.IndexFunc(fields, func(f form.Field) bool { return f.Name == name })
			if is < 0 || !strings.Contains(page.text, fields[is].Label) {
				t.Errorf("%s: %s is not named as its form names it", at, name)
				continue
			}
			for _, value := range values(n) {
				if fields[is].Choices[value] == "" {
					t.Errorf("%s: %s has no words for %q", at, name, value)
				}
			}
		}
	}
}

// values gives the values from which people can choose.
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
