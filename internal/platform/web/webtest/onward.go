package webtest

import (
	"cmp"
	"net/http"

	"signpost/internal/platform/web/page"
)

// LedTo gives the address to which an answer leads a browser by itself: by a redirect, or from a page that goes on.
func LedTo(header http.Header, body string) string {
	return cmp.Or(header.Get("Location"), page.OnwardOf(body))
}
