package drift

import (
	"math/rand/v2"
	"testing"

	"signpost/internal/national/extract"
)

func TestCauseOf(t *testing.T) {
	base := Facts{Ours: "ann.smith@trust.nhs.uk", Theirs: "ann.smith@trust.nhs.uk", By: extract.ByAddress,
		Name: extract.NameSame, State: extract.Active}
	apart := base
	apart.By = extract.BySubject
	for _, tt := range []struct {
		name   string
		from   Facts
		change func(f *Facts)
		want   Cause
		place  Place
	}{
		{"the same", base, func(*Facts) {}, None, Unsure},
		{"nobody was found", base, func(f *Facts) { *f = Facts{Ours: f.Ours} }, None, Unsure},
		{"a slip of the keyboard", apart, func(f *Facts) { f.Theirs = "ann.smtih@trust.nhs.uk" }, Typo, Unsure},
		{"the trust's mail moved", apart, func(f *Facts) { f.Theirs = "ann.smith@nhs.net"; f.Had = true }, DomainMove,
			InDirectory},
		{"we moved first", apart, func(f *Facts) { f.Theirs = "ann.smith@nhs.net"; f.WeHad = true }, DomainMove,
			InCareIdentity},
		{"both went there and back", apart, func(f *Facts) {
			f.Theirs = "ann.smith@nhs.net"
			f.WeHad = true
			f.Had = true
		}, DomainMove, Unsure},
		{"married, with both names new", apart, func(f *Facts) { f.Theirs = "ann.jones@trust.nhs.uk" },
			NameChange, Unsure},
		{"married and moved", apart,
			func(f *Facts) { f.Theirs = "a.jones@nhs.net"; f.Name = extract.NamePart }, NameChange, Unsure},
		{"somebody new has the address", base, func(f *Facts) { f.Name = extract.NameOther }, Recycled, ByOthers},
		{"nobody gave a name", base, func(f *Facts) { f.Name = extract.NameUnknown }, None, Unsure},
		{"a part of the name, and the address of before", apart, func(f *Facts) {
			f.Theirs = ""
			f.By = extract.ByFormer
			f.Name = extract.NamePart
			f.Had = true
		}, Had, ByOthers},
		{"a namesake who left had the address of before", apart, func(f *Facts) {
			f.Theirs = ""
			f.By = extract.ByFormer
			f.Name = extract.NamePart
			f.Left = true
			f.State = extract.Closed
		}, Had, ByOthers},
		{"by the address of before, with the whole name, and left", apart, func(f *Facts) {
			f.Theirs = "ann.smith@nhs.net"
			f.By = extract.ByFormer
			f.Left = true
		}, Leaver, ByOthers},
		{"the same with a part of the name", base, func(f *Facts) { f.Name = extract.NamePart }, None, Unsure},
		{"linked, and somebody new has the address", apart,
			func(f *Facts) { f.Theirs = "ann.smith@nhs.net"; f.Taken = true }, Recycled, ByOthers},
		{"linked under another name, addresses the same", apart, func(f *Facts) { f.Name = extract.NameOther },
			None, Unsure},
		{"the staff record says that they left", base, func(f *Facts) { f.Left = true }, Leaver, ByOthers},
		{"closed, with another address", apart,
			func(f *Facts) { f.Theirs = "ann.smith@nhs.net"; f.State = extract.Closed }, Leaver, ByOthers},
		{"closed, with the same address", base, func(f *Facts) { f.State = extract.Closed }, None, Unsure},
		{"suspended", apart, func(f *Facts) { f.Theirs = "ann.smith@nhs.net"; f.State = extract.NotActive }, DomainMove,
			Unsure},
		{"no address there", apart, func(f *Facts) { f.Theirs = "" }, Missing, InCareIdentity},
		{"the staff record alone differs", base, func(f *Facts) { f.Staff = "ann.smith@nhs.net" }, DomainMove, Unsure},
		{"the staff record is as ours", apart,
			func(f *Facts) { f.Theirs = "ann.smith@nhs.net"; f.Staff = f.Ours }, DomainMove, InCareIdentity},
		{"the staff record is as theirs", apart,
			func(f *Facts) { f.Theirs = "ann.smith@nhs.net"; f.Staff = f.Theirs }, DomainMove, InDirectory},
		{"all three differ", apart,
			func(f *Facts) { f.Theirs = "ann.smith@nhs.net"; f.Staff = "ann@other.nhs.uk" }, DomainMove, Unsure},
		{"nothing in common", apart, func(f *Facts) { f.Theirs = "bo@other.nhs.uk" }, Unclear, Unsure},
		{"a namesake with a number", apart, func(f *Facts) { f.Theirs = "ann.smith2@trust.nhs.uk" }, Unclear, Unsure},
	} {
		f := tt.from
		tt.change(&f)
		if got := CauseOf(f); got != tt.want {
			t.Errorf("%s: CauseOf = %q, want %q", tt.name, got, tt.want)
		}
		if got := PlaceOf(f); got != tt.place {
			t.Errorf("%s: PlaceOf = %q, want %q", tt.name, got, tt.place)
		}
	}
}

// anyFacts makes facts at random.
func anyFacts(random *rand.Rand) Facts {
	addresses := []string{"ann.smith@trust.nhs.uk", "ann.smith@nhs.net", "ann.smtih@nhs.net", "ann.jones@nhs.net",
		"bo@other.nhs.uk", ""}
	pick := func() string { return addresses[random.IntN(len(addresses))] }
	yes := func() bool { return random.IntN(3) == 0 }
	f := Facts{
		Ours: pick(), Theirs: pick(), Staff: pick(),
		By:    []extract.By{extract.BySubject, extract.ByAddress, extract.ByFormer, extract.ByName, ""}[random.IntN(5)],
		Name:  []extract.Name{extract.NameSame, extract.NamePart, extract.NameOther, extract.NameUnknown}[random.IntN(4)],
		State: []extract.State{extract.Active, extract.NotActive, extract.Closed}[random.IntN(3)],
		Had:   yes(), WeHad: yes(), Taken: yes(), Left: yes(),
	}
	if f.By == extract.ByAddress {
		f.Theirs = f.Ours
	}
	return f
}

// Whatever the facts are: addresses that are one, of one active person who stays, are no drift; those that differ are;
// somebody else's address and a leaver's are never called by the name of a harmless cause, and a namesake's never by
// that of a leaver; and nobody is told to change an address where it would not help.
func TestCauseProperties(t *testing.T) {
	random := rand.New(rand.NewPCG(20261129, 9))
	seen := map[Cause]int{}
	for range 100_000 {
		f := anyFacts(random)
		cause := CauseOf(f)
		seen[cause]++
		nobody := f.By == "" || f.Ours == ""
		equal := f.Theirs == f.Ours && (f.Staff == "" || f.Staff == f.Ours)
		stranger := f.Taken || f.By == extract.ByAddress && f.Name == extract.NameOther
		namesake := f.Theirs == "" && f.By == extract.ByFormer && f.Name != extract.NameSame
		place := PlaceOf(f)
		switch {
		case nobody && cause != None,
			!nobody && equal && !stranger && !f.Left && cause != None,
			!nobody && f.Theirs != f.Ours && cause == None,
			!nobody && stranger && cause != Recycled,
			!nobody && !stranger && namesake && cause != Had,
			!nobody && !stranger && !namesake && f.Left && cause != Leaver,
			(cause == Recycled || cause == Leaver || cause == Had) != (place == ByOthers),
			place == InDirectory && f.Theirs == "",
			place == InDirectory && f.Staff == f.Ours,
			place == InCareIdentity && f.Staff != "" && f.Staff == f.Theirs:
			t.Fatalf("%+v: cause %q, place %q", f, cause, place)
		}
	}
	for _, cause := range append(Causes(), None) {
		if seen[cause] == 0 {
			t.Errorf("%q never came: the property proves nothing of it", cause)
		}
	}
}
