package cli

import (
	"bytes"
	"strings"
	"testing"
)

func TestProgressOnATerminalIsOneLineForEachStep(t *testing.T) {
	var out bytes.Buffer
	p := &Progress{out: &out, terminal: true}
	for done := range 5 {
		p.Say("read", done*1000, 0)
	}
	p.Say("written", 1, 4)
	p.Done()
	p.Done()
	if got := out.String(); strings.Count(got, "\n") != 2 ||
		!strings.HasSuffix(got, "\r4000 rows read\n\r1 of 4 written (25%)\n") {
		t.Errorf("%q", got)
	}
}
