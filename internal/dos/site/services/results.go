package services

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/search"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// resultsView is one page of the results of a search.
type resultsView struct {
	Heading string
	Near    string
	Counts  []groupLink // of all pages
	Groups  []groupView // of this page
	Page    int
	Pages   int
	Links   nhsuk.PaginationParams
	// If nothing was found: a possible reason, and searches that find something.
	Elsewhere string
	Wider     []widerView
}

// groupLink leads to the first service of a group; without an address if the group is empty.
type groupLink struct{ Text, Href string }

// groupView is the part of a group on this page.
type groupView struct {
	ID, Heading string
	Results     []resultView
}

// resultView is one service in the list.
type resultView struct {
	Key           string // which opens it on a keyboard; empty if none does
	Name, Href    string
	Type, Address string
	Distance      string
	Opening       string
	Phone         phoneView
	Professionals phoneView // never given to the public
	Capacity      capacityView
	Reporter      string // of the capacity
	Age           string // of the capacity
	CallNote      string
}

// groupTexts names each group: its place on the page, what it is called in the line of the counts, and its heading.
var groupTexts = map[search.Group]struct{ id, count, heading string }{
	search.OpenNow:       {"open-now", "open now", "Open now"},
	search.OpensNext:     {"opens-next", "open next", "Opens next, within 24 hours"},
	search.Closed:        {"closed", "closed", "Closed"},
	search.HoursNotKnown: {"hours-not-known", "hours not known", "Hours not known, telephone first"},
}

func resultsOf(a search.Answer, q search.Query, values url.Values, now time.Time) resultsView {
	v := resultsView{Heading: headingOf(a, q), Near: a.Near, Page: a.Page, Pages: a.Pages}
	before := 0
	for group, n := range a.Counts {
		v.Counts = appendCount(v.Counts, search.Group(group), n, q, pageHref(values, before/search.PageSize+1))
		before += n
	}
	service := "?" + values.Encode() // its page leads back to the results
	for i, f := range a.Found {
		if i == 0 || f.Group != a.Found[i-1].Group {
			text := groupTexts[f.Group]
			v.Groups = append(v.Groups, groupView{ID: text.id,
				Heading: fmt.Sprintf("%s (%d)", text.heading, a.Counts[f.Group])})
		}
		group := &v.Groups[len(v.Groups)-1]
		group.Results = append(group.Results, resultOf(f, i, a.Near, service, now))
	}
	v.Links = page.Around("/services", values, a.Page, a.Pages)
	return v
}

// appendCount adds how many services a group has, with a link to the first of them. Callers ask first what is open, so
// that is said also if nothing is.
func appendCount(list []groupLink, g search.Group, n int, q search.Query, page string) []groupLink {
	text := groupTexts[g]
	switch {
	case n > 0:
		return append(list, groupLink{Text: fmt.Sprintf("%d %s", n, text.count), Href: page + "#" + text.id})
	case g == search.OpenNow && !q.OpenNow:
		return append(list, groupLink{Text: "None open now"})
	}
	return list
}

// title gives the title of the page, which says what was found.
func (v resultsView) title() string {
	return page.Titled(v.Heading, v.Page, v.Pages)
}

func headingOf(a search.Answer, q search.Query) string {
	found := serviceCount(a.Counts.Total())
	if a.Counts.Total() == 0 {
		found = "No services"
	}
	if a.Near == "" {
		return found + " in England called " + quoted(q.Name)
	}
	return fmt.Sprintf("%s within %d miles of %s", found, int(q.Miles), a.Near)
}

const maxQuoted = 40

// quoted gives a text that somebody typed for a heading, shortened if it is long.
func quoted(typed string) string {
	if letters := []rune(typed); len(letters) > maxQuoted {
		typed = string(letters[:maxQuoted]) + "…"
	}
	return "‘" + typed + "’"
}

// criteriaText says in one line what a search asks for, beside the postcode.
func criteriaText(q search.Query) string {
	kind := "any type"
	if q.Type != 0 {
		kind = directory.TypeName(q.Type)
	}
	parts := []string{fmt.Sprintf("up to %d miles", int(q.Miles)), kind}
	if q.Postcode == "" && q.Name != "" {
		parts[0] = "all of England"
	}
	if q.Name != "" {
		parts = append(parts, "called "+quoted(q.Name))
	}
	if q.OpenNow {
		parts = append(parts, "open now")
	}
	return strings.Join(parts, ", ")
}

func pageHref(values url.Values, n int) string {
	other := url.Values{}
	for name, value := range values {
		other[name] = value
	}
	other.Set("page", strconv.Itoa(n))
	return "/services?" + other.Encode()
}

// resultOf words one service, which is the i-th of its page.
func resultOf(f search.Found, i int, near, query string, now time.Time) resultView {
	v := resultView{
		Name:          f.Shown(),
		Href:          "/services/" + f.ID + query,
		Type:          directory.TypeName(f.Type),
		Address:       addressOf(f.Service),
		Opening:       shortOpening(f.Service, f.Opening, now),
		Phone:         phoneOf(f.PublicPhone),
		Professionals: phoneOf(f.ProfessionalPhone),
		CallNote:      callNote(f.Service, f.Opening, now),
	}
	v.shortCapacity(f, now)
	if near != "" {
		v.Distance = miles(f.Miles, f.Approximate)
	}
	if i < 10 {
		v.Key = strconv.Itoa((i + 1) % 10) // the tenth key is 0
	}
	return v
}

// shortOpening says until when a service is open, or when it opens, below a heading that says which of the two.
func shortOpening(s directory.Service, o directory.Opening, now time.Time) string {
	text := openingText(s, o, now)
	if opens, closed := strings.CutPrefix(text, "Closed, opens "); closed {
		return "Opens " + opens
	}
	if until, open := strings.CutPrefix(text, "Open until "); open {
		return "Until " + until
	}
	return text
}

// shortCapacity shows the capacity of a service in few words, and says by whom and when it was reported apart, as a
// phone has room for the age alone.
func (v *resultView) shortCapacity(f search.Found, now time.Time) {
	v.Capacity = capacityOf(f.Service, f.Opening, now)
	v.Age = v.Capacity.Reporter
	v.Capacity.Reporter = ""
	standing := f.Capacity.Standing(now)
	switch {
	case v.Capacity.Tag.Text == "":
	case standing == directory.Outdated:
		v.Capacity.Tag.Text = "Not reported"
		v.Age = "since " + when.Date(f.Capacity.Reported)
	case standing == directory.Current && !f.Capacity.Reset:
		by, _ := strings.CutSuffix(v.Age, when.Ago(f.Capacity.Reported, now))
		v.Age = strings.TrimPrefix(v.Age, by)
		v.Reporter = by
	}
}
