package standing_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"signpost/internal/dos/dostest"
	"signpost/internal/dos/standing"
	"signpost/internal/national/extract"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

func TestSaid(t *testing.T) {
	fit := &extract.Authenticator{Level: 3, Approved: true}
	for name, tt := range map[string]struct {
		answer extract.Answer
		said   standing.Said
	}{
		"all said": {extract.Answer{Found: extract.One, State: extract.Active, Email: extract.EmailEqual,
			Position: extract.Yes, Authenticator: fit}, "one active equal yes 3 approved"},
		"no authenticator": {extract.Answer{Found: extract.One, State: extract.NotActive, Email: extract.EmailDifferent,
			Position: extract.No, Authenticator: &extract.Authenticator{}}, "one not_active different no 0 -"},
		"not approved": {extract.Answer{Found: extract.One, State: extract.Active, Email: extract.EmailUnverified,
			Position: extract.No, Authenticator: &extract.Authenticator{Level: 2}}, "one active unverified no 2 -"},
		"several": {extract.Answer{Found: extract.Several}, "several - - - - -"},
		"none":    {extract.Answer{Found: extract.None}, "none - - - - -"},
	} {
		if got := standing.SaidOf(tt.answer); got != tt.said {
			t.Errorf("%s: said %q, want %q", name, got, tt.said)
		}
		if again := standing.SaidOf(tt.said.Answer()); again != tt.said {
			t.Errorf("%s: %q comes back as %q", name, tt.said, again)
		}
	}
}

func TestSaidOfWhoHasAnotherAddress(t *testing.T) {
	for name, tt := range map[string]struct {
		compared extract.Compared
		said     standing.Said
	}{
		"the same name":     {extract.Compared{By: extract.ByFormer, Name: extract.NameSame, State: extract.Active}, "one active different - - -"},
		"part of the name":  {extract.Compared{By: extract.ByFormer, Name: extract.NamePart, State: extract.Active}, "none - - - - -"},
		"somebody else":     {extract.Compared{By: extract.ByAddress, Name: extract.NameOther, State: extract.Active}, "none - - - - -"},
		"one that is ended": {extract.Compared{By: extract.ByName, Name: extract.NameSame, State: extract.Closed}, "one closed different - - -"},
	} {
		if got := standing.SaidOf(extract.Answer{Found: extract.None, Compared: &tt.compared}); got != tt.said {
			t.Errorf("%s: said %q, want %q", name, got, tt.said)
		}
	}
}

// A line that a later release wrote, or nobody, says nothing.
func TestSaidThatIsNone(t *testing.T) {
	for _, line := range []standing.Said{"", "one", "one active equal yes 3 approved more"} {
		if got := line.Answer(); !reflect.DeepEqual(got, extract.Answer{}) {
			t.Errorf("%q says %+v", line, got)
		}
	}
}

// What is as it was keeps its time; what changed gets a new one; and of a list of many nothing is lost.
func TestKeep(t *testing.T) {
	w := dostest.Open(t, time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC))
	began := w.DB.Now()
	none := standing.SaidOf(extract.Answer{Found: extract.None})
	several := standing.SaidOf(extract.Answer{Found: extract.Several})
	var list []standing.Standing
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"} {
		list = append(list, standing.Standing{AccountID: id, Said: none,
			Authority: extract.Authority{Code: "RX1", Organisation: "Fenmarch RA"}})
	}
	w.Must(standing.Keep(w.Context(), w.DB, list))
	w.Clock.Advance(time.Hour)
	list[13].Said = several
	list[12].Authority.Organisation = "Fenmarch and District RA"
	w.Must(standing.Keep(w.Context(), w.DB, list))
	found := worldtest.Read(w.World, func(ctx context.Context, r db.R) (map[string]standing.Standing, error) {
		return standing.ByAccounts(ctx, r, []string{"a", "m", "n", "nobody"})
	})
	if a := found["a"]; a.Said != none || !a.Since.Equal(began) || a.Authority != list[0].Authority {
		t.Errorf("as it was: %+v", a)
	}
	if m := found["m"]; m.Authority != list[12].Authority || !m.Since.Equal(began.Add(time.Hour)) {
		t.Errorf("another authority: %+v", m)
	}
	if n := found["n"]; n.Said != several || !n.Since.Equal(began.Add(time.Hour)) {
		t.Errorf("another answer: %+v", n)
	}
	for i := range list {
		list[i].Authority.Contact = "ra@fenmarch.example"
	}
	w.Clock.Advance(time.Hour)
	w.Must(standing.Keep(w.Context(), w.DB, list))
	reached := worldtest.Read(w.World, func(ctx context.Context, r db.R) (map[string]standing.Standing, error) {
		return standing.ByAccounts(ctx, r, []string{"a"})
	})
	if a := reached["a"]; a.Authority.Contact != "ra@fenmarch.example" || !a.Since.Equal(began) {
		t.Errorf("its authority is reached elsewhere: %+v", a)
	}
	if len(found) != 3 || w.Count(`SELECT COUNT(*) FROM standing`) != 14 {
		t.Errorf("%d found, %d kept", len(found), w.Count(`SELECT COUNT(*) FROM standing`))
	}
}
