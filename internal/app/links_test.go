package app

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"signpost/internal/demo"
	"signpost/internal/platform/web/webtest"
)

// Every link and every search on the pages of the demo, for each of its people, leads to a page that has one heading,
// and to the part of it that the link names. No two pages of one person have the same title, and no name stands in a
// sentence without being isolated from it. Whoever has an account comes in by its password too.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	d := running(t)
	addresses := d.system.Config.Addresses
	total := 0
	byPassword := 0
	for n, c := range d.cast {
		address := fmt.Sprintf("198.51.100.%d", n)
		if c.Introduced && c.UUID != "" {
			w := d.walker(t, c, address)
			for _, login := range d.logins(c) {
				w.visit(login.Href, "the guide")
			}
			w.start(addresses.DoS+"/", addresses.CIM+"/", addresses.CIS2+"/my-sessions")
			total += len(w.shapes)
		}
		if c.Introduced && c.Username != "" {
			w := d.walker(t, c, address)
			if w.logInWithPassword(addresses.DoS + "/") {
				byPassword++
			}
			for _, path := range []string{"/", "/questions", "/link", "/account"} {
				w.start(addresses.DoS + path)
			}
			total += len(w.shapes)
		}
	}
	t.Logf("%d pages, %d people came in with a password", total, byPassword)
	if total < 100 || byPassword < 4 {
		t.Errorf("only %d pages were looked at, and %d people came in with a password", total, byPassword)
	}
}

// walker is one person at an address of their own: a site answers one address only so often.
func (d *Demo) walker(t *testing.T, c demo.Cast, address string) *walker {
	t.Helper()
	return &walker{
		t: t, demo: d, cast: c, address: address,
		jar: map[string]map[string]string{}, shapes: map[string]int{}, titles: map[string]string{},
	}
}

// start looks at pages that somebody opens by their address.
func (w *walker) start(pages ...string) {
	for _, page := range pages {
		w.visit(page, "the address bar")
	}
}

// logInWithPassword sends the form with which the person logs in to the directory, and reports whether they are in:
// some of the demo's people cannot any more.
func (w *walker) logInWithPassword(front string) bool {
	at, body := w.get(front, "the address bar")
	for n := range body.Descendants() {
		if n.Data != "form" || !filled(n).Has("password") {
			continue
		}
		sent := filled(n)
		sent.Set("username", w.cast.Username)
		sent.Set("password", demo.Password)
		to, err := at.Parse(webtest.Attribute(n, "action"))
		if err != nil {
			w.t.Fatal(err)
		}
		w.send(http.MethodPost, to, sent)
		_, in := w.jar[at.Host]["__Host-dos"]
		return in
	}
	w.t.Fatal("there is no form for a password")
	return false
}

// Every site's page of a failure says how to reach the service desk, once, where its reference stands.
func TestFailuresSayHowToReachTheServiceDesk(t *testing.T) {
	w := &walker{t: t, demo: running(t), jar: map[string]map[string]string{}}
	addresses := w.demo.system.Config.Addresses
	for _, site := range []string{addresses.DoS, addresses.CIM, addresses.CIS2} {
		at, err := url.Parse(site + "/nowhere")
		if err != nil {
			t.Fatal(err)
		}
		answer, body := w.ask(at)
		if n := strings.Count(body, `href="`+deskLink+`"`); answer.StatusCode != http.StatusNotFound || n != 1 {
			t.Errorf("%s: %d, the service desk's number stands %d times", at, answer.StatusCode, n)
		}
	}
}

// walker goes through the pages of one person.
type walker struct {
	t       *testing.T
	demo    *Demo
	cast    demo.Cast
	address string                       // from which they come first; that of the test if empty
	asked   int                          // requests
	jar     map[string]map[string]string // the cookies of each host
	shapes  map[string]int               // how often a page was looked at, by its path without what names one thing
	titles  map[string]string            // the shape of the page with a title
	origin  string                       // what requests say of where they come from; none if empty
}

// maxAlike is how many pages of one kind are looked at, such as of services.
const maxAlike = 2

var (
	oneThing = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]{12}(\.apps\.\w+)?|[A-Z0-9]{2,3}[0-9]{2,3}\b`)
	skipped  = regexp.MustCompile(`^/(assets/|static/|demo/|\.well-known/|sign-out/)`)
)

func (w *walker) own(u *url.URL) bool {
	return strings.HasSuffix(u.Hostname(), ".localhost") && u.Hostname() != "mail.localhost" &&
		!skipped.MatchString(u.Path)
}

// visit looks at a page and at all that it leads to. from is the page that leads here.
func (w *walker) visit(address, from string) {
	at, body := w.get(address, from)
	if body == nil || !w.own(at) {
		return
	}
	shape := shapeOf(at)
	if w.shapes[shape]++; w.shapes[shape] > maxAlike {
		return
	}
	w.check(at, body, shape)
	for _, to := range leadsTo(at, body) {
		switch {
		case to.Fragment != "" && to.Host == at.Host && to.RequestURI() == at.RequestURI():
			if !hasID(body, to.Fragment) {
				w.t.Errorf("%s: on %s is a link to #%s, and nothing there has that id", w.cast.Name, at, to.Fragment)
			}
		case w.own(to):
			w.follow(to, at)
		}
	}
}

// shapeOf is an address without what names one thing.
func shapeOf(u *url.URL) string {
	shape := u.Hostname() + oneThing.ReplaceAllString(u.Path, "*")
	return shape + "?" + strings.Join(slices.Sorted(maps.Keys(u.Query())), "&")
}

func (w *walker) follow(to, from *url.URL) {
	if w.shapes[shapeOf(to)] >= maxAlike && to.Fragment == "" {
		return
	}
	w.visit(to.String(), from.String())
}

// deskLink telephones the demo's service desk.
const deskLink = "tel:01632960999"

// check wants one heading, a title that no other page has, and how to reach the service desk.
func (w *walker) check(at *url.URL, body *html.Node, shape string) {
	headings := 0
	desks := 0
	title := ""
	for n := range body.Descendants() {
		switch n.Data {
		case "h1":
			headings++
		case "title":
			title = n.FirstChild.Data
		}
		if webtest.Attribute(n, "href") == deskLink {
			desks++
		}
	}
	if desks == 0 {
		w.t.Errorf("%s: %s does not say how to reach the service desk", w.cast.Name, at)
	}
	if headings != 1 {
		w.t.Errorf("%s: %s has %d headings", w.cast.Name, at, headings)
	}
	path, _, _ := strings.Cut(shape, "?")
	path = strings.TrimSuffix(path, "checklist") // which is the first page of whoever is not linked yet
	if other, seen := w.titles[title]; seen && other != path {
		w.t.Errorf("%s: %s and %s have the title %q", w.cast.Name, at, other, title)
	}
	w.titles[title] = path
}

// checkNames wants each name of the demo's people isolated from the sentence that it stands in.
func (w *walker) checkNames(at *url.URL, text string) {
	for _, c := range w.demo.cast {
		persona := strings.HasPrefix(at.Path, "/simulated/") // the demo's own list of whom to be
		if c.Name == c.Username || !w.own(at) || !strings.Contains(text, c.Name) || persona {
			continue
		}
		for _, sentence := range webtest.InSentences(text, c.Name) {
			w.t.Errorf("%s: %s has a name that is not isolated: %q", w.cast.Name, at, sentence)
		}
	}
}

// get gives the page of an address, after the redirects and pages that go on by themselves, and where it is.
func (w *walker) get(address, from string) (*url.URL, *html.Node) {
	w.t.Helper()
	wanted, err := url.Parse(address)
	if err != nil {
		w.t.Errorf("%s: on %s is a link to %q: %v", w.cast.Name, from, address, err)
		return nil, nil
	}
	at := wanted
	for range 12 {
		answer, text := w.ask(at)
		w.checkNames(at, text)
		to := webtest.LedTo(answer.Header, text)
		if to == "" {
			return at, w.page(answer, text, at, wanted, from)
		}
		next, err := at.Parse(to)
		if err != nil {
			w.t.Errorf("%s: %s leads to %q", w.cast.Name, at, to)
			return nil, nil
		}
		at = next
	}
	w.t.Errorf("%s: on %s is a link to %s, which leads round and round", w.cast.Name, from, address)
	return nil, nil
}

func (w *walker) page(answer *http.Response, text string, at, wanted *url.URL, from string) *html.Node {
	if answer.StatusCode >= http.StatusBadRequest && !expected(answer.StatusCode, wanted) {
		w.t.Errorf("%s: on %s is a link to %s: %d", w.cast.Name, from, wanted, answer.StatusCode)
		return nil
	}
	if !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		return nil
	}
	body, err := html.Parse(strings.NewReader(text))
	if err != nil {
		w.t.Error(err)
		return nil
	}
	fills := strings.Contains(wanted.Fragment, "=") && strings.Contains(text, ` data-fill="`) // a form, by a script
	if wanted.Fragment != "" && at.Path == wanted.Path && !fills && !hasID(body, wanted.Fragment) {
		w.t.Errorf("%s: on %s is a link to %s, and nothing there has that id", w.cast.Name, from, wanted)
	}
	return body
}

// expected reports whether a page says with its status what its reader came to see: that a search found nothing, that a
// person of the guide cannot log in, or that nobody is logged in at CIS2.
func expected(status int, wanted *url.URL) bool {
	switch status {
	case http.StatusUnprocessableEntity:
		return wanted.RawQuery != "" || wanted.ForceQuery
	case http.StatusForbidden:
		return strings.HasPrefix(wanted.Path, bePath)
	case http.StatusUnauthorized:
		return wanted.Path == "/my-sessions"
	}
	return false
}

func hasID(body *html.Node, id string) bool {
	for n := range body.Descendants() {
		if webtest.Attribute(n, "id") == id {
			return true
		}
	}
	return false
}

func (w *walker) ask(at *url.URL) (*http.Response, string) {
	w.t.Helper()
	return w.send(http.MethodGet, at, nil)
}

// network gives where a request comes from: as a person walks on, they come to other networks, for one of them is
// answered only so often a minute.
func (w *walker) network() string {
	w.asked++
	return strings.Replace(w.address, ".100.", fmt.Sprintf(".%d.", 100+w.asked/150), 1)
}

func (w *walker) send(method string, at *url.URL, form url.Values) (*http.Response, string) {
	w.t.Helper()
	served := *at
	served.Host = w.demo.system.Config.Listen
	served.Fragment = ""
	r, err := http.NewRequestWithContext(w.t.Context(), method, served.String(), strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	if w.origin != "" {
		r.Header.Set("Origin", w.origin)
	}
	if w.address != "" {
		r.Header.Set("X-Forwarded-For", w.network())
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Host = at.Host
	for name, value := range w.jar[at.Host] {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.jar[at.Host] == nil {
		w.jar[at.Host] = map[string]string{}
	}
	for _, c := range answer.Cookies() {
		w.jar[at.Host][c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(w.jar[at.Host], c.Name)
		}
	}
	return answer, string(text)
}

// leadsTo lists the addresses to which the links and the searches of a page lead.
func leadsTo(at *url.URL, body *html.Node) (list []*url.URL) {
	for n := range body.Descendants() {
		to := ""
		switch {
		case n.Data == "a":
			to = webtest.Attribute(n, "href")
		case n.Data == "form" && webtest.Attribute(n, "method") == "get":
			to = webtest.Attribute(n, "action") + "?" + filled(n).Encode()
		}
		if next, err := at.Parse(to); err == nil && to != "" && next.Scheme == "http" {
			list = append(list, next)
		}
	}
	return list
}

// filled fills in a search.
func filled(form *html.Node) url.Values {
	values := url.Values{}
	for n := range form.Descendants() {
		if value, sends := webtest.Sends(n); sends {
			name := webtest.Attribute(n, "name")
			if name == "postcode" && value == "" {
				value = "SE1 7EH"
			}
			values.Set(name, value)
		}
	}
	return values
}
