package extract_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"signpost/internal/careid/esr"
	"signpost/internal/careid/identity"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

// changes gives somebody another address, as they do themselves.
func (w *world) changes(uuid, to string) {
	w.Helper()
	by := actor.Actor{Kind: actor.Person, ID: uuid, Session: "session"}
	w.Must(identity.RequestEmail(w.Context(), w.DB, by, w.Post, uuid, to))
	w.Settle()
	w.Must(identity.ConfirmEmail(w.Context(), w.DB, by, w.Post, uuid, w.Code(to)))
}

func (w *world) staff(uuid, address string, left time.Time) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		return esr.Put(ctx, u, []esr.Record{{UUID: uuid, Email: address, EmailKey: address, Left: left}})
	})
}

// The question that a directory asks of Ada, whose address it has.
func asks(email string, former ...string) wire.Question {
	return wire.Question{Ref: "1", Email: email,
		Compare: &wire.Compare{Given: "Ada", Family: "Example", Former: former}}
}

// compared is what is said of somebody active, changed by change.
func compared(by wire.By, name wire.Name, address string, change ...func(c *wire.Compared)) *wire.Compared {
	c := &wire.Compared{By: by, Name: name, State: wire.Active, Email: address}
	for _, fn := range change {
		fn(c)
	}
	return c
}

// How a person is found, and that an address is told only where the person is known to be the same.
func TestComparisons(t *testing.T) {
	const ada = "ada.example@trust.nhs.uk"
	another := func(n *identity.New) { n.GivenName = "Leila"; n.FamilyName = "Other" }
	married := func(n *identity.New) { n.FamilyName = "Married" }
	for name, tt := range map[string]struct {
		setUp func(w *world) wire.Question
		want  *wire.Compared
	}{
		"nobody asked": {func(w *world) wire.Question {
			w.person(ada, nil)
			return wire.Question{Ref: "1", Email: ada}
		}, nil},
		"nobody": {func(*world) wire.Question { return asks(ada) }, nil},
		"the same": {func(w *world) wire.Question {
			w.person(ada, nil)
			return asks(ada)
		}, compared(wire.ByAddress, wire.NameSame, ada)},
		"somebody else has the address": {func(w *world) wire.Question {
			w.person(ada, another)
			return asks(ada)
		}, compared(wire.ByAddress, wire.NameOther, "")},
		"nobody gave the account a name": {func(w *world) wire.Question {
			w.person(ada, nil)
			q := asks(ada)
			q.Compare = wire.CompareOf("", "", nil)
			return q
		}, compared(wire.ByAddress, wire.NameUnknown, "")},
		"had by somebody, and the account has no name": {func(w *world) wire.Question {
			w.changes(w.person(ada, nil), "ada.new@nhs.net")
			q := asks(ada)
			q.Compare = wire.CompareOf("", "", nil)
			return q
		}, nil},
		"two have the address": {func(w *world) wire.Question {
			w.person(ada, nil)
			w.person(ada, nil)
			return asks(ada)
		}, nil},
		"linked, apart": {func(w *world) wire.Question {
			q := asks(ada)
			q.Subject = w.person("someone@else.nhs.uk", another)
			return q
		}, compared(wire.BySubject, wire.NameOther, "someone@else.nhs.uk")},
		"linked, and another has the address": {func(w *world) wire.Question {
			q := asks(ada)
			q.Subject = w.person("ada@nhs.net", nil)
			w.person(ada, another)
			return q
		}, compared(wire.BySubject, wire.NameSame, "ada@nhs.net", func(c *wire.Compared) { c.Taken = true })},
		"changed on their side": {func(w *world) wire.Question {
			w.changes(w.person(ada, married), "ada.married@nhs.net")
			return asks(ada)
		}, compared(wire.ByFormer, wire.NamePart, "", func(c *wire.Compared) { c.Had = true })},
		"changed on ours": {func(w *world) wire.Question {
			w.person("old@trust.nhs.uk", nil)
			return asks(ada, "old@trust.nhs.uk")
		}, compared(wire.ByFormer, wire.NameSame, "old@trust.nhs.uk")},
		"had by somebody else": {func(w *world) wire.Question {
			w.changes(w.person(ada, another), "leila.other@nhs.net")
			return asks(ada)
		}, nil},
		"mistyped": {func(w *world) wire.Question {
			w.person("ada.exmaple@trust.nhs.uk", nil)
			return asks(ada)
		}, compared(wire.ByName, wire.NameSame, "ada.exmaple@trust.nhs.uk")},
		"another domain": {func(w *world) wire.Question {
			w.person("ada.example@nhs.net", nil)
			return asks(ada)
		}, compared(wire.ByName, wire.NameSame, "ada.example@nhs.net")},
		"another domain, another name": {func(w *world) wire.Question {
			w.person("ada.example@nhs.net", married)
			return asks(ada)
		}, nil},
		"one of two of the name": {func(w *world) wire.Question {
			w.person("ada.example@nhs.net", nil)
			w.person("ada.example@other.nhs.uk", nil)
			return asks(ada)
		}, nil},
		"a namesake": {func(w *world) wire.Question {
			w.person("ada.example2@trust.nhs.uk", nil)
			return asks(ada)
		}, nil},
		"closed, with a staff record": {func(w *world) wire.Question {
			uuid := w.person(ada, nil)
			w.staff(uuid, "ada@other.nhs.uk", nine)
			w.move(uuid, identity.Close)
			return asks(ada)
		}, compared(wire.ByAddress, wire.NameSame, ada, func(c *wire.Compared) {
			c.State = wire.Closed
			c.Staff = "ada@other.nhs.uk"
			c.Left = true
		})},
		"leaves next year, and has another name": {func(w *world) wire.Question {
			w.staff(w.person(ada, another), "leila@other.nhs.uk", nine.AddDate(1, 0, 0))
			return asks(ada)
		}, compared(wire.ByAddress, wire.NameOther, "")},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			got := []wire.Answer{asked(w.ask(tt.setUp(w))[0])}
			if d := cmp.Diff(tt.want, got[0].Compared); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}
