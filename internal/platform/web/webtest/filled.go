package webtest

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"signpost/internal/platform/web"
)

// filled gives the form of a route as its page has it for whoever opened it, with everything filled in that can be; or,
// where its page has no such form, as it is declared. samples are what is typed into fields of a name.
func filled(t testing.TB, b *Browser, route web.Route, path string, samples map[string]string) url.Values {
	t.Helper()
	at, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	page, err := at.Parse(PageOf(route, at.EscapedPath()))
	if err != nil {
		t.Fatal(err)
	}
	answer := b.Send(Request(http.MethodGet, page.String(), nil))
	document, err := html.Parse(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	for n := range document.Descendants() {
		if n.Data == "form" && Attribute(n, "action") == at.EscapedPath() {
			return fillIn(n, samples)
		}
	}
	form := url.Values{}
	for _, name := range route.Fields {
		form.Set(name, cmp.Or(samples[name], usual))
	}
	return form
}

// usual is typed where nothing else is said.
const usual = "Example"

// PageOf gives the path of the page that a form stands on, with what the form's path has for its names.
func PageOf(route web.Route, path string) string {
	_, pattern, _ := strings.Cut(route.Pattern, " ")
	var pairs []string
	values := strings.Split(path, "/")
	for i, name := range strings.Split(pattern, "/") {
		if strings.HasPrefix(name, "{") && i < len(values) {
			pairs = append(pairs, name, values[i])
		}
	}
	return strings.NewReplacer(pairs...).Replace(route.Page)
}

// fillIn fills in all fields of a form: with its sample, what the page has for it, or the first that can be chosen.
func fillIn(form *html.Node, samples map[string]string) url.Values {
	values := url.Values{}
	for n := range form.Descendants() {
		name := Attribute(n, "name")
		if name == "" || n.Data == "button" || values.Has(name) && Attribute(n, "type") != "hidden" {
			continue
		}
		if value, found := samples[name]; found {
			values.Set(name, value)
			continue
		}
		value, _ := Sends(n)
		values.Add(name, cmp.Or(value, example(n)))
	}
	return values
}

// example gives what is filled into a field that is empty.
func example(n *html.Node) string {
	switch kind := Attribute(n, "type"); {
	case n.Data == "select":
		return lastOf(n)
	case kind == "radio", kind == "checkbox":
		return Attribute(n, "value")
	case kind == "hidden":
		return ""
	case kind == "email":
		return "somebody@example.nhs.uk"
	case Attribute(n, "inputmode") == "numeric", kind == "number":
		return "1"
	}
	return usual
}

// lastOf gives the last value of a list.
func lastOf(list *html.Node) (value string) {
	for n := range list.Descendants() {
		if n.Data == "option" {
			value = Attribute(n, "value")
		}
	}
	return value
}

// Filled gives the form of a route as its page has it for whoever opened it, with everything filled in that can be, and
// of that what somebody types or chooses: neither what the page hides, nor passwords, codes and files. It gives nothing
// where its page has no such form.
func Filled(t testing.TB, b *Browser, route web.Route, path string, samples map[string]string) (all, typed url.Values) {
	t.Helper()
	document, err := html.Parse(b.Send(Request(http.MethodGet, PageOf(route, path), nil)).Body)
	if err != nil {
		t.Fatal(err)
	}
	for n := range document.Descendants() {
		if n.Data == "form" && Attribute(n, "action") == path && Attribute(n, "method") == "post" {
			all = fillIn(n, samples)
			return all, typedIn(n, all)
		}
	}
	return nil, nil
}

// untyped are types of inputs that hold nothing that is kept for whoever typed it.
var untyped = []string{"hidden", "password", "file", "submit"}

// typedIn gives those values of a form that somebody typed or chose.
func typedIn(form *html.Node, all url.Values) url.Values {
	typed := url.Values{}
	for n := range form.Descendants() {
		name := Attribute(n, "name")
		field := n.Data == "textarea" || n.Data == "select" || n.Data == "input"
		secret := slices.Contains(untyped, Attribute(n, "type")) || Attribute(n, "autocomplete") == "one-time-code"
		if field && !secret && all.Get(name) != "" {
			typed[name] = all[name]
		}
	}
	return typed
}
