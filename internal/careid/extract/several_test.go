package extract_test

import (
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/identity"
	wire "signpost/internal/national/extract"
)

// mailed gives the texts of the mails of a kind to an address.
func (w *world) mailed(kind, to string) (texts []string) {
	w.Helper()
	w.Settle()
	for _, m := range w.Mails.To(to) {
		if m.Kind == kind {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// L12: where two Care Identities have the address that a directory asks about, it learns of neither, and their holders
// and the registration authority are told, once in four weeks.
func TestSeveralWithOneAddressAreToldOfIt(t *testing.T) {
	const ada = "ada@example.nhs.uk"
	const authority = "ra@ztr.example"
	w := open(t)
	w.person("bo@example.nhs.uk", nil)
	first := w.person(ada, nil)
	w.ask(ref(wire.Question{Email: ada}), wire.Question{Ref: "2", Email: "bo@example.nhs.uk"})
	if got := w.mailed("identity.same-address", ada); len(got) != 0 {
		t.Fatalf("one Care Identity has the address, and its holder is told %q", got)
	}
	second := w.person(ada, func(n *identity.New) { n.GivenName = "Leila" })
	for range 3 {
		got := w.ask(ref(wire.Question{Email: ada}), wire.Question{Ref: "2", Email: ada})
		if got[0].Found != wire.Several || got[0].State != "" || got[0].Compared != nil {
			t.Errorf("the directory learns %+v", got[0])
		}
		if a := got[0].Authority; a == nil || a.Code != "ZTR" || a.Contact != authority {
			t.Errorf("whom to ask which one to keep is said as %+v", a)
		}
	}
	told := w.mailed("identity.same-address-authority", authority)
	if len(told) != 1 || !strings.Contains(told[0], first) || !strings.Contains(told[0], second) ||
		!strings.Contains(told[0], "Leila Example") {
		t.Errorf("the registration authority is told %q", told)
	}
	if got := w.mailed("identity.same-address", ada); len(got) != 1 || strings.Contains(got[0], "Leila") {
		t.Errorf("the holders are told %q", got)
	}
	w.Clock.Advance(27 * 24 * time.Hour)
	w.ask(ref(wire.Question{Email: ada}))
	if got := w.mailed("identity.same-address", ada); len(got) != 1 {
		t.Errorf("told %d times in four weeks", len(got))
	}
	w.Clock.Advance(2 * 24 * time.Hour)
	w.ask(ref(wire.Question{Email: ada}))
	if got := w.mailed("identity.same-address", ada); len(got) != 2 {
		t.Errorf("after four weeks they are told %d times", len(got))
	}
}

// Where several Care Identities with one address have not all the same registration authority, none is named: that
// would be to choose between them.
func TestNoAuthorityIsNamedOfSeveralThatDiffer(t *testing.T) {
	const ada = "ada@example.nhs.uk"
	w := open(t)
	w.person(ada, nil)
	w.person(ada, func(n *identity.New) { n.Organisation = "Z90002" }) // which nobody serves
	if got := w.ask(ref(wire.Question{Email: ada})); got[0].Found != wire.Several || got[0].Authority != nil {
		t.Errorf("answered %+v", got[0])
	}
}
