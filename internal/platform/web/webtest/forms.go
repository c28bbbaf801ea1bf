package webtest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"signpost/internal/platform/web"
)

// odd are things to fill in that no form expects.
var odd = []string{"", " ", "'\"<b>&", "\x00", "\xff", strings.Repeat("ÿ", 2000)}

var (
	summary = regexp.MustCompile(`(?s)<div class="nhsuk-error-summary".*?</ul>`)
	link    = regexp.MustCompile(`href="#([^"]*)"`)
)

// PostForms sends every form of a site, filled in as nobody should, for whoever is signed in on the browser, who must
// be allowed to send them all. It wants no answer to be a failure that nobody foresaw, and each error of a form that
// comes back to lead to something on the page. names stand for those in the paths.
func PostForms(t testing.TB, b *Browser, site *web.Site, names ...string) {
	t.Helper()
	PostFormsOpened(t, site, func(route web.Route) (*Browser, string) {
		_, path, _ := strings.Cut(strings.NewReplacer(names...).Replace(route.Pattern), " ")
		return b, path
	})
}

// PostFormsOpened is PostForms for a site where each form has a way of its own that leads to it. open goes that way,
// and gives the browser and the path of the form. Of each form at least one answer must come from the form itself:
// where there is nothing to send it to, nothing is tried. choosing are the paths of those that only say which of
// several things is meant, so that none is meant by what is filled in.
func PostFormsOpened(
	t testing.TB, site *web.Site, open func(route web.Route) (b *Browser, path string), choosing ...string,
) {
	t.Helper()
	posted := 0
	came := 0
	for n, route := range site.Routes() {
		if !route.Form {
			continue
		}
		tried := false
		for _, value := range odd {
			b, path := open(route)
			b.Address = addressOf(int64(n))
			answer := postFilled(t, b, route, path, value)
			posted++
			tried = tried || !slices.Contains(nothingThere, answer.Code)
			if errors := summary.FindString(answer.Body.String()); errors != "" {
				came++
				checkSummary(t, route.Pattern, errors, answer.Body.String())
			}
		}
		_, path, _ := strings.Cut(route.Pattern, " ")
		if !tried && !slices.Contains(choosing, path) {
			t.Errorf("%s: whoever sends it may not, or there is nothing to send it to, so it is not tried", path)
		}
	}
	if posted < 30 || came < 10 {
		t.Errorf("%d forms were sent and %d came back: the check would prove nothing", posted, came)
	}
}

// nothingThere are the answers to a form that its sender may not send, or that is about nothing.
var nothingThere = []int{http.StatusForbidden, http.StatusNotFound, http.StatusGone}

// postFilled sends a form with one value in each of its fields, and gives the page to which that leads: of the form, if
// it comes back, or of the failure.
func postFilled(t testing.TB, b *Browser, route web.Route, path, value string) *httptest.ResponseRecorder {
	t.Helper()
	filled := url.Values{}
	for _, name := range route.Fields {
		filled.Set(name, value)
	}
	answer := b.Send(Request(http.MethodPost, path, filled))
	if strings.Contains(answer.Body.String(), "nhsuk-error-summary") && len(value) < 1000 {
		t.Errorf("%s with %.10q: the post itself shows the form again: %d", route.Pattern, value, answer.Code)
	}
	page := NothingDone(answer.Code, answer.Header())
	switch {
	case page == "" || strings.HasPrefix(page, "/?"): // the start page is another's for whoever is logged in
	case strings.HasPrefix(page, web.FailedPath):
		answer = b.Send(Request(http.MethodGet, page, nil))
	default:
		answer = checkLoads(t, b, route.Pattern, page)
	}
	if answer.Code >= http.StatusInternalServerError && answer.Code != http.StatusServiceUnavailable {
		t.Errorf("%s with %.10q: %d", route.Pattern, value, answer.Code)
	}
	return answer
}

// checkLoads loads the page of a form that came back twice, as its reader may, and wants it to be the same.
func checkLoads(t testing.TB, b *Browser, pattern, page string) *httptest.ResponseRecorder {
	t.Helper()
	first := b.Send(Request(http.MethodGet, page, nil))
	again := b.Send(Request(http.MethodGet, page, nil))
	if first.Code != http.StatusUnprocessableEntity || again.Code != first.Code ||
		summary.FindString(first.Body.String()) == "" ||
		summary.FindString(first.Body.String()) != summary.FindString(again.Body.String()) {
		t.Errorf("%s comes back to %s: %d, and %d when it is loaded again", pattern, page, first.Code, again.Code)
	}
	return again
}

// checkSummary wants each error to lead to something on the page, whose title begins with the news.
func checkSummary(t testing.TB, pattern, errors, page string) {
	t.Helper()
	for _, to := range link.FindAllStringSubmatch(errors, -1) {
		if !strings.Contains(page, `id="`+to[1]+`"`) {
			t.Errorf("%s: an error leads to %s, which is not on the page", pattern, to[1])
		}
	}
	if !strings.Contains(page, "<title>Error: ") {
		t.Errorf("%s: the title does not say that something is wrong", pattern)
	}
}
