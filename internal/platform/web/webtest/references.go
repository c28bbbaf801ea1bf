package webtest

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"signpost/internal/platform/web"
)

// quoted finds the reference that a page gives to quote, in its text.
var quoted = regexp.MustCompile(`If you ask for help, quote the reference ([A-Z0-9]{4} [A-Z0-9]{4})(?: |$)`)

// Quoted gives the reference on a page, as people read it out; empty if it gives none.
func Quoted(page string) string {
	found := quoted.FindStringSubmatch(Text(page))
	if found == nil {
		return ""
	}
	return found[1]
}

// Refused sends a form so that it is refused, though it is filled in as it should be, and gives the page that says so.
type Refused func(t testing.TB) (page string)

// CheckReferences has every form of a site refused, and wants each page to quote a reference by which the desk finds
// what happened. refused has what refuses each form, by the route's pattern; nil for those that no operation refuses.
// Whatever the form, and what scripts post, one with the seal of another page is refused too: open gives a browser and
// the path for that. So are pages of what is not there.
func CheckReferences(
	t *testing.T, site *web.Site, refused map[string]Refused,
	open func(route web.Route) (b *Browser, path string), desk func(reference string) (found bool),
) {
	t.Helper()
	tried := 0
	looked := 0
	check := func(what, page string) {
		tried++
		if reference := Quoted(page); reference == "" {
			t.Errorf("%s: no reference: %s", what, Text(page))
		} else if !desk(reference) {
			t.Errorf("%s: the desk does not find %s", what, reference)
		}
	}
	seen := map[string]bool{}
	for n, route := range site.Routes() {
		b, path := open(route)
		b.Address = addressOf(int64(n))
		if !route.Form {
			if route.Sealed { // buttons that log out, and what scripts post
				check(route.Pattern+" with another seal", b.misplaced(path))
			} else if page := b.failed(path); page != "" {
				looked++
				check(route.Pattern+" of nothing", page)
			}
			continue
		}
		seen[route.Pattern] = true
		refuse, listed := refused[route.Pattern]
		if !listed {
			t.Errorf("%s: a new form needs a case in which it is refused", route.Pattern)
		}
		if refuse != nil {
			check(route.Pattern, refuse(t))
		}
		if route.Sealed {
			check(route.Pattern+" with another seal", b.misplaced(path))
		}
	}
	for pattern := range refused {
		if !seen[pattern] {
			t.Errorf("%s is no form of the site", pattern)
		}
	}
	b, _ := open(web.Route{Pattern: "GET /"})
	check("an address that nothing has", b.failed("GET /nothing/is/here"))
	t.Logf("refused forms and failed pages: tried %d, %d of them pages", tried, looked)
	if looked == 0 {
		t.Error("no page failed")
	}
}

var inPattern = regexp.MustCompile(`\{[^}]*\}`)

// failed asks for a page of something that is not there, and gives the page that says so; empty if none does.
func (b *Browser) failed(pattern string) string {
	path, get := strings.CutPrefix(pattern, "GET ")
	if !get || strings.HasSuffix(path, "{$}") {
		return ""
	}
	answer := b.Do(Request(http.MethodGet, inPattern.ReplaceAllString(path, "none"), nil))
	html := strings.HasPrefix(answer.Header().Get("Content-Type"), "text/html")
	asksAgain := answer.Code == http.StatusUnprocessableEntity // a form of a search, with what is wrong with it
	if answer.Code < http.StatusBadRequest || asksAgain || !html {
		return ""
	}
	return answer.Body.String()
}

// misplaced sends a form with the seal that belongs to none, and gives the page that refuses it.
func (b *Browser) misplaced(path string) string {
	return b.Do(Request(http.MethodPost, path, url.Values{web.SealField: {strings.Repeat("A", 40)}})).Body.String()
}
