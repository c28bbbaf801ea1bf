package words_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/words"
)

// load makes a catalogue of files, each given by its language and its text.
func load(t *testing.T, texts map[string]string) *words.Catalogue {
	t.Helper()
	files := fstest.MapFS{}
	for tag, text := range texts {
		files[tag+".toml"] = &fstest.MapFile{Data: []byte(text)}
	}
	c, err := words.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMatch(t *testing.T) {
	c := load(t, map[string]string{"en-GB": "", "cy": "", "pl-PL": ""})
	for asked, want := range map[string]string{
		"": "en-GB", "cy": "cy", "CY": "cy", "cy-GB": "cy", "pl": "pl-PL", "fr cy en": "cy", "en cy": "en-GB", "fr": "en-GB", "en-US": "en-GB", "../cy": "en-GB",
	} {
		if got := c.Match(strings.Fields(asked)...).Tag(); got != want {
			t.Errorf("%q gives %s, want %s", asked, got, want)
		}
	}
}

func TestSay(t *testing.T) {
	welsh := load(t, map[string]string{
		"en-GB": "[a]\nb = \"To {service}, {name}\"\nc = \"English\"\n",
		"cy":    "[a]\nb = \"{name}: i {service}\"\n",
	}).Match("cy")
	if got := welsh.Say("a.b", "service", "{name}", "name", "Ada"); got != "Ada: i {name}" {
		t.Errorf("got %q", got)
	}
	if got := welsh.Say("a.c"); got != "English" {
		t.Errorf("a text that is not translated: %q", got)
	}
}

func TestLoadRefusesWhatIsNoCatalogue(t *testing.T) {
	for name, broken := range map[string]string{"no text": "a = 1", "twice": "a = \"x\"\na = \"y\"", "no TOML": "a"} {
		if _, err := words.Load(fstest.MapFS{"en-GB.toml": &fstest.MapFile{Data: []byte(broken)}}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := words.Load(os.DirFS(t.TempDir())); err == nil {
		t.Error("taken without British English")
	}
}

func TestFailure(t *testing.T) {
	welsh := load(t, map[string]string{
		"en-GB": `
failure.expired.title = "This has expired"
failure.expired.says = "It took too long."
failure.unexpected.title = "Sorry"
fault.long.says = "At most {max}"
fault.over.title = "It is over"
fault.over.says = "It was finished already."
fault.over.cure = "Start again."
`, "cy": `
failure.expired.title = "WEDI DOD I BEN"
fault.long.says = "DIM MWY NA {max}"
fault.over.says = "WEDI GORFFEN"
`}).Match("cy")
	for _, tt := range []struct {
		name string
		err  error
		want words.Text
	}{
		{"a bare code", fault.Expired, words.Text{Title: "WEDI DOD I BEN", Message: "It took too long."}},
		{"words without a key", fault.SayCure(fault.Expired, "Old.", "Ask."), words.Text{Title: "WEDI DOD I BEN", Message: "Old.", Cure: "Ask."}},
		{"a key that is not there", fault.Keyed("none", fault.Say(fault.Expired, "Old.")), words.Text{Title: "WEDI DOD I BEN", Message: "Old."}},
		{"a key", fault.Keyed("over", fault.Say(fault.Expired, "Over.")), words.Text{Title: "It is over", Message: "WEDI GORFFEN", Cure: "Start again."}},
		{"a value", fault.Keyed("long", fault.Say(fault.Expired, "At most 5"), "max", "5"), words.Text{Title: "WEDI DOD I BEN", Message: "DIM MWY NA 5"}},
		{"nobody foresaw it", os.ErrClosed, words.Text{Title: "Sorry"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, _ := fault.From(tt.err)
			if got := welsh.Failure(f); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}
