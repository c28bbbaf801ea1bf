package double_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"signpost/internal/platform/worldtest"
)

func text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	worldtest.Check(t, err)
	return string(b)
}

// docs/double.md shows the file and the programs that the tests run, and leaves out no control and no fault.
func TestDocs(t *testing.T) {
	doc := text(t, "../../docs/double.md")
	if !strings.Contains(doc, text(t, "file/example.toml")) {
		t.Error("the file that is shown is not file/example.toml")
	}
	for fence, sources := range map[string]string{
		"go": text(t, "supplier_test.go"), "js": text(t, "../../e2e/double/service.mjs") + text(t, "../../e2e/double/double.test.mjs"),
	} {
		shown := regexp.MustCompile("(?s)```" + fence + "\n(.*?)```").FindStringSubmatch(doc)
		if shown == nil {
			t.Errorf("no %s is shown", fence)
			continue
		}
		for line := range strings.SplitSeq(shown[1], "\n") {
			if !strings.Contains(sources, strings.TrimSpace(line)) {
				t.Errorf("%s: the tests do not run %q", fence, line)
			}
		}
	}
	names := regexp.MustCompile(`"(?:GET|POST) ([a-z/-]+)":`).FindAllStringSubmatch(text(t, "control.go"), -1)
	faults := regexp.MustCompile(`(?m)^	\w+ += "([a-z0-9-]+)" +//`).FindAllStringSubmatch(text(t, "faults.go"), -1)
	if len(names) < 15 || len(faults) != 9 {
		t.Fatalf("%d controls and %d faults found: the check would prove nothing", len(names), len(faults))
	}
	for _, n := range names {
		if !strings.Contains(doc, "`/double/"+n[1]+"`") {
			t.Errorf("the control %s is not told of", n[1])
		}
	}
	for _, f := range faults {
		if !strings.Contains(doc, "| `"+f[1]+"` |") {
			t.Errorf("the fault %s is not told of", f[1])
		}
	}
}

// It tells of every setting of the file.
func TestDocsTellEverySetting(t *testing.T) {
	doc := text(t, "../../docs/double.md")
	types := text(t, "file/file.go") + text(t, "../careid/population/population.go")
	settings := regexp.MustCompile(`toml:"(\w+)"`).FindAllStringSubmatch(types, -1)
	ofClients := text(t, "../careid/provider/client/client.go")
	settings = append(settings, regexp.MustCompile(`json:"(\w+)[,"]`).FindAllStringSubmatch(ofClients, -1)...)
	if len(settings) < 50 {
		t.Fatalf("%d settings found: the check would prove nothing", len(settings))
	}
	for _, s := range settings {
		if !regexp.MustCompile(`\b` + s[1] + `\b`).MatchString(doc) {
			t.Errorf("the setting %s is not told of", s[1])
		}
	}
}
