// Package words is the message catalogue of the sign-in service's pages: every word they show, in a
// file for each language. It knows the kinds of authenticator and the reasons of refusals by name, and
// no page.
//
// What slices below say of a failure is in the catalogue too, found by its English sentence: they do
// not know that there are languages.
package words

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/fault"
)

// Key names one text of the catalogue, such as "choose.title".
type Key string

// British is the language in which everything is written first, and which is spoken where no other is
// asked for.
const British = "en-GB"

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

// Catalogue is a set of languages, British English among them.
type Catalogue struct {
	languages []Language
	british   Language
}

// Language is the words of one language.
type Language struct {
	tag   string
	texts map[Key]string
	base  *base
}

// base is British English, where other languages look what they lack.
type base struct {
	texts     map[Key]string
	sentences map[string]Key // of what is said of failures
}

// Load reads languages, one from each file, which is named for its BCP 47 tag.
func Load(files fs.FS) (*Catalogue, error) {
	names, err := fs.Glob(files, "*.toml")
	if err != nil {
		return nil, fmt.Errorf("list languages: %w", err)
	}
	c := &Catalogue{}
	for _, name := range names {
		texts, err := read(files, name)
		if err != nil {
			return nil, fmt.Errorf("language file %s: %w", name, err)
		}
		c.languages = append(c.languages, Language{tag: strings.TrimSuffix(name, path.Ext(name)), texts: texts})
	}
	i := slices.IndexFunc(c.languages, func(l Language) bool { return l.tag == British })
	if i < 0 {
		return nil, fmt.Errorf("there is no language file for %s", British)
	}
	shared := &base{texts: c.languages[i].texts, sentences: sentences(c.languages[i].texts)}
	for n := range c.languages {
		c.languages[n].base = shared
	}
	c.british = c.languages[i]
	return c, nil
}

func read(files fs.FS, name string) (map[Key]string, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := toml.Unmarshal(text, &tree); err != nil {
		return nil, err
	}
	texts := map[Key]string{}
	return texts, flatten(texts, "", tree)
}

func flatten(texts map[Key]string, prefix string, tree map[string]any) error {
	for name, v := range tree {
		switch v := v.(type) {
		case string:
			texts[Key(prefix+name)] = v
		case map[string]any:
			if err := flatten(texts, prefix+name+".", v); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s%s is not a text", prefix, name)
		}
	}
	return nil
}

// sentences finds what is said of failures by its words. Where two keys say the same, one is as good.
func sentences(texts map[Key]string) map[string]Key {
	found := map[string]Key{}
	for key, text := range texts {
		if strings.HasPrefix(string(key), "fault.") || strings.HasPrefix(string(key), "failure.") {
			if had, is := found[text]; !is || key < had {
				found[text] = key
			}
		}
	}
	return found
}

// Match gives the first language of those asked for that there is, or British English. A tag matches
// without regard to case; a plain language matches one of its regions, and a region its language.
func (c *Catalogue) Match(tags ...string) Language {
	for _, tag := range tags {
		for _, l := range c.languages {
			if strings.EqualFold(l.tag, tag) {
				return l
			}
		}
		for _, l := range c.languages {
			if strings.EqualFold(primary(l.tag), primary(tag)) {
				return l
			}
		}
	}
	return c.british
}

func primary(tag string) string {
	tag, _, _ = strings.Cut(tag, "-")
	return tag
}

// Tag is the language's BCP 47 tag, as html's lang attribute takes it.
func (l Language) Tag() string { return l.tag }

// Keys lists the keys of the language's own texts, sorted.
func (l Language) Keys() []Key {
	var keys []Key
	for k := range l.texts {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Say gives a text, with what stands for each of its placeholders: a name and a value, and so on. What a
// language lacks is said in British English.
func (l Language) Say(key Key, pairs ...string) string {
	text, found := l.texts[key]
	if !found {
		text = l.base.texts[key]
	}
	if len(pairs) == 0 {
		return text
	}
	var with []string
	for i := 0; i+1 < len(pairs); i += 2 {
		with = append(with, "{"+pairs[i]+"}", pairs[i+1])
	}
	return strings.NewReplacer(with...).Replace(text)
}

// Has reports whether there is such a text.
func (l Language) Has(key Key) bool { return l.base.texts[key] != "" }

// Text is what a page says of something: its title, what happened or is asked, and what to do.
type Text struct{ Title, Says, Cure string }

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
func (l Language) HowTo(k authn.Kind) Text { return l.text("kind." + string(k)) }

// Ready says what to have ready before a kind of authenticator is registered.
func (l Language) Ready(k authn.Kind) string { return l.Say(ofKind(k, "ready")) }

func ofKind(k authn.Kind, what string) Key { return Key("kind." + string(k) + "." + what) }

// Refusal says why a sign-in cannot go on.
func (l Language) Refusal(why provider.Reason) Text { return l.text("refusal." + string(why)) }

func (l Language) text(prefix string) Text {
	return Text{Title: l.Say(Key(prefix + ".title")), Says: l.Say(Key(prefix + ".says")), Cure: l.Say(Key(prefix + ".cure"))}
}

// Fault makes a failure that is said in the words of the catalogue under "fault.".
func Fault(code fault.Code, name string) error { return FieldFault(code, "", name) }

// FieldFault is Fault for one field of a form.
func FieldFault(code fault.Code, field, name string) error {
	t := shipped.british.text("fault." + name)
	return &fault.Fault{Code: code, Field: field, Says: t.Says, Cure: t.Cure}
}

// Sentence gives an English sentence about a failure in this language, or as it is where the catalogue
// does not have it.
func (l Language) Sentence(english string) string {
	if key, found := l.base.sentences[english]; found {
		return l.Say(key)
	}
	return english
}

// Failure gives what English says of a failure in this language. One that has a title of its own in the
// catalogue gets that in place of the general one.
func (l Language) Failure(english Text) Text {
	t := Text{Title: l.Sentence(english.Title), Says: l.Sentence(english.Says), Cure: l.Sentence(english.Cure)}
	name, isSays := strings.CutSuffix(string(l.base.sentences[english.Says]), ".says")
	if own := Key(name + ".title"); isSays && l.Has(own) {
		t.Title = l.Say(own)
	}
	return t
}
