// Package words is a catalogue of texts in several languages: it reads them from a file for each language,
// finds the language that somebody asks for, and says a text by its key. What a language lacks is said in
// British English. It knows no page and neither side.
package words

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"signpost/internal/platform/fault"
)

// Key names one text of the catalogue, such as "choose.title".
type Key string

// British is the language in which everything is written first, and which is spoken where no other is
// asked for.
const British = "en-GB"

// Catalogue is a set of languages, British English among them.
type Catalogue struct {
	languages []Language
	british   Language
}

// Language is the words of one language.
type Language struct {
	tag     string
	texts   map[Key]string
	british map[Key]string // where other languages look for what they lack
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
	for n := range c.languages {
		c.languages[n].british = c.languages[i].texts
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
		text = l.british[key]
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
func (l Language) Has(key Key) bool { return l.british[key] != "" }

// Text says something on a page: its title, what happened or is asked, and what to do.
type Text struct{ Title, Message, Cure string }

// Text gives the title, what happened and what to do that stand under one prefix.
func (l Language) Text(prefix Key, pairs ...string) Text {
	return Text{
		Title:   l.Say(prefix+".title", pairs...),
		Message: l.Say(prefix+".says", pairs...),
		Cure:    l.Say(prefix+".cure", pairs...),
	}
}

// Fault says what a fault says of itself: in this language if it has a key that the catalogue knows,
// otherwise in its own English. Its title is empty unless the catalogue has one for it.
func (l Language) Fault(f *fault.Fault) Text {
	prefix := Key("fault." + f.Key)
	if f.Key == "" || !l.Has(prefix+".says") {
		return Text{Message: f.Message, Cure: f.Cure}
	}
	return l.Text(prefix, f.Values...)
}

// Failure says what a whole page says of a failure: the fault's own words, and those for its kind where it
// has none. No fault is a failure that nobody foresaw.
func (l Language) Failure(f *fault.Fault) Text {
	if f == nil {
		return l.Text("failure.unexpected")
	}
	general := l.Text(Key("failure." + f.Code))
	own := l.Fault(f)
	if own.Message == "" {
		return general
	}
	if own.Title == "" {
		own.Title = general.Title
	}
	return own
}
