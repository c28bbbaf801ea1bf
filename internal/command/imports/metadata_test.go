package imports_test

import (
	"encoding/pem"
	"strings"
	"testing"

	"signpost/internal/app"
	"signpost/internal/careid/careidtest/makertest"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/platform/worldtest"
)

// Metadata is read dry at first, under the root that was named, and what cannot be read of it is named.
func TestImportMetadata(t *testing.T) {
	data := t.TempDir()
	d, err := cli.System{Data: data}.Open(t.Context(), app.CareID)
	if err != nil {
		t.Fatal(err)
	}
	if err := cli.CloseIfOpen(d); err != nil {
		t.Fatal(err)
	}
	root := worldtest.Must(makertest.New("Publisher", nil, nil))(t)
	signer := worldtest.Must(makertest.New("Signer", root, nil))(t)
	model := worldtest.Must(makertest.NewModel("Key", root))(t)
	strange := model.Entry(makertest.Status{Status: "PRAISED"})
	broken := model.Entry()
	broken["timeOfLastStatusChange"] = "soon"
	write := func(number int, entries ...map[string]any) string {
		blob := worldtest.Must(makertest.Blob(signer, root, number, "2090-01-31", entries...))(t)
		return commandtest.Write(t, "blob.jwt", blob)
	}
	named := commandtest.Write(t, "root.pem",
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw})))
	good := write(7, strange)
	for _, step := range []struct {
		contains string
		code     int
		args     []string
	}{
		{"no metadata that the FIDO Alliance signed", cli.ExitFailed, []string{good}},
		{"is no certificate in PEM", cli.ExitFailed, []string{good, "--root", good}},
		{"FIDO metadata number 7: 1 models; the next issue is due on 31 January 2090", 0, []string{good, "--root", named}},
		{"does not know, which changes nothing: PRAISED", 0, []string{good, "--root", named}},
		{"Nothing was written. To write it: signpost import metadata", 0, []string{good, "--root", named}},
		{"Saved: 1 new models, 0 changed, 0 gone", 0, []string{good, "--root", named, "--apply"}},
		{"Cannot be read, so the model proves nothing: " + model.Number(), cli.ExitRefused,
			[]string{write(8, strange, broken), "--root", named}},
		{`"number":8`, cli.ExitRefused, []string{write(8, strange, broken), "--root", named, "--apply", "--json"}},
		{"A newer issue is here already: number 8", cli.ExitFailed, []string{good, "--root", named}},
		{"A newer issue is here already: number 8", cli.ExitFailed, []string{good, "--root", named, "--apply"}},
	} {
		out, errs, code := run(t, append([]string{"import", "metadata", "--data", data}, step.args...)...)
		if code != step.code || !strings.Contains(out+errs, step.contains) {
			t.Errorf("%v: exit %d, %s%s", step.args[1:], code, out, errs)
		}
	}
	out, errs, code := run(t, "import", "metadata", good, "--root", named, "--data", t.TempDir())
	if code != cli.ExitFailed || !strings.Contains(out+errs, "no Care Identities here yet") {
		t.Errorf("without a care identity side: exit %d, %s%s", code, out, errs)
	}
}
