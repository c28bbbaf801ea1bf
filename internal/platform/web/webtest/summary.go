package webtest

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// SummaryRow is a row of a summary list, its texts with single spaces.
type SummaryRow struct{ Key, Value string }

// Summary reads the rows of the summary lists on a page.
func Summary(markup string) (rows []SummaryRow) {
	page, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		return nil
	}
	for n := range page.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "dt":
			rows = append(rows, SummaryRow{Key: textOf(n)})
		case n.Data == "dd" && hasClass(n, "nhsuk-summary-list__value") && len(rows) > 0:
			rows[len(rows)-1].Value = textOf(n)
		}
	}
	return rows
}

// Text gives the text of a page, with single spaces.
func Text(markup string) string {
	page, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		return ""
	}
	return textOf(page)
}

func hasClass(n *html.Node, class string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool {
		return a.Key == "class" && slices.Contains(strings.Fields(a.Val), class)
	})
}

// inline are the elements that stand within a line.
var inline = []string{"a", "bdi", "strong", "span"}

// textOf gives the text within an element, with single spaces.
func textOf(n *html.Node) string {
	var text strings.Builder
	for child := range n.Descendants() {
		switch {
		case child.Type == html.TextNode:
			text.WriteString(child.Data)
		case child.Type == html.ElementNode && !slices.Contains(inline, child.Data):
			text.WriteString(" ")
		}
	}
	return strings.Join(strings.Fields(text.String()), " ")
}

// InSentences lists the texts of a page in which a name stands among other words without being isolated from them.
// Titles of documents and what only screen readers say cannot be isolated; at the end of a button a name stays there.
func InSentences(markup, name string) (texts []string) {
	page, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		return []string{err.Error()}
	}
	for n := range page.Descendants() {
		if n.Type != html.TextNode || !strings.Contains(n.Data, name) || n.Parent.Data == "title" ||
			n.Parent.Data == "bdi" || hasClass(n.Parent, "nhsuk-u-visually-hidden") {
			continue
		}
		text := strings.TrimSpace(n.Data)
		atEnd := hasClass(n.Parent, "nhsuk-button") && strings.HasSuffix(text, " "+name)
		if text != name && !atEnd {
			texts = append(texts, strings.TrimSpace(n.Data))
		}
	}
	return texts
}
