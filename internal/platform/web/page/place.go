package page

import (
	"maps"
	"net/http"
	"net/url"

	"signpost/internal/platform/web/nhsuk"
)

// Place is where a page of a long list begins that is in the order of keys: after a key, or so that it ends before one;
// at the beginning of the list if neither is given. Such a page is read as fast as the first one, wherever it is, and
// shows no item twice and leaves none out when others come and go meanwhile.
type Place struct{ After, Before string }

// PlaceOf gives the place that a request asks for.
func PlaceOf(r *http.Request) Place {
	query := r.URL.Query()
	if after := query.Get("after"); after != "" {
		return Place{After: after}
	}
	return Place{Before: query.Get("before")}
}

// WithoutPlace gives the parameters of a request but those that say where the page begins.
func WithoutPlace(r *http.Request) url.Values {
	query := maps.Clone(r.URL.Query())
	for _, name := range []string{"after", "before", "page"} {
		query.Del(name)
	}
	return query
}

// Stretch is one page of a list in the order of keys.
type Stretch[T any] struct {
	Items []T
	Total int // items of the whole list

	first, last    string // the keys of the first and the last item
	previous, next bool   // there are others before and after
}

// ReadAt reads the page of a list that a request asks for, or its beginning if there is nothing at that place. read
// gives at most limit items at a place, in order, and how many there are in all.
func ReadAt[T any](
	r *http.Request, onPage int, key func(T) string, read func(at Place, limit int) (items []T, total int, err error),
) (s Stretch[T], err error) {
	at := PlaceOf(r)
	items, total, err := read(at, onPage+1)
	if err == nil && (at.After != "" && len(items) == 0 || at.Before != "" && len(items) <= onPage) {
		at = Place{}
		items, total, err = read(at, onPage+1)
	}
	s.Total = total
	more := len(items) > onPage
	switch {
	case at.Before != "":
		s.previous, s.next = true, true
		items = items[1:]
	default:
		s.previous, s.next = at.After != "", more
		items = items[:min(len(items), onPage)]
	}
	s.Items = items
	if len(items) > 0 {
		s.first = key(items[0])
		s.last = key(items[len(items)-1])
	}
	return s, err
}

// Count says how many items the list has, and from which to which the page goes if they are on several: "60 users, from
// adam to bea".
func (s Stretch[T]) Count(one, several string) string {
	text := CountText(0, s.Total, s.Total, one, several)
	if s.previous || s.next {
		text += ", from " + s.first + " to " + s.last
	}
	return text
}

// Titled gives the title of the page, which says which one it is if there are several.
func (s Stretch[T]) Titled(title string) string {
	if !s.previous && !s.next {
		return title
	}
	return title + ", from " + s.first + " to " + s.last
}

// Links gives the links to the pages before and after, at a path and with the other parameters of a request.
func (s Stretch[T]) Links(path string, r *http.Request) (p nhsuk.PaginationParams) {
	to := func(parameter, key, text string) nhsuk.PaginationLink {
		query := WithoutPlace(r)
		query.Set(parameter, key)
		return nhsuk.PaginationLink{Href: path + "?" + query.Encode(), Text: text, Label: parameter + " " + key}
	}
	if s.previous {
		p.Previous = to("before", s.first, "Previous")
	}
	if s.next {
		p.Next = to("after", s.last, "Next")
	}
	return p
}
