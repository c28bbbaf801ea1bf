package page_test

import (
	"testing"

	"signpost/internal/platform/web/page"
)

// A list stands on as many pages as it needs, on one where it is empty, and on one where it was not read, as its page
// says then what is wrong.
func TestPages(t *testing.T) {
	for _, tt := range []struct{ items, onPage, want int }{
		{0, 50, 1}, {1, 50, 1}, {50, 50, 1}, {51, 50, 2}, {0, 0, 1}, {7, 0, 1},
	} {
		if got := page.Pages(tt.items, tt.onPage); got != tt.want {
			t.Errorf("%d items, %d on a page: %d pages, want %d", tt.items, tt.onPage, got, tt.want)
		}
	}
	var unread page.List[string]
	if got := unread.Titled("People"); got != "People" {
		t.Errorf("a list that was not read: %q", got)
	}
}
