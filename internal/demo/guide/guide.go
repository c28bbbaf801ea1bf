// Package guide is the demo's first page: who can be tried, and which journey each of them shows.
package guide

import (
	"net/http"

	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// Site is one of the demo's sites.
type Site struct{ Name, Href, What string }

// Persona is somebody to be.
type Persona struct {
	Group    string // the heading they stand under
	Name     string
	Shows    string // the journey, in a few words
	Story    string // who they are and where they stand
	Username string // of the Directory of Services; empty for none
	Password string
	Email    string // of their Care Identity
	UUID     string // of their Care Identity
	Secret   string // of their authenticator app, in base32
	Try      []string
}

// Mount adds the page to a site.
func Mount(s *web.Site, frame page.Params, sites []Site, people []Persona) {
	v := guideView{Page: frame, Sites: sites, Groups: grouped(people)}
	v.Page.Title = "Try Signpost"
	s.Handle("GET /{$}", web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		return web.Show(w, r, http.StatusOK, guidePage(v))
	})
}

// grouped puts people under their headings, in the order in which they come.
func grouped(people []Persona) []group {
	var all []group
	for _, p := range people {
		if n := len(all); n == 0 || all[n-1].Heading != p.Group {
			all = append(all, group{Heading: p.Group})
		}
		last := &all[len(all)-1]
		last.People = append(last.People, p)
	}
	return all
}

func rowsOf(p Persona) []nhsuk.SummaryListRow {
	var rows []nhsuk.SummaryListRow
	for _, r := range []nhsuk.SummaryListRow{
		{Key: "DoS username", Value: p.Username}, {Key: "Password", Value: p.Password},
		{Key: "Care Identity email", Value: p.Email}, {Key: "Care Identity number", Value: p.UUID},
		{Key: "Authenticator app secret", Value: p.Secret},
	} {
		if r.Value != "" {
			rows = append(rows, r)
		}
	}
	return rows
}
