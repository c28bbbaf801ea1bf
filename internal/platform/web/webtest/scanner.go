package webtest

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"
)

// Scan is the visits of scanners of mail to what one mail leads to. Each scanner has a browser and an address of its
// own, and nobody's session.
type Scan struct {
	// Open opens a scanner's browser: send sends a request and gives the page that is answered, and confirmed reports
	// whether what the mail is for has happened, or is open to that browser.
	Open func() (send func(method, place string, form url.Values) (page string), confirmed func() bool)

	At   string // the path where the mail's code is typed; empty if it has none
	Code string

	Visits, Confirmed int

	mu sync.Mutex
}

// Visit lets each kind of scanner visit each place: one asks for its head, one opens it, one does both, one lets its
// script run and sends its forms, and one opens it from five addresses at once.
func (s *Scan) Visit(t testing.TB, places ...string) {
	t.Helper()
	for _, place := range places {
		s.visit(t, place, http.MethodHead)
		s.visit(t, place, http.MethodGet)
		s.visit(t, place, http.MethodHead, http.MethodGet)
		s.withScript(t, place)
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() { s.visit(t, place, http.MethodGet) })
		}
		all.Wait()
	}
}

func (s *Scan) visit(t testing.TB, place string, methods ...string) {
	send, confirmed := s.Open()
	for _, method := range methods {
		send(method, place, nil)
		s.count(t, method+" "+place, confirmed())
	}
}

func (s *Scan) count(t testing.TB, what string, confirmed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Visits++
	if confirmed {
		s.Confirmed++
		t.Errorf("%s: confirmed", what)
	}
}

// withScript opens a page, and sends each of its forms as a browser would whose script does, with the code of the mail.
// Where the code would be typed, it is sent there too, also if the page is not shown.
func (s *Scan) withScript(t testing.TB, place string) {
	send, confirmed := s.Open()
	forms := formsOf(t, send(http.MethodGet, place, nil))
	s.count(t, "GET "+place, confirmed())
	if path, _, _ := strings.Cut(place, "?"); path == s.At && forms[path] == nil {
		forms[path] = url.Values{}
	}
	for action, form := range forms {
		if s.Code != "" {
			form.Set("code", s.Code)
		}
		send(http.MethodPost, action, form)
		s.count(t, "POST "+action, confirmed())
	}
}

// formsOf gives the forms of a page that change something, with what a browser sends of each, by where they are sent.
func formsOf(t testing.TB, page string) map[string]url.Values {
	t.Helper()
	document, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	forms := map[string]url.Values{}
	for n := range document.Descendants() {
		if n.Data != "form" || !strings.EqualFold(Attribute(n, "method"), http.MethodPost) {
			continue
		}
		sent := url.Values{}
		for field := range n.Descendants() {
			if value, sends := Sends(field); sends {
				sent.Add(Attribute(field, "name"), value)
			}
		}
		forms[Attribute(n, "action")] = sent
	}
	return forms
}
