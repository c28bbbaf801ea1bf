package team_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

type world struct{ *careidtest.World }

func open(t *testing.T) *world {
	t.Helper()
	w := &world{careidtest.Open(t, careidtest.Nine)}
	w.Start(careidtest.Idle)
	return w
}

// person is somebody with an address that is verified, or not.
func (w *world) person(name, address string, verified bool) actor.Actor {
	w.Helper()
	p := population.Person{
		GivenName: name, FamilyName: "Example", Email: address, EmailVerified: verified, Organisation: "Z90001",
	}
	return w.Person(p)
}

func (w *world) update(fn func(u *db.W) error) {
	w.Helper()
	w.Update(func(_ context.Context, u *db.W) error { return fn(u) })
}

func (w *world) make(by actor.Actor, name string) string {
	w.Helper()
	id, err := w.Registry().Roll().Make(w.Context(), by, name)
	if err != nil {
		w.Fatal(err)
	}
	return id
}

func (w *world) members(id string) (list []team.Member) {
	w.Helper()
	w.view(func(r db.R) (err error) {
		list, _, err = team.Members(w.Context(), r, id, 0, 100)
		return err
	})
	return list
}

// waiting are the invitations that a person finds.
func (w *world) waiting(by actor.Actor) (list []team.Invitation) {
	w.Helper()
	w.view(func(r db.R) error {
		i, err := identity.ByUUID(w.Context(), r, by.ID)
		if err != nil {
			return err
		}
		list, err = team.For(w.Context(), r, i, 100)
		return err
	})
	return list
}

func (w *world) view(fn func(r db.R) error) {
	w.Helper()
	w.View(func(_ context.Context, r db.R) error { return fn(r) })
}

func TestAColleagueIsInvitedAndJoins(t *testing.T) {
	for name, to := range map[string]func(ben actor.Actor) string{
		"by number":           func(ben actor.Actor) string { return " " + ben.ID + " " },
		"by number in groups": func(ben actor.Actor) string { return ben.ID[:4] + " " + ben.ID[4:8] + " " + ben.ID[8:] },
		"by address":          func(actor.Actor) string { return "ben@fenmarch.example" },
		"address, other case": func(actor.Actor) string { return "Ben@FENMARCH.example" },
	} {
		w := open(t)
		ada := w.person("Ada", "ada@fenmarch.example", true)
		ben := w.person("Ben", "ben@fenmarch.example", true)
		eve := w.person("Eve", "eve@fenmarch.example", true)
		id := w.make(ada, "Rota team")
		if err := w.Registry().Roll().Invite(t.Context(), ada, id, to(ben)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(w.waiting(eve)) != 0 || len(w.waiting(ben)) != 1 {
			t.Fatalf("%s: found by the wrong people", name)
		}
		invitation := w.waiting(ben)[0]
		if _, err := w.Registry().Roll().Accept(t.Context(), eve, invitation.ID); !errors.Is(err, fault.Expired) {
			t.Errorf("%s: accepted by somebody else: %v", name, err)
		}
		joined, err := w.Registry().Roll().Accept(t.Context(), ben, invitation.ID)
		if err != nil || joined.Name != "Rota team" {
			t.Errorf("%s: %v %v", name, joined, err)
		}
		if got := w.members(id); len(got) != 2 || len(w.waiting(ben)) != 0 {
			t.Errorf("%s: members %v", name, got)
		}
		if _, err := w.Registry().Roll().Accept(t.Context(), ben, invitation.ID); !errors.Is(err, fault.Expired) {
			t.Errorf("%s: accepted twice: %v", name, err)
		}
	}
}

func TestAnInvitationByAddressNeedsAVerifiedOne(t *testing.T) {
	w := open(t)
	ada := w.person("Ada", "ada@fenmarch.example", true)
	honest := w.person("Ben", "ben@fenmarch.example", true)
	thief := w.person("Eve", "ben@fenmarch.example", false)
	if err := w.Registry().Roll().Invite(t.Context(), ada, w.make(ada, "Rota"), "ben@fenmarch.example"); err != nil {
		t.Fatal(err)
	}
	if len(w.waiting(honest)) != 1 || len(w.waiting(thief)) != 0 {
		t.Error("an address that nobody verified found an invitation, or a verified one did not")
	}
}

func TestInvitationsEnd(t *testing.T) {
	w := open(t)
	ada := w.person("Ada", "", false)
	ben := w.person("Ben", "", false)
	id := w.make(ada, "Rota")
	invite := func() team.Invitation {
		t.Helper()
		if err := w.Registry().Roll().Invite(t.Context(), ada, id, ben.ID); err != nil {
			t.Fatal(err)
		}
		return w.waiting(ben)[0]
	}
	first := invite()
	if again := invite(); again.ID != first.ID {
		t.Error("a second invitation of the same person")
	}
	if err := team.Decline(t.Context(), w.DB, ben, first.ID); err != nil || len(w.waiting(ben)) != 0 {
		t.Errorf("declined: %v", err)
	}
	if err := team.Withdraw(t.Context(), w.DB, ada, id, invite().ID); err != nil || len(w.waiting(ben)) != 0 {
		t.Errorf("withdrawn: %v", err)
	}
	late := invite()
	w.Clock.Advance(14 * 24 * time.Hour)
	if _, err := w.Registry().Roll().Accept(t.Context(), ben, late.ID); !errors.Is(err, fault.Expired) {
		t.Errorf("after two weeks: %v", err)
	}
}

func TestOneMemberStays(t *testing.T) {
	w := open(t)
	ada := w.person("Ada", "", false)
	ben := w.person("Ben", "", false)
	id := w.make(ada, "Rota")
	w.update(func(u *db.W) error { return team.Join(t.Context(), u, id, ben.ID) })
	var all sync.WaitGroup
	for _, by := range []actor.Actor{ada, ben} {
		all.Go(func() { _ = w.Registry().Roll().Remove(t.Context(), by, id, by.ID) })
	}
	all.Wait()
	left := w.members(id)
	if len(left) != 1 {
		t.Fatalf("both left at once: %d members", len(left))
	}
	last := actor.Actor{Kind: actor.Person, ID: left[0].UUID}
	if err := w.Registry().Roll().Remove(t.Context(), last, id, last.ID); !errors.Is(err, fault.Conflict) {
		t.Errorf("the last one left: %v", err)
	}
}

func TestOnlyMembersMay(t *testing.T) {
	for name, act := range map[string]func(w *world, by actor.Actor, id string, ben actor.Actor) error{
		"invite": func(w *world, by actor.Actor, id string, ben actor.Actor) error {
			return w.Registry().Roll().Invite(w.Context(), by, id, ben.ID)
		},
		"remove": func(w *world, by actor.Actor, id string, ben actor.Actor) error {
			return w.Registry().Roll().Remove(w.Context(), by, id, ben.ID)
		},
	} {
		w := open(t)
		ada := w.person("Ada", "", false)
		ben := w.person("Ben", "", false)
		eve := w.person("Eve", "", false)
		id := w.make(ada, "Rota")
		w.update(func(u *db.W) error { return team.Join(t.Context(), u, id, ben.ID) })
		for _, by := range []actor.Actor{eve, {Kind: actor.Machine, ID: ada.ID}} {
			if err := act(w, by, id, ben); !errors.Is(err, fault.NotFound) {
				t.Errorf("%s by %s %s: %v", name, by.Kind, by.Name, err)
			}
		}
		if len(w.members(id)) != 2 {
			t.Errorf("%s: something happened", name)
		}
		if err := act(w, ada, id, ben); err != nil {
			t.Errorf("%s by a member: %v", name, err)
		}
	}
}

func TestEachChangeIsAnEvent(t *testing.T) {
	w := open(t)
	ada := w.person("Ada", "", false)
	ben := w.person("Ben", "", false)
	id := w.make(ada, "Rota")
	w.update(func(u *db.W) error { return team.Join(t.Context(), u, id, ben.ID) })
	if err := w.Registry().Roll().Remove(t.Context(), ada, id, ben.ID); err != nil {
		t.Fatal(err)
	}
	var list []audit.Entry
	w.view(func(r db.R) (err error) {
		list, err = audit.Of(t.Context(), r, team.Ref(id), 10)
		return err
	})
	if len(list) != 4 {
		t.Fatalf("%d events", len(list))
	}
	left := list[0]
	joined := list[1]
	if left.Kind != "team.left" || joined.Kind != "team.joined" || string(left.Before) != string(joined.After) ||
		string(left.After) != `["`+ada.ID+`"]` {
		t.Errorf("joined %s → %s, left %s → %s", joined.Before, joined.After, left.Before, left.After)
	}
}

func TestNamesAndInvitationsAreChecked(t *testing.T) {
	w := open(t)
	ada := w.person("Ada", "", false)
	for _, name := range []string{"", "  ", string(make([]byte, 101))} {
		if _, err := w.Registry().Roll().Make(t.Context(), ada, name); !errors.Is(err, fault.Invalid) {
			t.Errorf("name %q: %v", name, err)
		}
	}
	id := w.make(ada, "Rota")
	for _, to := range []string{"", "12345", "ben", "bén@fenmarch.example", "1234567890123"} {
		if err := w.Registry().Roll().Invite(t.Context(), ada, id, to); !errors.Is(err, fault.Invalid) {
			t.Errorf("invite %q: %v", to, err)
		}
	}
}
