package house_test

import (
	"go/constant"
	"slices"
	"strings"
	"testing"

	"signpost/internal/dos/site/mine"
	"signpost/internal/platform/audit"
)

// Whoever looks at what was done in their name reads words, whatever the directory side recorded.
func TestMyActivityHasWordsForEveryKindOfEvent(t *testing.T) {
	count := 0
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.ImportPath, ours+"internal/dos/") || forTests(p.ImportPath) ||
			!slices.Contains(p.Imports, auditPath) {
			continue
		}
		files, found := withTypes(t, p)
		for _, file := range files {
			for _, text := range kindConstants(file, found) {
				count++
				kind := audit.Kind(constant.StringVal(found.Types[text].Value))
				if !mine.Words(kind) {
					t.Errorf("%s: internal/dos/site/mine/words.go has no words for events of the kind %q", p.ImportPath, kind)
				}
			}
		}
	}
	if count < 40 {
		t.Errorf("only %d kinds of events found: the check would prove nothing", count)
	}
}
