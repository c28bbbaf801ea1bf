package webtest

import (
	"cmp"
	"html"
	"net/http"
	"net/url"
	"regexp"

	"signpost/internal/platform/web/page"
)

// LedTo gives the address to which an answer leads a browser by itself: by a redirect, or from a page that goes on.
func LedTo(header http.Header, body string) string {
	return cmp.Or(header.Get("Location"), page.OnwardOf(body))
}

var (
	onwardForm  = regexp.MustCompile(`(?s)<form method="post" action="([^"]*)" data-onward>(.*?)</form>`)
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
)

// PostedTo reads the form of a page that goes on by itself to another site: where it is sent, and its fields.
func PostedTo(body string) (to string, fields url.Values) {
	found := onwardForm.FindStringSubmatch(body)
	if found == nil {
		return "", nil
	}
	fields = url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(found[2], -1) {
		fields.Add(html.UnescapeString(field[1]), html.UnescapeString(field[2]))
	}
	return html.UnescapeString(found[1]), fields
}
