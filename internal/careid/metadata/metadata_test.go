package metadata_test

import (
	"crypto/x509"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/careidtest/makertest"
	"signpost/internal/careid/metadata"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

var desk = actor.ForCommand("test")

// publisher is who signs metadata in these tests.
type publisher struct{ root, signer *makertest.Certificate }

func newPublisher(t *testing.T, change func(*x509.Certificate)) publisher {
	t.Helper()
	root := worldtest.Must(makertest.New("Publisher", nil, nil))(t)
	signer := worldtest.Must(makertest.New("Signer", root, change))(t)
	return publisher{root, signer}
}

func (p publisher) blob(t *testing.T, number int, entries ...map[string]any) string {
	t.Helper()
	return worldtest.Must(makertest.Blob(p.signer, p.root, number, "2026-12-31", entries...))(t)
}

func (p publisher) read(text string) (metadata.Blob, error) {
	return metadata.Read([]byte(text), []*x509.Certificate{p.root.Certificate}, careidtest.Nine)
}

func newModel(t *testing.T) makertest.Model {
	t.Helper()
	root := worldtest.Must(makertest.New("Root", nil, nil))(t)
	return worldtest.Must(makertest.NewModel("Key", root))(t)
}

// Metadata is believed as far as its signature leads to a root that is trusted, and no further.
func TestOnlyWhatIsSignedIsRead(t *testing.T) {
	p := newPublisher(t, nil)
	good := p.blob(t, 7, newModel(t).Entry(makertest.Status{Status: "FIDO_CERTIFIED_L2"}))
	b, err := p.read(good + "\n")
	if err != nil || b.Number != 7 || len(b.Models) != 1 || b.NextUpdate.Format(time.DateOnly) != "2026-12-31" {
		t.Fatalf("%+v, %v", b, err)
	}
	if _, err := newPublisher(t, nil).read(good); !errors.Is(err, fault.Invalid) {
		t.Errorf("under another root of the same name: %v", err)
	}
	roots := []*x509.Certificate{p.root.Certificate}
	if _, err := metadata.Read([]byte(good), roots, careidtest.Nine.AddDate(40, 0, 0)); !errors.Is(err, fault.Invalid) {
		t.Errorf("once its certificates have ended: %v", err)
	}
	head, rest, _ := strings.Cut(good, ".")
	body, signature, _ := strings.Cut(rest, ".")
	other := p.blob(t, 8, newModel(t).Entry())
	_, otherRest, _ := strings.Cut(other, ".")
	otherBody, _, _ := strings.Cut(otherRest, ".")
	ended := newPublisher(t, func(c *x509.Certificate) { c.NotAfter = careidtest.Nine.Add(-time.Hour) })
	for name, one := range map[string]struct {
		by   publisher
		text string
	}{
		"the body of another issue":      {p, head + "." + otherBody + "." + signature},
		"no signature":                   {p, head + "." + body + "."},
		"a certificate that has ended":   {ended, ended.blob(t, 7, newModel(t).Entry())},
		"no models":                      {p, p.blob(t, 7)},
		"nothing":                        {p, ""},
		"a page about an error":          {p, "<html>404</html>"},
		"signed without a certificate":   {p, "eyJhbGciOiJFUzI1NiJ9." + body + "." + signature},
		"signed with nothing (alg none)": {p, "eyJhbGciOiJub25lIn0." + body + "."},
	} {
		if _, err := one.by.read(one.text); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is in an issue that this program does not know is kept and changes nothing; an entry that cannot be read is
// named, and the others are taken.
func TestWhatIsNotKnownIsKept(t *testing.T) {
	p := newPublisher(t, nil)
	strange := newModel(t).Entry(makertest.Status{Status: "FIDO_CERTIFIED_L2"}, makertest.Status{Status: "PRAISED"})
	strange["somethingNew"] = map[string]any{"of": "next year"}
	broken := newModel(t).Entry()
	broken["timeOfLastStatusChange"] = "yesterday"
	older := map[string]any{"aaid": "4e4e#4005", "statusReports": []any{}, "timeOfLastStatusChange": "2020-01-01"}
	b, err := p.read(p.blob(t, 1, strange, broken, older))
	if err != nil || len(b.Models) != 1 || b.Other != 1 || len(b.Unread) != 1 {
		t.Fatalf("%+v, %v", b, err)
	}
	if m := b.Models[0]; m.Certified(careidtest.Nine) != 2 || len(m.Unknown()) != 1 || m.Unknown()[0] != "PRAISED" {
		t.Errorf("certified %d, unknown %v", m.Certified(careidtest.Nine), m.Unknown())
	}
	w := careidtest.Open(t, careidtest.Nine)
	save(t, w, b)
	if n := w.Count(`SELECT COUNT(*) FROM metadata_model WHERE entry LIKE '%somethingNew%next year%'`); n != 1 {
		t.Error("what is not known was not kept")
	}
}

func save(t *testing.T, w *careidtest.World, b metadata.Blob) metadata.Saved {
	t.Helper()
	return worldtest.Must(db.Write(t.Context(), w.DB, desk, func(dw *db.W) (metadata.Saved, error) {
		return metadata.Save(t.Context(), dw, b)
	}))(t)
}

// Models are called what their makers call them, or what phones and browsers are commonly called. Others have no name.
func TestNamesOfModels(t *testing.T) {
	w := careidtest.Open(t, careidtest.Nine)
	p := newPublisher(t, nil)
	stays, goes := newModel(t), newModel(t)
	const hello = "08987058-cadc-4b81-b6e1-30de50dcbe96"
	save(t, w, worldtest.Must(p.read(p.blob(t, 1, stays.Entry(), goes.Entry())))(t))
	save(t, w, worldtest.Must(p.read(p.blob(t, 2, stays.Entry())))(t))
	asked := []string{stays.Number(), goes.Number(), hello, newModel(t).Number(), ""}
	names := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) (map[string]string, error) {
		return metadata.Names(t.Context(), r, asked)
	}))(t)
	want := map[string]string{stays.Number(): "Key", hello: "Windows Hello"}
	if !maps.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
}

// An issue takes the place of the one before, says what is different, and no older one takes its place.
func TestIssuesFollowEachOther(t *testing.T) {
	w := careidtest.Open(t, careidtest.Nine)
	p := newPublisher(t, nil)
	stays, changes, goes, comes := newModel(t), newModel(t), newModel(t), newModel(t)
	read := func(number int, entries ...map[string]any) metadata.Blob {
		return worldtest.Must(p.read(p.blob(t, number, entries...)))(t)
	}
	first := read(5, stays.Entry(), changes.Entry(), goes.Entry())
	if got := save(t, w, first); got != (metadata.Saved{New: 3}) {
		t.Errorf("first: %+v", got)
	}
	if got := save(t, w, first); got != (metadata.Saved{}) {
		t.Errorf("the same again: %+v", got)
	}
	next := read(6, stays.Entry(), changes.Entry(makertest.Status{Status: "FIDO_CERTIFIED_L1"}), comes.Entry())
	if got := save(t, w, next); got != (metadata.Saved{New: 1, Changed: 1, Gone: 1}) {
		t.Errorf("next: %+v", got)
	}
	w.Must(w.DB.View(t.Context(), func(r db.R) error {
		if _, err := metadata.Of(t.Context(), r, goes.Number()); !errors.Is(err, fault.NotFound) {
			t.Errorf("a model that went: %v", err)
		}
		if m, err := metadata.Of(t.Context(), r, changes.Number()); err != nil || m.Certified(r.Now()) != 1 {
			t.Errorf("a model that changed: %v", err)
		}
		return nil
	}))
	err := w.DB.Update(t.Context(), desk, func(dw *db.W) error {
		_, err := metadata.Save(t.Context(), dw, first)
		return err
	})
	if !errors.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "number 6") {
		t.Errorf("an older issue: %v", err)
	}
}

// The issue that is kept says when the next one was to come.
func TestAnIssueIsOverdue(t *testing.T) {
	i := metadata.Issue{NextUpdate: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)}
	if i.Overdue(i.NextUpdate.Add(23*time.Hour)) || !i.Overdue(i.NextUpdate.Add(25*time.Hour)) {
		t.Error("overdue on the wrong day")
	}
}

// The root that is built in is the one of the FIDO Alliance's own signer.
func TestBuiltInRoot(t *testing.T) {
	root, err := metadata.Root()
	if err != nil || !strings.Contains(root.Subject.String(), "GlobalSign") {
		t.Errorf("%v, %v", root, err)
	}
}
