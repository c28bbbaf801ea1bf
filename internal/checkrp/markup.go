package checkrp

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// entryWords finds the way in by what it is called on a page (reference, CIS2 Authentication §10). A control that also
// says what it does goes before one that has only the name.
const entryWords = "care identity"

var doing = []string{"log in", "login", "log on", "sign in", "sign-in"}

// way is a link, or a form, that leads to sign-in.
type way struct {
	words  string
	method string
	to     string
	form   url.Values
}

// findWay finds the link or button that names Care Identity.
func findWay(p page) (way, bool) {
	doc, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		return way{}, false
	}
	var named []way
	for n := range doc.Descendants() {
		text := strings.ToLower(words(n))
		if !isControl(n) || !strings.Contains(text, entryWords) {
			continue
		}
		w, leads := wayOf(n, p.url)
		if leads && slices.ContainsFunc(doing, func(what string) bool { return strings.Contains(text, what) }) {
			return w, true
		}
		if leads {
			named = append(named, w)
		}
	}
	if len(named) == 0 {
		return way{}, false
	}
	return named[0], true
}

func isControl(n *html.Node) bool {
	switch {
	case n.Type != html.ElementNode:
		return false
	case n.Data == "input":
		return attribute(n, "type") == "submit" || attribute(n, "type") == "image"
	}
	return n.Data == "a" || n.Data == "button"
}

// words gives what a person reads on a control.
func words(n *html.Node) string {
	if n.Data == "input" {
		return attribute(n, "value") + attribute(n, "alt")
	}
	said := text(n)
	for inner := range n.Descendants() {
		if inner.Data == "img" {
			said += " " + attribute(inner, "alt")
		}
	}
	return strings.TrimSpace(said + " " + attribute(n, "aria-label"))
}

func wayOf(n *html.Node, at *url.URL) (way, bool) {
	w := way{words: words(n), method: http.MethodGet}
	if n.Data == "a" {
		return w.leading(at, attribute(n, "href"))
	}
	for form := range n.Ancestors() {
		if form.Data == "form" {
			if strings.EqualFold(attribute(form, "method"), "post") {
				w.method = http.MethodPost
			}
			w.form = fields(form, n)
			return w.leading(at, attribute(form, "action"))
		}
	}
	return w, false
}

func (w way) leading(at *url.URL, reference string) (way, bool) {
	to, err := at.Parse(reference)
	if err != nil {
		return w, false
	}
	if w.method == http.MethodGet && w.form != nil {
		to.RawQuery = w.form.Encode()
		w.form = nil
	}
	w.to = to.String()
	return w, true
}

// fields gives what a form holds as it stands, with the button that is pressed.
func fields(form, pressed *html.Node) url.Values {
	values := url.Values{}
	for n := range form.Descendants() {
		name := attribute(n, "name")
		if name == "" || n.Data != "input" && n != pressed {
			continue
		}
		if kind := attribute(n, "type"); n == pressed || kind != "submit" && kind != "image" && kind != "button" {
			values.Add(name, attribute(n, "value"))
		}
	}
	return values
}

// refreshOf gives the address to which a page goes on at once without anybody doing anything; empty for one that stays.
func refreshOf(body string) string {
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return ""
	}
	for n := range doc.Descendants() {
		if n.Data != "meta" || !strings.EqualFold(attribute(n, "http-equiv"), "refresh") {
			continue
		}
		after, address, _ := strings.Cut(attribute(n, "content"), ";")
		name, to, named := strings.Cut(address, "=")
		if strings.TrimSpace(after) == "0" && named && strings.EqualFold(strings.TrimSpace(name), "url") {
			return strings.Trim(strings.TrimSpace(to), `'"`)
		}
	}
	return ""
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is the words in an element, with single spaces.
func text(n *html.Node) string {
	var b strings.Builder
	for inner := range n.Descendants() {
		if inner.Type == html.TextNode && inner.Parent.Data != "script" && inner.Parent.Data != "style" {
			b.WriteString(inner.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// heading names a page as it does itself: its first heading, or its title.
func (p page) heading() string {
	doc, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		return ""
	}
	for _, element := range []string{"h1", "h2", "title"} {
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode && n.Data == element && text(n) != "" {
				return text(n)
			}
		}
	}
	return ""
}
