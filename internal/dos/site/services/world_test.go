package services_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/net/html"

	"signpost/internal/dos/account"
	"signpost/internal/dos/banner"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/site/services"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/webtest"
)

// noon is a Tuesday.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// world holds the pages with a small directory, and two people signed in.
type world struct {
	*dostest.World

	site     *web.Site
	forms    []form.Form
	editor   string // cookie of somebody who may edit
	reader   string // cookie of somebody who may look
	readerID string
	pharmacy string // id of a pharmacy close by, open till 6pm
	dentist  string // id of a dentist further off, closed today, placed by its district
	searched bool   // somebody has searched on the browser in this shift
}

const week = "09:00-18:00|09:00-13:00,14:00-18:00|09:00-18:00|09:00-18:00|09:00-18:00|||"

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, noon)}
	f := frame.New(frame.Options{
		Banners:   banner.NewBoard(w.DB),
		Passwords: &signin.PasswordSignIn{DB: w.DB}, Box: w.Box, Linker: &linking.Linker{DB: w.DB, Post: w.Post},
	})
	w.site = web.New(web.Options{
		Name:      "dos",
		Log:       slog.New(slog.DiscardHandler),
		Metrics:   web.NewMetrics(prometheus.NewRegistry()),
		Box:       w.Box,
		ErrorPage: f.ErrorPage,
	})
	services.Mount(w.site, f)
	w.forms = f.Held.Forms
	w.update(func(u *db.W) (err error) {
		if err = directory.ImportedPlaces().Put(t.Context(), u, "M1", "",
			`{"Latitude":53.48,"Longitude":-2.24}`); err != nil {
			return err
		}
		hours, err := directory.ParseWeek(week)
		if err != nil {
			return err
		}
		w.pharmacy = w.add(u, directory.Service{
			Name:              "Oak Tree Pharmacy",
			Type:              13,
			ODSCode:           "FA001",
			Address:           "1 High Street",
			Postcode:          "M1 1AE",
			Place:             &postcode.Point{Latitude: 53.481, Longitude: -2.241},
			PublicPhone:       "01632960001",
			ProfessionalPhone: "01632960002",
			Hours:             hours,
		})
		w.dentist = w.add(u, directory.Service{
			Name:        "Dental: Mill Road",
			PublicName:  "Mill Dental",
			Email:       "mill@example.nhs.uk",
			Type:        12,
			Address:     "2 Mill Road",
			Postcode:    "M2 2BB",
			Place:       &postcode.Point{Latitude: 53.52, Longitude: -2.24},
			Approximate: true,
			Hours:       directory.Week{{{From: 540, To: 1020}}},
		})
		w.editor, _ = w.signIn(u, "editor", account.EditCapacity, account.EditService)
		w.reader, w.readerID = w.signIn(u, "reader")
		return nil
	})
	return w
}

func (w *world) update(fn func(u *db.W) error) {
	w.Helper()
	w.Update(func(_ context.Context, u *db.W) error { return fn(u) })
}

func (w *world) add(u *db.W, s directory.Service) string {
	w.Helper()
	s, err := directory.Add(w.Context(), u, s, "")
	if err != nil {
		w.Fatal(err)
	}
	return s.ID
}

func (w *world) signIn(u *db.W, name string, may ...account.Permission) (cookie, id string) {
	w.Helper()
	a, err := account.Add(w.Context(), u,
		account.New{
			Username:     name,
			FirstName:    "Sam",
			LastName:     name,
			Email:        name + "@example.nhs.uk",
			Organisation: "FA001",
			Grants:       account.OwnOrganisation.Of(may...),
		})
	if err != nil {
		w.Fatal(err)
	}
	cookie, err = signin.Sessions.Begin(w.Context(), u, session.New[signin.State]{Subject: a.ID})
	if err != nil {
		w.Fatal(err)
	}
	return cookie, a.ID
}

// seen is the response that a browser gets.
type seen struct {
	status   int
	location string
	text     string // of the page, without tags, single spaces
	doc      *html.Node
}

func (w *world) get(cookie, path string) seen { return w.do(http.MethodGet, cookie, path, nil) }

func (w *world) post(cookie, path string, form url.Values) seen {
	return w.do(http.MethodPost, cookie, path, form)
}

func (w *world) do(method, cookie, path string, form url.Values) seen {
	w.Helper()
	r := httptest.NewRequestWithContext(w.Context(), method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-dos", Value: cookie})
	}
	if w.searched {
		r.AddCookie(&http.Cookie{Name: "__Host-dos-searched", Value: "1"})
	}
	webtest.NewSealer(w.site, "dos", w.Box, w.loggedIn).Seal(r)
	answer := httptest.NewRecorder()
	w.site.ServeHTTP(answer, r)
	if page := webtest.NothingDone(answer.Code, answer.Header()); page != "" && method == http.MethodPost {
		look := httptest.NewRequestWithContext(w.Context(), http.MethodGet, page, nil)
		for _, c := range append(answer.Result().Cookies(), r.Cookies()...) {
			look.AddCookie(c)
		}
		answer = httptest.NewRecorder()
		w.site.ServeHTTP(answer, look)
	}
	doc, err := html.Parse(answer.Body)
	if err != nil {
		w.Fatal(err)
	}
	for _, c := range answer.Result().Cookies() {
		w.searched = w.searched || c.Name == "__Host-dos-searched"
	}
	return seen{status: answer.Code, location: answer.Header().Get("Location"), doc: doc, text: textOf(doc)}
}

// loggedIn gives the id of whoever is logged in on the browser that sends a request, or nothing.
func (w *world) loggedIn(r *http.Request) string {
	s, err := db.Read(w.Context(), w.DB, func(read db.R) (session.Session[signin.State], error) {
		return signin.Sessions.Find(w.Context(), read, web.Cookie(r, "dos"))
	})
	if err != nil {
		return ""
	}
	return s.Subject
}

func textOf(n *html.Node) string {
	var parts []string
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "title" {
			parts = append(parts, strings.Fields(d.Data)...)
		}
	}
	return strings.Join(parts, " ")
}

// title gives the title of the page.
func (s seen) title() string {
	for n := range s.doc.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data == "title" {
			return n.Data
		}
	}
	return ""
}

// all gives the elements with an attribute, whose value contains the text.
func (s seen) all(attribute, contains string) (list []*html.Node) {
	for n := range s.doc.Descendants() {
		for _, a := range n.Attr {
			if a.Key == attribute && strings.Contains(a.Val, contains) {
				list = append(list, n)
			}
		}
	}
	return list
}

// value gives the value of a field of a form, chosen or typed.
func (s seen) value(name string) string {
	for _, n := range s.all("name", name) {
		if attribute(n, "name") != name {
			continue
		}
		if n.Data == "select" {
			for option := range n.Descendants() {
				if has(option, "selected") {
					return attribute(option, "value")
				}
			}
		}
		if n.Data == "textarea" {
			return textOf(n)
		}
		if n.Data == "select" || attribute(n, "type") == "radio" && !has(n, "checked") {
			continue
		}
		return attribute(n, "value")
	}
	return ""
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

// wants fails the test unless the page has the status and all the texts.
func (s seen) wants(t *testing.T, status int, texts ...string) {
	t.Helper()
	if s.status != status {
		t.Errorf("status %d, want %d: %s", s.status, status, s.text)
	}
	for _, text := range texts {
		if !strings.Contains(s.text, text) {
			t.Errorf("the page does not say %q: %s", text, s.text)
		}
	}
}

// lacks fails the test if the page has any of the texts.
func (s seen) lacks(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(s.text, text) {
			t.Errorf("the page says %q: %s", text, s.text)
		}
	}
}

func (w *world) events(kind string) (n int64) {
	w.Helper()
	err := w.DB.View(w.Context(), func(r db.R) (err error) {
		n, err = db.Value[int64](w.Context(), r, `SELECT COUNT(*) FROM event WHERE kind = $1`, kind)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return n
}

func (w *world) many(n int) {
	w.Helper()
	w.update(func(u *db.W) error {
		for i := range n {
			w.add(u, directory.Service{
				Name:     fmt.Sprintf("Ward %02d", i),
				Type:     17,
				Postcode: "M1 1AE",
				Place:    &postcode.Point{Latitude: 53.48, Longitude: -2.24 + 0.001*float64(i)},
			})
		}
		return nil
	})
}
