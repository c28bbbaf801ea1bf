package services

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"signpost/internal/dos/search"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
)

// distances lists the distances that people can choose, in miles.
var distances = []int{2, 5, 10, 20, 37}

const usualDistance = 10

func furthest() int { return distances[len(distances)-1] }

// The cookie of a browser on which somebody has searched in this shift.
const (
	searchedCookie = "dos-searched"
	shiftSeconds   = 12 * 60 * 60
)

func queryOf(values url.Values) search.Query {
	q := search.Query{
		Postcode: strings.TrimSpace(values.Get("postcode")), Miles: usualDistance,
		Name: strings.TrimSpace(values.Get("name")), OpenNow: values.Get("open") == "now",
	}
	if n, err := strconv.Atoi(values.Get("miles")); err == nil && n > 0 && n <= furthest() {
		q.Miles = float64(n)
	}
	if n, err := strconv.Atoi(values.Get("type")); err == nil {
		q.Type = n
	}
	if n, err := strconv.Atoi(values.Get("page")); err == nil {
		q.Page = n
	}
	return q
}

// find shows the search form, and the results once something is asked for.
func (p *Services) find(w http.ResponseWriter, r *http.Request) error {
	values := r.URL.Query()
	if !values.Has("postcode") && !values.Has("name") {
		return p.front(w, r)
	}
	q := queryOf(values)
	v := p.formView(w, r, q)
	found, err := p.run(r, q)
	if v.Form.Refuse(err) {
		v.Folded = false
		v.Page.Error = true
		return web.Show(w, r, http.StatusUnprocessableEntity, searchPage(v))
	}
	if err != nil {
		return err
	}
	web.SetCookie(w, searchedCookie, "1", shiftSeconds)
	results := resultsOf(found.Answer, q, values, found.now)
	if found.Counts.Total() == 0 {
		results.Elsewhere = outsideEngland(found.Near)
		if results.Wider, err = p.widerSearches(r, q); err != nil {
			return err
		}
	}
	v.Folded = true
	v.Page.Title = results.title()
	v.Results = &results
	return web.Show(w, r, http.StatusOK, searchPage(v))
}

// formView makes the view of the search form, filled in as a query asks.
func (p *Services) formView(w http.ResponseWriter, r *http.Request, q search.Query) searchView {
	v := searchView{
		Page:   p.frame.Page(w, r, "Find a service"),
		Form:   searchForm.Read(r),
		Folded: web.Cookie(r, searchedCookie) != "",
		Asks:   criteriaText(q),
	}
	v.Page.Wide = true
	v.Form.Set("miles", strconv.Itoa(int(q.Miles))).Set("type", strconv.Itoa(q.Type))
	return v
}

// answer holds what a search found, and when.
type answer struct {
	search.Answer
	now time.Time
}

func (p *Services) run(r *http.Request, q search.Query) (answer, error) {
	return db.Costly(r.Context(), p.d, func(read db.R) (answer, error) {
		found, err := search.Run(r.Context(), read, q)
		return answer{Answer: found, now: read.Now()}, err
	})
}
