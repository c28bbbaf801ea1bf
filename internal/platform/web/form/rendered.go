package form

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/saved"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
)

// Rendered is a form as one person has it before them: what is filled in, and what is wrong with it.
type Rendered struct {
	Form
	For      web.Author // is sealed into the form, which nobody else can send
	action   string
	page     string // path of the page that it stands on
	cameBack bool   // it was sent, and stays as it was filled in
	goesOn   string // part of its page at which whoever sent it fills in more; empty where they do not
	values   url.Values
	offers   map[string][]nhsuk.RadioItem
	problems []Problem
	busy     bool       // it was not taken only because too many others were sent
	code     fault.Code // of the first fault that is told
	refused  bool       // a fault says more than that something was mistyped
	quote    string     // the reference of the refusal, where the form came back
	drawn    []Field    // that were written since the form's element began
	files    []string   // names of the fields for which files were sent
}

// Problem is one thing that is wrong with what was filled in.
type Problem struct {
	Field   string // that it is about; empty where it is about the whole form
	Text    string // at the field; a field without is only marked
	Summary string // above the page's heading; the text unless given
	Href    string // where the summary leads; the field unless given
}

// Value gives what is filled in.
func (f *Rendered) Value(name string) string { return f.values.Get(name) }

// Values are all that is filled in of a field in which several things can be chosen.
func (f *Rendered) Values(name string) []string { return f.values[name] }

// Set fills in. A form that came back stays as it was.
func (f *Rendered) Set(name string, values ...string) *Rendered {
	if field, found := f.field(name); f.cameBack && found && field.kept() {
		return f
	}
	f.values[name] = values
	f.files = slices.DeleteFunc(f.files, func(one string) bool { return one == name })
	return f
}

// HasFiles reports whether files were sent for a field.
func (f *Rendered) HasFiles(name string) bool { return slices.Contains(f.files, name) }

// About says whom or what the form concerns, for its sender to read where the form is held.
func (f *Rendered) About(text string) *Rendered {
	f.For.About = text
	return f
}

// Action is the path to which the form is sent.
func (f *Rendered) Action() string { return f.action }

// Sealed gives the form's seal, for what a script sends. It is an error outside a site's request.
func (f *Rendered) Sealed(ctx context.Context) (string, error) {
	author := f.For
	for _, field := range f.drawn {
		if name := field.sends(); name != "" {
			author.Fields = append(author.Fields, name)
		}
	}
	author.Offers = f.offered()
	return web.SealIn(ctx, f.action, author)
}

// maxOffers bounds what a form's seal says of what its page offers, in bytes: two long lists, and not a page as long as
// another one.
const maxOffers = 8 << 10

// offered gives the words for what the page offers of the fields that were written; none where they are too many.
func (f *Rendered) offered() web.Offers {
	offers := web.Offers{}
	size := 0
	for _, field := range f.drawn {
		for _, item := range f.offers[field.Name] {
			if item.Text == "" {
				continue
			}
			if offers[field.Name] == nil {
				offers[field.Name] = map[string]string{}
			}
			offers[field.Name][item.Value] = item.Text
			size += len(item.Value) + len(item.Text)
		}
	}
	if size > maxOffers {
		return nil
	}
	return offers
}

// Element is the form around its fields and buttons, with its seal. The fields are written first, as the seal names
// those that the form has.
func (f *Rendered) Element() templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if err := f.comeBack(ctx); err != nil {
			return err
		}
		f.drawn = nil
		var inside strings.Builder
		if children := templ.GetChildren(ctx); children != nil {
			if err := children.Render(templ.ClearChildren(ctx), &inside); err != nil {
				return err
			}
		}
		return f.element().Render(templ.WithChildren(ctx, templ.Raw(inside.String())), w)
	})
}

// choices has a hidden input for each choice that was written.
func (f *Rendered) choices() (names []string) {
	for _, field := range f.drawn {
		if field.choice && !f.Get {
			names = append(names, field.sends())
		}
	}
	return names
}

// Seal writes the field that says for whom the form was rendered, which every form has that changes something.
func (f *Rendered) Seal() templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if f.Get {
			return nil
		}
		sealed, err := f.Sealed(ctx)
		if err != nil {
			return err
		}
		return hidden(web.SealField, []string{sealed}).Render(ctx, w)
	})
}

// Offer says of what to choose with some radios or checkboxes.
func (f *Rendered) Offer(name string, items []nhsuk.RadioItem) {
	if f.offers == nil {
		f.offers = map[string][]nhsuk.RadioItem{}
	}
	f.offers[name] = items
}

// Add notes a problem.
func (f *Rendered) Add(p Problem) { f.problems = append(f.problems, p) }

// GoOn has the form come back as it is filled in, with nothing wrong, at a part of its page: it was sent to have
// something filled in, and not to be taken.
func (f *Rendered) GoOn(part string) { f.goesOn = part }

// HasProblems reports whether something is wrong with the form. Nothing is wrong where there is none.
func (f *Rendered) HasProblems() bool { return f != nil && len(f.problems) > 0 }

// HasProblem reports whether something is wrong with a field.
func (f *Rendered) HasProblem(field string) bool {
	_, found := f.problem(field)
	return found
}

// LeadsTo reports whether one of the problems leads to a part of the page.
func (f *Rendered) LeadsTo(href string) bool {
	return slices.ContainsFunc(f.problems, func(p Problem) bool { return p.Href == href })
}

// Complete notes what was left empty that must not be, of some fields or of all, and reports whether nothing was.
func (f *Rendered) Complete(of ...string) bool {
	complete := true
	for _, field := range f.Fields {
		asked := len(of) == 0 || slices.Contains(of, field.Name)
		if asked && field.missing != "" && f.Value(field.Name) == "" {
			f.Add(Problem{Field: field.Name, Text: field.missing})
			complete = false
		}
	}
	return complete
}

// Refuse notes what faults say about the form's fields, and reports whether any did. What is about none of
// them is for another page.
func (f *Rendered) Refuse(err error) bool {
	refused := false
	for _, said := range fault.All(err) {
		if _, known := f.field(said.Field); known {
			f.Add(Problem{Field: said.Field, Text: f.Say(said)})
			refused = true
		}
	}
	return refused
}

// Explain is Refuse, which notes what is about none of the fields as being about the whole form.
func (f *Rendered) Explain(err error) {
	for _, said := range fault.All(err) {
		if !f.Refuse(said) {
			f.Add(Problem{Text: f.Say(said)})
		}
		f.busy = f.busy || said.Code == fault.Busy
	}
}

// Busy explains an error if it says only that there is too much to do now, and reports whether it does.
func (f *Rendered) Busy(err error) bool {
	if errors.Is(err, fault.Busy) {
		f.Explain(err)
	}
	return f.busy
}

// Status gives the HTTP status of a page that shows the form.
func (f *Rendered) Status() int {
	switch {
	case !f.HasProblems():
		return http.StatusOK
	case f.busy:
		return http.StatusServiceUnavailable
	}
	return http.StatusUnprocessableEntity
}

// Quote is the reference of the refusal that the form tells; empty where no operation refused anything, and something
// was only left empty or mistyped.
func (f *Rendered) Quote(ctx context.Context) string {
	switch {
	case f.quote != "":
		return f.quote
	case f.Get || !f.HasProblems():
		return ""
	case f.refused || saved.Refused(ctx):
		return web.Quote(ctx, f.code)
	}
	return ""
}

// Say gives what the form says of a fault. What was mistyped is Invalid.
func (f *Rendered) Say(said *fault.Fault) string {
	if !f.refused {
		f.code = said.Code
	}
	f.refused = f.refused || said.Code != fault.Invalid
	if f.Words.Fault != nil {
		return f.Words.Fault(said)
	}
	if said.Cure != "" {
		return said.Message + " " + said.Cure
	}
	return said.Message
}

// summary lists the problems: those of the whole form, then one of each field in the order of the page.
func (f *Rendered) summary() (items []nhsuk.ErrorItem) {
	for _, p := range f.problems {
		if p.Field == "" {
			items = append(items, nhsuk.ErrorItem{Text: or(p.Summary, p.Text), Href: p.Href})
		}
	}
	for _, field := range f.Fields {
		p, found := f.problem(field.Name)
		if text := or(p.Summary, p.Text); found && text != "" {
			items = append(items, nhsuk.ErrorItem{Text: text, Href: or(p.Href, "#"+p.Field)})
		}
	}
	return items
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// problem is the first problem of a field.
func (f *Rendered) problem(field string) (Problem, bool) {
	told := f.told()
	at := slices.IndexFunc(told, func(p Problem) bool { return p.Field == field })
	if at < 0 {
		return Problem{}, false
	}
	return told[at], true
}

// told are the problems, and where the form comes back, that the files which were sent with it do not.
func (f *Rendered) told() []Problem {
	told := slices.Clone(f.problems)
	if f.HasProblems() || f.goesOn != "" {
		for _, name := range f.files {
			told = append(told, Problem{Field: name, Text: "Choose the files again: browsers do not keep them"})
		}
	}
	return told
}

// Field writes one of the form's fields.
func (f *Rendered) Field(name string) templ.Component {
	field, found := f.field(name)
	if !found {
		return templ.ComponentFunc(func(context.Context, io.Writer) error {
			return fmt.Errorf("the form of %s has no field %q", f.Path, name)
		})
	}
	p, invalid := f.problem(name)
	drawing := field.draw(content{
		values: f.values[name], items: f.offers[name], text: p.Text, invalid: invalid, words: f.Words,
	})
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		f.drawn = append(f.drawn, field)
		return drawing.Render(ctx, w)
	})
}

// Inputs writes all fields, in their order.
func (f *Rendered) Inputs() templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for _, field := range f.Fields {
			if err := f.Field(field.Name).Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *Rendered) method() string {
	if f.Get {
		return "get"
	}
	return "post"
}

// asks reports whether the form has anything to fill in, which the browser is then not to judge.
func (f *Rendered) asks() bool {
	return slices.ContainsFunc(f.Fields, func(field Field) bool { return !field.hidden })
}

// All is everything that is filled in; nothing where there is no form.
func (f *Rendered) All() url.Values {
	if f == nil {
		return nil
	}
	return f.values
}
