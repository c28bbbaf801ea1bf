// Package words has every word that the sign-in service's pages show, in a file for each language. It
// knows the kinds of authenticator and the reasons of refusals by name, and no page.
//
// The words of failures are here too, found by the key of the fault: slices below do not know that there
// are languages.
package words

import (
	"embed"
	"io/fs"
	"strings"

	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/words"
)

// Key names one text of the catalogue.
type Key = words.Key

// Text is what a page says of something: its title, what happened or is asked, and what to do.
type Text = words.Text

// British is the language that is spoken where no other is asked for.
const British = words.British

//go:embed *.toml
var files embed.FS

var shipped = mustLoad(files)

// Shipped are the languages that the program comes with.
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

// Match gives the first language of those asked for that there is, or British English.
func (c *Catalogue) Match(tags ...string) Language { return Language{c.texts.Match(tags...)} }

// Language is the words of one language, and what it calls authenticators and refusals.
type Language struct{ words.Language }

// Label names a kind of authenticator.
func (l Language) Label(k authn.Kind) string { return l.Say(ofKind(k, "label")) }

// Labels names several, with commas between.
func (l Language) Labels(kinds []authn.Kind) string {
	var labels []string
	for _, k := range kinds {
		labels = append(labels, l.Label(k))
	}
	return strings.Join(labels, ", ")
}

// Hint says in a few words what a kind of authenticator is.
func (l Language) Hint(k authn.Kind) string { return l.Say(ofKind(k, "hint")) }

// HowTo says how a kind of authenticator that the browser asks for is used.
func (l Language) HowTo(k authn.Kind) Text { return l.Text(Key("kind." + k)) }

// Ready says what to have ready before a kind of authenticator is registered.
func (l Language) Ready(k authn.Kind) string { return l.Say(ofKind(k, "ready")) }

func ofKind(k authn.Kind, what string) Key { return Key("kind." + string(k) + "." + what) }

// Refusal says why a sign-in cannot go on.
func (l Language) Refusal(why provider.Reason) Text { return l.Text(Key("refusal." + why)) }

// Fault makes a failure that is said in the words of the catalogue under "fault.".
func Fault(code fault.Code, key string) error { return FieldFault(code, "", key) }

// FieldFault is Fault for one field of a form.
func FieldFault(code fault.Code, field, key string) error {
	t := shipped.Match(British).Text(Key("fault." + key))
	return &fault.Fault{Code: code, Field: field, Says: t.Says, Cure: t.Cure, Key: key}
}
