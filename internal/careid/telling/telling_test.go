package telling_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/esr"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/telling"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

type world struct{ *careidtest.World }

// moves gives somebody another address, which they show to be theirs.
func (w world) moves(by actor.Actor, to string) {
	w.Helper()
	by.Session = by.ID
	w.Must(identity.RequestEmail(w.Context(), w.DB, by, w.Post, by.ID, to))
	w.Must(identity.ConfirmEmail(w.Context(), w.DB, by, w.Post, by.ID, w.Code(to)))
}

// People are told wherever they can be reached, and nowhere that nobody proved: an earlier address counts for 90 days,
// unless it is somebody else's by now.
func TestWhereSomebodyIsTold(t *testing.T) {
	w := world{careidtest.Open(t, careidtest.Nine)}
	w.Start(careidtest.Idle)
	ada := w.Person(population.Person{GivenName: "Ada", FamilyName: "Example", Organisation: "Z90001",
		Email: "ada@old.example", EmailVerified: true})
	bea := w.Person(population.Person{GivenName: "Bea", FamilyName: "Example", Organisation: "Z90001",
		Email: "bea@example.nhs.uk"})
	sees := func(name, uuid, proved string, want ...string) {
		t.Helper()
		got := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]string, error) {
			return telling.Addresses(ctx, r, uuid, proved)
		})
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	sees("one address", ada.ID, "", "ada@old.example")
	sees("nothing proved", bea.ID, "")
	sees("just proved", bea.ID, "bea@example.nhs.uk", "bea@example.nhs.uk")
	sees("the same in capitals", ada.ID, "Ada@Old.example", "ada@old.example")
	w.moves(ada, "ada@new.example")
	sees("after a change", ada.ID, "", "ada@new.example", "ada@old.example")
	cy := w.Person(population.Person{GivenName: "Cy", FamilyName: "Example", Organisation: "Z90001",
		Email: "ada@old.example"})
	sees("once it is somebody else's", ada.ID, "", "ada@new.example")
	w.moves(cy, "cy@example.nhs.uk")
	sees("somebody else's no more", ada.ID, "", "ada@new.example", "ada@old.example")
	sees("an address that was never proved", cy.ID, "", "cy@example.nhs.uk")
	w.Clock.Advance(91 * 24 * time.Hour)
	sees("long after", ada.ID, "", "ada@new.example")
	record := esr.Record{UUID: ada.ID, Email: "ada@trust.example", EmailKey: "ada@trust.example"}
	w.Update(func(ctx context.Context, u *db.W) error { return esr.Put(ctx, u, []esr.Record{record}) })
	sees("with a staff record", ada.ID, "", "ada@new.example", "ada@trust.example")
	record.Left = w.Clock.Now()
	w.Update(func(ctx context.Context, u *db.W) error { return esr.Put(ctx, u, []esr.Record{record}) })
	sees("having left", ada.ID, "", "ada@new.example")
}
