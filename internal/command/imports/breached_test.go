package imports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/platform/password/breached"
)

// A list of breached passwords is read dry at first, and made where the settings say.
func TestImportBreached(t *testing.T) {
	data := t.TempDir()
	elsewhere := filepath.Join(t.TempDir(), "list")
	settings := commandtest.Write(t, "signpost.toml", "[passwords]\nbreached = \""+elsewhere+"\"\n")
	text := "zanzibar77\nliverpool1\nliverpool1\nshort\n" + strings.Repeat("A1", 20) + ":3\n"
	good := commandtest.Write(t, "list.txt", text)
	usual := filepath.Join(data, "breached-passwords")
	for _, step := range []struct {
		contains string
		code     int
		lists    string // there afterwards
		args     []string
	}{
		{"cannot be opened", cli.ExitFailed, "", []string{"none.txt"}},
		{"There is no password in this file", cli.ExitFailed, "", []string{commandtest.Write(t, "short.txt", "short\n")}},
		{"There is no password in this file", cli.ExitFailed, "",
			[]string{commandtest.Write(t, "short.txt", "short\n"), "--apply"}},
		{"3 passwords and 1 digests", 0, "", []string{good}},
		{"Left out: 1 that are shorter than the 8", 0, "", []string{good}},
		{"Nothing was written. To write it: signpost import breached", 0, "", []string{good}},
		{"with 3 passwords, each once", 0, usual, []string{good, "--apply"}},
		{`"listed":3`, 0, elsewhere, []string{good, "--apply", "--json", "--config", settings}},
	} {
		out, errs, code := run(t, append([]string{"import", "breached", "--data", data}, step.args...)...)
		if code != step.code || !strings.Contains(out+errs, step.contains) {
			t.Errorf("%v: exit %d, %s%s", step.args, code, out, errs)
		}
		if _, err := os.Stat(usual); step.lists == "" && err == nil {
			t.Errorf("%v wrote a list", step.args)
		}
		if step.lists == "" {
			continue
		}
		if listed, err := breached.At(step.lists).Has("zanzibar77"); err != nil || !listed {
			t.Errorf("%v: on the list: %v, %v", step.args, listed, err)
		}
	}
}
