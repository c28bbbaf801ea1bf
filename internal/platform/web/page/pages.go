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

// List is one page of a list.
type List[T any] struct {
	Items  []T
	Number int // of the page, from 1
	Total  int // items on all pages
	onPage int
}

// Read reads the page of a list that a request asks for, or the last one if there are not so many. read gives at most
// limit items after those that are skipped, and how many there are in all.
func Read[T any](
	r *http.Request, onPage int, read func(skip, limit int) (items []T, total int, err error),
) (List[T], error) {
	l := List[T]{Number: Number(r), onPage: onPage}
	items, total, err := read(l.skipped(), onPage)
	if last := Pages(total, onPage); err == nil && l.Number > last {
		l.Number = last
		items, total, err = read(l.skipped(), onPage)
	}
	l.Items = items
	l.Total = total
	return l, err
}

func (l List[T]) skipped() int { return (l.Number - 1) * l.onPage }

// Pages gives on how many pages the list stands.
func (l List[T]) Pages() int { return Pages(l.Total, l.onPage) }

// Count says which of all items are on the page: "21 to 40 of 60 users".
func (l List[T]) Count(one, several string) string {
	return CountText(l.skipped(), len(l.Items), l.Total, one, several)
}

// Titled gives the title of the page, which says which one it is if there are several.
func (l List[T]) Titled(title string) string { return Titled(title, l.Number, l.Pages()) }

// Links gives the links to the pages before and after, at a path and with the other parameters of a request.
func (l List[T]) Links(path string, r *http.Request) nhsuk.PaginationParams {
	return Around(path, r.URL.Query(), l.Number, l.Pages())
}

// Pages gives on how many pages a list of items stands. An empty list stands on one, and so does one that was not read.
func Pages(items, onPage int) int {
	if onPage < 1 {
		return 1
	}
	return max((items+onPage-1)/onPage, 1)
}

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
	case onPage == 1:
		return fmt.Sprintf("%d of %d %s", skipped+1, total, several)
	}
	return fmt.Sprintf("%d to %d of %d %s", skipped+1, skipped+onPage, total, several)
}
