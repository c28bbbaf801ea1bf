package page

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"signpost/internal/platform/web/nhsuk"
)

// maxNumber is the last page that can be asked for.
const maxNumber = 1_000_000

// Number gives the page of a list that a request asks for, from 1.
func Number(r *http.Request) int {
	number, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		return 1
	}
	return min(max(number, 1), maxNumber)
}

// Pages gives on how many pages a list of items stands; an empty list stands on one.
func Pages(items, onPage int) int { return max((items+onPage-1)/onPage, 1) }

// Around gives the links to the pages before and after one of a list, at the list's address with its other parameters.
func Around(path string, query url.Values, number, pages int) (p nhsuk.PaginationParams) {
	to := func(n int, text string) nhsuk.PaginationLink {
		other := maps.Clone(query)
		other.Set("page", strconv.Itoa(n))
		return nhsuk.PaginationLink{
			Href: path + "?" + other.Encode(), Text: text, Label: fmt.Sprintf("%d of %d", n, pages),
		}
	}
	if number > 1 {
		p.Previous = to(number-1, "Previous")
	}
	if number < pages {
		p.Next = to(number+1, "Next")
	}
	return p
}

// Titled gives the title of a page of a list, which says which one it is if there are several.
func Titled(title string, number, pages int) string {
	if pages == 1 {
		return title
	}
	return fmt.Sprintf("%s, page %d of %d", title, number, pages)
}

// CountText says which of all items of a list are on the page after some that were skipped: "21 to 40 of 60 users".
func CountText(skipped, onPage, total int, one, several string) string {
	switch {
	case total == 0:
		return "No " + several + " found"
	case total == 1:
		return "1 " + one
	case onPage == total:
		return fmt.Sprintf("%d %s", total, several)
	}
	return fmt.Sprintf("%d to %d of %d %s", skipped+1, skipped+onPage, total, several)
}
