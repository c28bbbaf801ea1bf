package services

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/search"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// distances lists the distances that people can choose, in miles.
var distances = []int{2, 5, 10, 20, 37}

const (
	usualDistance = 10
	resultsOnPage = 20
)

// request is a search as somebody asked for it.
type request struct {
	query search.Query
	page  int // from 1
}

func requestOf(values url.Values) request {
	a := request{query: search.Query{
		Postcode: strings.TrimSpace(values.Get("postcode")), Miles: usualDistance,
		Name: strings.TrimSpace(values.Get("name")), OpenNow: values.Get("open") == "now",
	}, page: 1}
	if n, err := strconv.Atoi(values.Get("miles")); err == nil && n > 0 && n <= distances[len(distances)-1] {
		a.query.Miles = float64(n)
	}
	if n, err := strconv.Atoi(values.Get("type")); err == nil {
		a.query.Type = n
	}
	if n, err := strconv.Atoi(values.Get("page")); err == nil && n > 1 {
		a.page = n
	}
	return a
}

func (p *Services) search(w http.ResponseWriter, r *http.Request) error {
	req := requestOf(r.URL.Query())
	v := searchView{Page: p.frame.Page(w, r, "Find a service"), Form: searchForm.Read(r)}
	v.Page.Wide = true
	v.Form.Set("miles", strconv.Itoa(int(req.query.Miles))).Set("type", strconv.Itoa(req.query.Type))
	if !r.URL.Query().Has("postcode") {
		return web.Show(w, r, http.StatusOK, searchPage(v))
	}
	answer, now, err := p.run(r, req.query)
	if problem, is := fault.From(err); is && problem.Code == fault.Invalid {
		v.Form.Add(form.Problem{Field: "postcode", Text: problem.Message})
		v.Page.Error = true
		return web.Show(w, r, http.StatusUnprocessableEntity, searchPage(v))
	}
	if err != nil {
		return err
	}
	v.Searched = true
	v.Summary = summary(answer, req.query)
	v.Near = answer.Near
	v.Results, v.Pages = pageOf(answer.Found, req, r.URL.Query(), now)
	if len(answer.Found) == 0 {
		v.Elsewhere = outsideEngland(answer.Near)
		if v.Wider, err = p.widerSearches(r, req.query); err != nil {
			return err
		}
	}
	return web.Show(w, r, http.StatusOK, searchPage(v))
}

func (p *Services) run(r *http.Request, q search.Query) (a search.Answer, now time.Time, err error) {
	err = p.d.View(r.Context(), func(read db.R) error {
		now = read.Now()
		a, err = search.Run(r.Context(), read, q)
		return err
	})
	return a, now, err
}

func summary(a search.Answer, q search.Query) string {
	noun := "services"
	switch len(a.Found) {
	case 0:
		return fmt.Sprintf("No services within %d miles of %s", int(q.Miles), a.Near)
	case 1:
		noun = "service"
	}
	order := "nearest first"
	if q.OpenNow && slices.ContainsFunc(a.Found, func(f search.Found) bool { return f.Opening.NotKnown }) {
		order = "open services first, then those whose hours are not known"
	}
	return fmt.Sprintf("%d %s within %d miles of %s, %s", len(a.Found), noun, int(q.Miles), a.Near, order)
}

// pageOf gives one page of the results, and the links to the pages before and after it.
func pageOf(found []search.Found, a request, values url.Values, now time.Time) ([]resultView, nhsuk.PaginationParams) {
	pages := (len(found) + resultsOnPage - 1) / resultsOnPage
	number := min(a.page, max(pages, 1))
	var list []resultView
	for _, f := range found[min((number-1)*resultsOnPage, len(found)):min(number*resultsOnPage, len(found))] {
		list = append(list, resultOf(f, values.Encode(), now))
	}
	var p nhsuk.PaginationParams
	to := func(n int) string {
		values.Set("page", strconv.Itoa(n))
		return "/services?" + values.Encode() + "#results"
	}
	if number > 1 {
		p.Previous = nhsuk.PaginationLink{Href: to(number - 1), Text: "Previous",
			Label: fmt.Sprintf("%d of %d", number-1, pages)}
	}
	if number < pages {
		p.Next = nhsuk.PaginationLink{Href: to(number + 1), Text: "Next",
			Label: fmt.Sprintf("%d of %d", number+1, pages)}
	}
	return list, p
}

// resultOf words one service; asked is the search, which its page leads back to.
func resultOf(f search.Found, query string, now time.Time) resultView {
	return resultView{
		Name:     f.Shown(),
		Href:     "/services/" + f.ID + "?" + query,
		Type:     directory.TypeName(f.Type),
		Address:  f.Address + ", " + f.Postcode,
		Distance: miles(f.Miles, f.Approximate),
		Phone:    f.PublicPhone,
		Opening:  openingText(f.Service, f.Opening, now),
		OpenTag:  openTag(f.Opening),
		Capacity: capacityOf(f.Service, f.Opening, now),
	}
}
