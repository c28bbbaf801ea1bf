package nhsuk

import (
	"sort"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// normalised writes HTML one node to a line, with attributes sorted and the
// white space that no reader sees taken out. Space between words and a word in
// another element stays: "Change<span> name" is not "Change <span>name".
func normalised(t *testing.T, source string) string {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(source), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		t.Fatalf("parse %q: %v", source, err)
	}
	var out strings.Builder
	for _, node := range nodes {
		writeNode(&out, node, 0)
	}
	return out.String()
}

func writeNode(out *strings.Builder, node *html.Node, depth int) {
	indent := strings.Repeat("  ", depth)
	switch node.Type {
	case html.TextNode:
		if text := visibleText(node); text != "" {
			out.WriteString(indent + "\"" + text + "\"\n")
		}
	case html.ElementNode:
		out.WriteString(indent + "<" + node.Data + attributesOf(node) + ">\n")
		for child := node.FirstChild; child != nil; child = child.NextSibling {
			writeNode(out, child, depth+1)
		}
	}
}

func attributesOf(node *html.Node) string {
	var all []string
	for _, a := range node.Attr {
		value := a.Val
		if a.Key == "class" {
			value = strings.Join(strings.Fields(value), " ")
		}
		all = append(all, " "+a.Key+"="+value)
	}
	sort.Strings(all)
	return strings.Join(all, "")
}

// visibleText collapses white space, and drops it at the edges of a block.
func visibleText(node *html.Node) string {
	if node.Parent != nil && node.Parent.Data == "textarea" {
		return node.Data
	}
	text := strings.Join(strings.Fields(node.Data), " ")
	if text == "" {
		return ""
	}
	if strings.TrimLeft(node.Data, " \n\t") != node.Data && keepsSpace(node, node.PrevSibling) {
		text = " " + text
	}
	if strings.TrimRight(node.Data, " \n\t") != node.Data && keepsSpace(node, node.NextSibling) {
		text += " "
	}
	return text
}

// keepsSpace tells whether space between a text and its sibling can be seen or
// heard: beside an inline element, or at the edge of hidden words inside a line.
func keepsSpace(node, sibling *html.Node) bool {
	if sibling == nil {
		return node.Parent != nil && node.Parent.Data == "span" &&
			strings.Contains(attributesOf(node.Parent), "visually-hidden")
	}
	switch sibling.Data {
	case "span", "a", "strong":
		return !strings.Contains(attributesOf(sibling), "caption")
	}
	return false
}
