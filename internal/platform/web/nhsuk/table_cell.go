package nhsuk

import (
	"strings"

	"github.com/a-h/templ"
)

// has tells whether anything stands in the cell.
func (c TableCell) has() bool { return c.Text != "" || c.HTML != nil }

func (c TableCell) hidden() string {
	if c.VisuallyHiddenText == "" {
		return ""
	}
	return when(c.has(), " ") + c.VisuallyHiddenText
}

func (c TableCell) class(block string) string {
	return classes(block, when(c.Format == "numeric", block+"--numeric"),
		modifierOf("nhsuk-u-text-align-", c.Align), modifierOf("nhsuk-u-width-", c.Width), c.Classes)
}

// modifierOf puts a prefix before a value, where there is one.
func modifierOf(prefix, value string) string { return when(value != "", prefix+value) }

// column is the head of the nth column.
func (p TableParams) column(n int) TableCell {
	if n < len(p.Head) {
		return p.Head[n]
	}
	return TableCell{}
}

func (p TableParams) isRowHeader(n int) bool { return n == 0 && p.FirstCellIsHeader }

func (p TableParams) tag(n int) string {
	return or(when(p.isRowHeader(n), "th"), "td")
}

// headAttributes are those of a cell of the head.
func (p TableParams) headAttributes(cell TableCell) templ.OrderedAttributes {
	attributes := optional("class", cell.class("nhsuk-table__header"), "scope", "col", "role", p.role("columnheader"),
		"colspan", when(!p.Responsive, cell.Colspan), "rowspan", cell.Rowspan,
		"data-sort-next", when(!p.sortedByServer(), cell.SortNext), "aria-sort", when(cell.Sort != "none", cell.Sort))
	if cell.Sort != "" {
		attributes = append(attributes, templ.KeyValue[string, any]{Key: "data-sort", Value: true})
	}
	return attributes
}

// cellAttributes are those of the nth cell of a row, which takes its format
// and alignment from its column.
func (p TableParams) cellAttributes(n int, cell TableCell) templ.OrderedAttributes {
	head := p.column(n)
	if cell.Align == "" {
		cell.Align = or(when(cell.Format == "string" && head.Format == "numeric", "right"), head.Align)
	}
	cell.Format = or(cell.Format, head.Format)
	block := "nhsuk-table__cell"
	role := "cell"
	scope := ""
	if p.isRowHeader(n) {
		block = "nhsuk-table__header"
		role = "rowheader"
		scope = "row"
	}
	return optional("class", cell.class(block), "scope", scope, "role", p.role(role),
		"colspan", when(!p.Responsive, cell.Colspan), "rowspan", cell.Rowspan, "data-sort-value", cell.SortValue)
}

// captionID makes an id for a caption from its text, as nhsuk-frontend does:
// at most 40 characters of it.
func captionID(text string) string {
	name := []rune(strings.ToLower(strings.ReplaceAll(text, " ", "-")))
	return "table-" + string(name[:min(len(name), 40)]) + "-caption"
}
