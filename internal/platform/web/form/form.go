// Package form makes one value of a form: where it is sent, what it asks, and what must be filled in. The
// inputs of its page, the errors in the order of the page, and what is shown of a form that is held when a
// session ends are all made from that value.
//
// It does not know what any form is for. English unless its words say otherwise.
package form

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
)

// Form is a form as it is declared.
type Form struct {
	Path       string  // where it is sent, as its route has it: "/services/{id}/capacity"
	At         string  // path of the page it stands on, with names of its own path in it; its own path unless given
	Page       string  // title of the page that it stands on; a form that is never held needs none
	Act        string  // what its button says
	Get        bool    // it asks and changes nothing, such as a search
	Fields     []Field // in the order of the page; none where it is only a button
	Words      Words
	Attributes templ.Attributes // of the form element, beside the usual ones
	MaxBytes   int64            // how large a request with its files may be; 0 for as large as any other
}

// Words are said by the form itself, for pages in other languages.
type Words struct {
	Problem string                      // heads the list of errors; English unless given
	Quote   string                      // stands before the reference of a refusal; English unless given
	Error   string                      // what screen readers say before an error; English unless given
	Fault   func(f *fault.Fault) string // what is said of a fault; its own English unless given
}

// StandsOn gives the path of the page that the form stands on, as its route has it.
func (f Form) StandsOn() string { return or(f.At, f.Path) }

// StandsAt gives the path of the page from which a request sent the form.
func (f Form) StandsAt(r *http.Request) string { return fill(f.StandsOn(), r, nil) }

// Handle has a site answer the form with h for those whom the guard lets through.
func (f Form) Handle(s *web.Site, g web.Guard, h web.Handler) {
	s.HandleForm(f.Path, f.StandsOn(), f.Names(), g, h)
	if f.hasFiles() {
		s.TakeFiles(f.Path, f.taken())
	}
}

// taken says which files the form may bring.
func (f Form) taken() web.Taken {
	t := web.Taken{MaxBytes: f.MaxBytes}
	for _, field := range f.Fields {
		if field.file {
			t.Values = append(t.Values, field.Name)
		}
		if field.attach {
			t.Attached = append(t.Attached, field.Name)
		}
	}
	return t
}

func (f Form) hasFiles() bool {
	return slices.ContainsFunc(f.Fields, func(field Field) bool { return field.file || field.attach })
}

// encoding is how a browser sends the form; empty for the usual way, which has no files.
func (f Form) encoding() string {
	if f.hasFiles() {
		return "multipart/form-data"
	}
	return ""
}

// New gives the form to whoever makes the request, with nothing filled in; or as it was filled in, with what is wrong
// with it, where it came back to them. Names in the path stand for what
// the request's own path has for them, unless pairs of a name and a value say otherwise.
func (f Form) New(r *http.Request, pairs ...string) *Rendered {
	filled := &Rendered{
		Form: f, For: web.AuthorOf(r), values: url.Values{},
		action: fill(f.Path, r, pairs), page: fill(f.StandsOn(), r, pairs),
	}
	filled.restore(r)
	return filled
}

// Read gives the form as it was sent. Spaces around what was typed are gone, except of secrets.
func (f Form) Read(r *http.Request, pairs ...string) *Rendered {
	filled := f.New(r, pairs...)
	sent := r.URL.Query()
	if !f.Get {
		_ = parse(r) // what could not be read was not filled in
		sent = r.PostForm
	}
	for _, field := range f.Fields {
		if field.attach && len(web.FilesOf(r, field.Name)) > 0 {
			filled.files = append(filled.files, field.Name)
		}
		for _, value := range sent[field.Name] {
			if !field.secret && !field.file {
				value = strings.TrimSpace(value)
			}
			filled.values.Add(field.Name, value)
		}
	}
	return filled
}

// maxMemory is how much of a form of several parts is kept in memory: more than any body that the site reads.
const maxMemory = 1 << 20

// parse reads what was posted, unless that was done when its seal was looked at. Programs post either kind of form.
func parse(r *http.Request) error {
	if r.PostForm == nil && strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data;") {
		return r.ParseMultipartForm(maxMemory) //nolint:gosec // the site bounds the body
	}
	return r.ParseForm()
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

func fill(path string, r *http.Request, pairs []string) string {
	return placeholder.ReplaceAllStringFunc(path, func(found string) string {
		name := strings.Trim(found, "{}")
		value := r.PathValue(name)
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				value = pairs[i+1]
			}
		}
		return url.PathEscape(value)
	})
}

// Sent reports whether the form is sent to this path.
func (f Form) Sent(path string) bool {
	want := strings.Split(f.Path, "/")
	got := strings.Split(path, "/")
	return !f.Get && slices.EqualFunc(want, got, func(name, value string) bool {
		return name == value || placeholder.MatchString(name) && value != ""
	})
}

// Typed shows what was filled in, in the words that the form has for it.
func (f Form) Typed(sent url.Values) (rows []nhsuk.SummaryListRow) {
	for _, field := range f.Fields {
		if text := field.shownAll(sent[field.Name]); text != "" {
			rows = append(rows, nhsuk.SummaryListRow{Key: field.Label, Value: text})
		}
	}
	return rows
}

// Shown shows all that was filled in and can be shown, in the words that the form has for it, also what was left empty.
func (f Form) Shown(sent url.Values) (rows []nhsuk.SummaryListRow) {
	for _, field := range f.Fields {
		values, found := sent[field.Name]
		if !found || field.button || f.Hides(field.Name) {
			continue
		}
		rows = append(rows, nhsuk.SummaryListRow{Key: field.Label, Value: or(field.shownAll(values), "Left empty")})
	}
	return rows
}

// shownAll gives the values of a field as people read them, one after the other.
func (f Field) shownAll(values []string) string {
	var shown []string
	for _, value := range values {
		if text := f.shown(value); text != "" {
			shown = append(shown, text)
		}
	}
	return strings.Join(shown, ", ")
}

// Hides reports whether people are not shown what was filled in for a name: the form has no such field, or its value
// is a secret, filled in by the page or offered to each person anew.
func (f Form) Hides(name string) bool {
	field, found := f.field(name)
	return !found || field.secret || field.hidden || field.file || field.Choices != nil && len(field.Choices) == 0
}

// Offering is the form with what its page offered to choose from.
func (f Form) Offering(offers web.Offers) Form {
	f.Fields = slices.Clone(f.Fields)
	for i, field := range f.Fields {
		if words := offers[field.Name]; field.choice && len(words) > 0 {
			choices := maps.Clone(words)
			maps.Copy(choices, field.Choices)
			f.Fields[i].Choices = choices
		}
	}
	return f
}

// Pressed gives what the button said by which the form was sent.
func (f Form) Pressed(sent url.Values) string {
	for _, field := range f.Fields {
		if field.button && sent.Get(field.Name) != "" {
			return field.Label
		}
	}
	return f.Act
}

// Keeps reports whether what was filled in for a name may be kept while the form waits for its sender: it is one of the
// form's fields, and neither a password nor a code.
func (f Form) Keeps(name string) bool {
	field, found := f.field(name)
	return found && field.kept()
}

// Names lists the names of the fields.
func (f Form) Names() (names []string) {
	for _, field := range f.Fields {
		names = append(names, field.Name)
	}
	return names
}

// field finds a field by its name.
func (f Form) field(name string) (Field, bool) {
	at := slices.IndexFunc(f.Fields, func(field Field) bool { return field.Name == name })
	if at < 0 {
		return Field{}, false
	}
	return f.Fields[at], true
}
