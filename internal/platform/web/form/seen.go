package form

import "signpost/internal/platform/seen"

// Seen makes the field of a form that decides: it names what the page showed.
func Seen() Field { return Hidden(seen.Field) }

// Saw has the form name what its page shows. One that was filled in before goes on naming what was shown then.
func (f *Rendered) Saw(name string) *Rendered {
	if f.Seen() == "" {
		f.Set(seen.Field, name)
	}
	return f
}

// Seen gives the name of what the page showed on which the form was filled in.
func (f *Rendered) Seen() string { return f.Value(seen.Field) }
