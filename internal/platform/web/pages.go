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

// Navigates reports whether a request is that of a person who goes to a page: not of a script or a part of a page, nor
// of a browser that looks ahead at what a person may want next (Sec-Purpose; Purpose and X-Moz of older browsers).
func Navigates(r *http.Request) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Moz"} {
		if strings.Contains(r.Header.Get(name), "prefetch") {
			return false
		}
	}
	mode := r.Header.Get("Sec-Fetch-Mode")
	kind := r.Header.Get("Sec-Fetch-Dest")
	return r.Method == http.MethodGet && (mode == "" || mode == "navigate") && (kind == "" || kind == "document")
}
