package form

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"signpost/internal/platform/web/nhsuk"
)

// Field is one thing that a form asks. It is made of the component of NHS.UK that asks it, which has its
// name, its label and its hint; what was filled in and what is wrong with it come when it is rendered.
type Field struct {
	Name    string
	Label   string            // as the page has it, without "(optional)"
	Choices map[string]string // what each value that can be chosen is called; nil where people type
	missing string            // what is said where it is left empty; empty where it may be
	secret  bool              // never shown again
	once    bool              // a code, which is worth nothing once it was sent
	hidden  bool              // the page fills it in
	choice  bool              // it sends nothing where nothing is chosen
	button  bool              // it sends nothing unless it is pressed
	file    bool              // what is sent is what a file has in it
	attach  bool              // what is sent are files, which web.FilesOf gives
	draw    func(c content) templ.Component
}

// content holds what a field is rendered with.
type content struct {
	values  []string
	items   []nhsuk.RadioItem // of which to choose, where the form itself has none
	text    string            // what is wrong
	invalid bool              // something is wrong, which may be said elsewhere
	words   Words
}

// offers reports whether a value is among those of which to choose.
func (c content) offers(value string) bool {
	return slices.ContainsFunc(c.items, func(item nhsuk.RadioItem) bool { return item.Value == value })
}

func (c content) value() string {
	if len(c.values) == 0 {
		return ""
	}
	return c.values[0]
}

// Required is the field where it must be filled in, and what is said where it is not.
func (f Field) Required(missing string) Field {
	f.missing = missing
	return f
}

// shown is a value in words. One of those that are offered to each person anew, such as their sessions, has
// none.
func (f Field) shown(value string) string {
	switch {
	case f.secret, f.hidden, f.file, f.attach, value == "":
		return ""
	case f.Choices == nil:
		return value
	case len(f.Choices) == 0:
		return ""
	}
	return or(f.Choices[value], value)
}

// askedPrefix begins the name of the hidden input that goes with a choice, as browsers send nothing where nothing is
// chosen.
const askedPrefix = "asked-"

// sends gives a name that arrives with the field whatever was filled in; none for a button.
func (f Field) sends() string {
	switch {
	case f.button:
		return ""
	case f.choice:
		return askedPrefix + f.Name
	}
	return f.Name
}

func plain(label string) string { return strings.TrimSuffix(label, " (optional)") }

// Input asks for one line.
func Input(p nhsuk.InputParams) Field {
	once := p.Code || p.Autocomplete == "one-time-code"
	return Field{Name: p.Name, Label: plain(p.Label.Text), once: once, draw: func(c content) templ.Component {
		filled := p
		filled.Value = c.value()
		filled.ErrorMessage = c.text
		filled.Invalid = c.invalid
		filled.ErrorPrefix = c.words.Error
		return nhsuk.Input(filled)
	}}
}

// SentWhole gives the attributes of an Input for a code of so many letters or digits: a script sends the form by itself
// once the code is there whole, and adds to the hint that it does.
func SentWhole(length int, says string) templ.Attributes {
	return templ.Attributes{"data-sent-whole": strconv.Itoa(length), "data-sent-says": says}
}

// Password asks for a password, which is never shown again.
func Password(p nhsuk.PasswordInputParams) Field {
	return Field{Name: p.Name, Label: plain(p.Label.Text), secret: true, draw: func(c content) templ.Component {
		filled := p
		filled.ErrorMessage = c.text
		filled.Invalid = c.invalid
		filled.ErrorPrefix = c.words.Error
		return nhsuk.PasswordInput(filled)
	}}
}

// Textarea asks for several lines.
func Textarea(p nhsuk.TextareaParams) Field {
	return Field{Name: p.Name, Label: plain(p.Label.Text), draw: func(c content) templ.Component {
		filled := p
		filled.Value = c.value()
		filled.ErrorMessage = c.text
		return nhsuk.Textarea(filled)
	}}
}

// File asks for a file. Its value is what the file has in it, byte for byte: one of the size of a page at most.
func File(p nhsuk.InputParams) Field {
	return Field{Name: p.Name, Label: plain(p.Label.Text), file: true, draw: func(c content) templ.Component {
		filled := p
		filled.Type = "file"
		filled.ErrorMessage = c.text
		filled.Invalid = c.invalid
		filled.ErrorPrefix = c.words.Error
		return nhsuk.Input(filled)
	}}
}

// Files asks for several files, of which the form says how large they may be. They are read with web.FilesOf.
func Files(p nhsuk.InputParams) Field {
	attributes := templ.Attributes{"multiple": true}
	maps.Copy(attributes, p.Attributes)
	p.Attributes = attributes
	f := File(p)
	f.file = false
	f.attach = true
	return f
}

// Select asks for one of a list. Where not all of it can be chosen by everybody, the form offers what can when it is
// rendered; what was chosen before stays.
func Select(p nhsuk.SelectParams) Field {
	f := Field{Name: p.Name, Label: plain(p.Label.Text), Choices: map[string]string{}}
	for _, item := range p.Items {
		f.Choices[item.Value] = item.Text
	}
	f.draw = func(c content) templ.Component {
		filled := p
		filled.Value = c.value()
		if c.items != nil {
			filled.Items = slices.DeleteFunc(slices.Clone(p.Items), func(item nhsuk.SelectItem) bool {
				return item.Value != "" && item.Value != filled.Value && !c.offers(item.Value)
			})
		}
		filled.ErrorMessage = c.text
		return nhsuk.Select(filled)
	}
	return f
}

// Radios asks for one of a few. The one that is chosen at first is the one in p. Where what can be chosen is
// not the same for everybody, the form offers it when it is rendered.
func Radios(p nhsuk.RadiosParams) Field {
	f := Field{Name: p.Name, Label: plain(p.Fieldset.Legend.Text), Choices: map[string]string{}, choice: true}
	for _, item := range p.Items {
		f.Choices[item.Value] = item.Text
	}
	f.draw = func(c content) templ.Component {
		filled := p
		if c.values != nil {
			filled.Value = c.value()
		}
		if c.items != nil {
			filled.Items = c.items
		}
		filled.ErrorMessage = c.text
		filled.ErrorPrefix = c.words.Error
		return nhsuk.Radios(filled)
	}
	return f
}

// Checkboxes asks which of a few. One that stands alone, without a legend, asks whether. More that can be chosen than
// stand in p, the form offers when it is rendered.
func Checkboxes(p nhsuk.CheckboxesParams) Field {
	f := Field{Name: p.Name, Label: plain(p.Fieldset.Legend.Text), Choices: map[string]string{}, choice: true}
	for _, item := range p.Items {
		f.Choices[item.Value] = item.Text
	}
	if f.Label == "" && len(p.Items) == 1 {
		f.Label = p.Items[0].Text
		f.Choices[p.Items[0].Value] = "Yes"
	}
	f.draw = func(c content) templ.Component {
		filled := p
		filled.Values = c.values
		for _, item := range c.items {
			filled.Items = append(filled.Items, nhsuk.CheckboxItem{
				Value: item.Value, Text: item.Text, HTML: item.HTML, Hint: item.Hint,
			})
		}
		filled.ErrorMessage = c.text
		return nhsuk.Checkboxes(filled)
	}
	return f
}

// Button is a button that sends a value of its own, beside the one that sends the form.
func Button(p nhsuk.ButtonParams) Field {
	pressed := map[string]string{p.Value: "Yes"}
	draw := func(content) templ.Component { return nhsuk.Button(p) }
	return Field{Name: p.Name, Label: p.Text, Choices: pressed, button: true, draw: draw}
}

// Hidden makes a field that the page fills in, and as often as it does; once, and empty, where it does not.
func Hidden(name string) Field {
	return Field{Name: name, hidden: true, draw: func(c content) templ.Component { return hidden(name, c.values) }}
}
