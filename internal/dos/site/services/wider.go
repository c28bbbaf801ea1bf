package services

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"signpost/internal/dos/search"
	"signpost/internal/platform/db"
)

// widerView is a link to a wider search, for somebody whose search found nothing.
type widerView struct {
	Href, Text, Found string
}

// widerSearches offers searches that find something if q found nothing: each without one of the conditions of q or,
// if that is not enough, without any; and those of the name in all of England.
func (p *Services) widerSearches(r *http.Request, q search.Query) (list []widerView, err error) {
	q.Page = 0
	offers := withoutOne(q)
	anywhere := anywhere(q)
	type counts struct{ here, elsewhere []int }
	found, err := db.Costly(r.Context(), p.d, func(read db.R) (c counts, err error) {
		if c.here, err = search.Count(r.Context(), read, q, queriesOf(offers)); err != nil || anywhere == nil {
			return c, err
		}
		c.elsewhere, err = search.Count(r.Context(), read, anywhere[0].query, queriesOf(anywhere))
		return c, err
	})
	if err != nil {
		return nil, err
	}
	for i, n := range found.here {
		if last := q.Postcode != "" && i == len(offers)-1; n > 0 && (!last || len(list) == 0) {
			list = append(list, offers[i].found(n))
		}
	}
	if len(found.elsewhere) > 0 && found.elsewhere[0] > 0 {
		list = append(list, anywhere[0].found(found.elsewhere[0]))
	}
	return list, nil
}

// offer is a search and the text of the link to it.
type offer struct {
	query search.Query
	text  string
}

func (o offer) found(n int) widerView {
	return widerView{Href: hrefOf(o.query), Text: o.text, Found: serviceCount(n)}
}

func queriesOf(offers []offer) (list []search.Query) {
	for _, o := range offers {
		list = append(list, o.query)
	}
	return list
}

// withoutOne lists the searches without one of the conditions of q. Around a postcode, the last is without any.
func withoutOne(q search.Query) (list []offer) {
	for _, miles := range distances {
		if q.Postcode != "" && float64(miles) > q.Miles {
			further := q
			further.Miles = float64(miles)
			list = append(list, offer{further, fmt.Sprintf("search up to %d miles away", miles)})
		}
	}
	if q.Type != 0 {
		untyped := q
		untyped.Type = 0
		list = append(list, offer{untyped, "choose any type of service"})
	}
	if q.Name != "" && q.Postcode != "" {
		unnamed := q
		unnamed.Name = ""
		list = append(list, offer{unnamed, "leave out the name"})
	}
	if q.OpenNow {
		closed := q
		closed.OpenNow = false
		list = append(list, offer{closed, "include services that are closed now"})
	}
	if q.Postcode != "" {
		list = append(list, offer{search.Query{Postcode: q.Postcode, Miles: float64(furthest())},
			fmt.Sprintf("see every service within %d miles", furthest())})
	}
	return list
}

// anywhere gives the search for the name alone in all of England; none if q is no wider, or the name is too short.
func anywhere(q search.Query) []offer {
	if q.Postcode == "" || search.CheckName(q.Name) != nil {
		return nil
	}
	return []offer{{search.Query{Miles: q.Miles, Name: q.Name}, "look for " + quoted(q.Name) + " in all of England"}}
}

func hrefOf(q search.Query) string {
	values := url.Values{"postcode": {q.Postcode}, "miles": {strconv.Itoa(int(q.Miles))},
		"type": {strconv.Itoa(q.Type)}, "name": {q.Name}}
	if q.OpenNow {
		values.Set("open", "now")
	}
	return "/services?" + values.Encode()
}

func serviceCount(n int) string {
	if n == 1 {
		return "1 service"
	}
	return fmt.Sprintf("%d services", n)
}

// nations lists the postcode areas outside England, except those that the border runs through.
var nations = map[string]string{
	"Scotland": "AB DD DG EH FK G HS IV KA KW KY ML PA PH ZE", "Wales": "CF LD LL NP SA", "Northern Ireland": "BT",
	"Jersey": "JE", "Guernsey": "GY", "the Isle of Man": "IM",
}

// outsideEngland gives a sentence for a district outside England, because the directory lists services in England
// only; empty for a district in England.
func outsideEngland(outcode string) string {
	area := outcode[:strings.IndexFunc(outcode+"0", unicode.IsDigit)]
	for nation, areas := range nations {
		if slices.Contains(strings.Fields(areas), area) {
			return outcode + " is in " + nation + ". This directory lists services in England."
		}
	}
	return ""
}
