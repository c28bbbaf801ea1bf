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
)

// widerView is a link to a wider search, for somebody whose search found nothing.
type widerView struct {
	Href, Text, Found string
}

// widerSearches offers searches that find something if q found nothing: each without one of the conditions of q or,
// if that is not enough, without any.
func (p *Services) widerSearches(r *http.Request, q search.Query) ([]widerView, error) {
	var offers []widerView
	for _, o := range withoutOne(q) {
		answer, _, err := p.run(r, o.query)
		if err != nil {
			return nil, err
		}
		if len(answer.Found) > 0 {
			offers = append(offers, widerView{Href: hrefOf(o.query), Text: o.text,
				Found: serviceCount(len(answer.Found))})
		}
	}
	everything := search.Query{Postcode: q.Postcode, Miles: float64(furthest())}
	if len(offers) > 0 || q == everything {
		return offers, nil
	}
	answer, _, err := p.run(r, everything)
	if err != nil || len(answer.Found) == 0 {
		return nil, err
	}
	return []widerView{{Href: hrefOf(everything),
		Text:  fmt.Sprintf("see every service within %d miles", furthest()),
		Found: serviceCount(len(answer.Found))}}, nil
}

// offer is a search and the text of the link to it.
type offer struct {
	query search.Query
	text  string
}

func withoutOne(q search.Query) []offer {
	var list []offer
	for _, miles := range distances {
		if float64(miles) > q.Miles {
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
	if q.Name != "" {
		unnamed := q
		unnamed.Name = ""
		list = append(list, offer{unnamed, "leave out the name"})
	}
	if q.OpenNow {
		closed := q
		closed.OpenNow = false
		list = append(list, offer{closed, "include services that are closed now"})
	}
	return list
}

func furthest() int { return distances[len(distances)-1] }

func hrefOf(q search.Query) string {
	values := url.Values{"postcode": {q.Postcode}, "miles": {strconv.Itoa(int(q.Miles))},
		"type": {strconv.Itoa(q.Type)}, "name": {q.Name}}
	if q.OpenNow {
		values.Set("open", "now")
	}
	return "/services?" + values.Encode() + "#results"
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
