package page

import (
	"html"
	"regexp"
)

var refresh = regexp.MustCompile(`<meta http-equiv="refresh" content="0;url=([^"]*)"`)

// OnwardOf reads from a page of Onward the address to which the browser goes on; empty for any other page. Programs
// that sign in as a browser does need it.
func OnwardOf(document string) string {
	found := refresh.FindStringSubmatch(document)
	if found == nil {
		return ""
	}
	return html.UnescapeString(found[1])
}
