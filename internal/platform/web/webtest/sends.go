package webtest

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Sends gives the value that a browser sends of an element of a form as it came, and whether it sends any.
func Sends(n *html.Node) (value string, sends bool) {
	if Attribute(n, "name") == "" {
		return "", false
	}
	switch n.Data {
	case "textarea":
		if n.FirstChild != nil {
			value = strings.TrimPrefix(n.FirstChild.Data, "\n")
		}
		return value, true
	case "select":
		return selected(n), true
	case "input":
		kind := Attribute(n, "type")
		if (kind == "radio" || kind == "checkbox") && !Has(n, "checked") {
			return "", false
		}
		return Attribute(n, "value"), true
	}
	return "", false
}

// selected gives the value of a list: the first where none is selected.
func selected(n *html.Node) (value string) {
	first := true
	for option := range n.Descendants() {
		if option.Data == "option" && (first || Has(option, "selected")) {
			value = Attribute(option, "value")
			first = false
		}
	}
	return value
}

// Attribute gives an attribute of an element; empty if it has none.
func Attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// Has reports whether an element has an attribute.
func Has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}
