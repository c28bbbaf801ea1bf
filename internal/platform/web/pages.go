package web

import (
	"net/http"
	"regexp"
	"strings"
)

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// pageAt gives the page of a form, with the names in it replaced by what the path has for them under the form's
// pattern.
func pageAt(pattern, page, path string) string {
	_, pattern, _ = strings.Cut(pattern, " ")
	values := strings.Split(path, "/")
	found := map[string]string{}
	for i, name := range strings.Split(pattern, "/") {
		if i < len(values) {
			found[name] = values[i]
		}
	}
	return placeholder.ReplaceAllStringFunc(page, func(name string) string { return found[name] })
}

// isLook reports whether a request only looks at a page.
func isLook(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }
