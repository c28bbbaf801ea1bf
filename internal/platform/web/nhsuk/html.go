package nhsuk

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// classes joins class names, leaving out the empty ones.
func classes(names ...string) string {
	list := names[:0:0]
	for _, name := range names {
		if name != "" {
			list = append(list, name)
		}
	}
	return strings.Join(list, " ")
}

// when gives text only where a condition holds.
func when(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}

// modifier names a variant of a block, such as nhsuk-tag--green.
func modifier(block, variant string) string {
	return when(variant != "", block+"--"+variant)
}

// or gives the first text that is not empty.
func or(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// optional makes attributes from name and value pairs, leaving out those with
// an empty value.
func optional(pairs ...string) templ.OrderedAttributes {
	var attributes templ.OrderedAttributes
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			attributes = append(attributes, templ.KeyValue[string, any]{Key: pairs[i], Value: pairs[i+1]})
		}
	}
	return attributes
}

// element writes its children inside a tag that is only known when the page is
// made, such as a heading of some level. The tag never comes from a person.
func element(tag string, attributes templ.OrderedAttributes) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		children := templ.GetChildren(ctx)
		ctx = templ.ClearChildren(ctx)
		if _, err := io.WriteString(w, "<"+tag); err != nil {
			return err
		}
		if err := templ.RenderAttributes(ctx, w, attributes); err != nil {
			return err
		}
		if _, err := io.WriteString(w, ">"); err != nil {
			return err
		}
		if err := children.Render(ctx, w); err != nil {
			return err
		}
		_, err := io.WriteString(w, "</"+tag+">")
		return err
	})
}
