// Package words holds every text that the sign-in service's pages and mails show, in a file for each language. It knows
// the kinds of authenticator and the reasons of refusals by name, and no page.
//
// It also holds the texts of failures, which it finds by the fault's key: the packages that fail do not know that there
// are languages.
package words

import (
	"embed"
	"io/fs"
	"strings"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/words"
)

// Key names one text of the catalogue.
type Key = words.Key

// Text is a title, what happened or what is asked, and what to do.
type Text = words.Text

// British is the language of those who ask for no other.
const British = words.British

//go:embed *.toml
var files embed.FS

var shipped = mustLoad(files)

// Shipped gives the languages that the program comes with.
func Shipped() *Catalogue { return shipped }

func mustLoad(files fs.FS) *Catalogue {
	c, err := Load(files)
	if err != nil {
		panic(err) // the files are compiled in, and tests read them
	}
	return c
}

// Catalogue is a set of languages in which the sign-in service speaks.
type Catalogue struct{ texts *words.Catalogue }

// Load reads languages, one from each file, which is named for its BCP 47 tag.
func Load(files fs.FS) (*Catalogue, error) {
	texts, err := words.Load(files)
	if err != nil {
		return nil, err
	}
	return &Catalogue{texts: texts}, nil
}

// Match gives the first of some languages that the catalogue has, or British English.
func (c *Catalogue) Match(tags ...string) Language { return Language{c.texts.Match(tags...)} }

// Language holds the texts of one language, and its names for kinds of authenticator and reasons of refusal.
type Language struct{ words.Language }

// Label names a kind of authenticator.
func (l Language) Label(k authn.Kind) string { return l.Say(ofKind(k, "label")) }

// Named gives the name that somebody gave an authenticator, and its kind, unless the name is that of the kind.
func (l Language) Named(name string, k authn.Kind) string {
	if name == "" || name == k.Label() {
		return l.Label(k)
	}
	return name + " (" + l.Label(k) + ")"
}

// Labels names several kinds, with commas between.
func (l Language) Labels(kinds []authn.Kind) string {
	var labels []string
	for _, k := range kinds {
		labels = append(labels, l.Label(k))
	}
	return strings.Join(labels, ", ")
}

// Hint says in a few words what a kind of authenticator is.
func (l Language) Hint(k authn.Kind) string { return l.Say(ofKind(k, "hint")) }

// HowTo says how people use a kind of authenticator that the browser asks for.
func (l Language) HowTo(k authn.Kind) Text { return l.Text(Key("kind." + k)) }

// Help says how people use a kind of authenticator, and what they do when theirs is lost, a step on each line.
func (l Language) Help(k authn.Kind) (use, lost string) {
	return l.Say(Key("help." + k + ".use")), l.Say(Key("help." + k + ".lost"))
}

// Ready says what people should have ready before they register a kind of authenticator.
func (l Language) Ready(k authn.Kind) string { return l.Say(ofKind(k, "ready")) }

// Notice gives the subject and the text of the mail about a change to an authenticator.
func (l Language) Notice(c authenticator.Change, name string, k authn.Kind) (subject, text string) {
	return l.Say(Key("notice." + c + ".subject")), l.Say(Key("notice."+c+".text"), "authenticator", l.Named(name, k))
}

// Lower says why an authenticator has a lower level than its kind can have.
func (l Language) Lower(level authn.Level, why authn.Why) string {
	return l.Say(Key("lower."+why), "level", level.String())
}

func ofKind(k authn.Kind, what string) Key { return Key("kind." + string(k) + "." + what) }

// Refusal says why a sign-in cannot go on.
func (l Language) Refusal(reason provider.Reason) Text { return l.Text(Key("refusal." + reason)) }

// Fault makes a failure with the text that the catalogue has for its key.
func Fault(code fault.Code, key string) error { return FieldFault(code, "", key) }

// FieldFault is Fault for one field of a form.
func FieldFault(code fault.Code, field, key string) error {
	t := shipped.Match(British).Text(Key("fault." + key))
	return &fault.Fault{Code: code, Field: field, Message: t.Message, Cure: t.Cure, Key: key}
}
