package registration_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/registration"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/worldtest"
)

// key gives the id of the security key of somebody, who gets one if they have none.
func (w *trust) key(uuid string) (id string) {
	w.Helper()
	if bound := w.bound(uuid); len(bound) > 0 {
		return bound[0].ID
	}
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		_, err = authenticator.Bind(ctx, u, authenticator.New{UUID: uuid, Kind: authn.SecurityKey, Level: authn.AAL2})
		return err
	})
	return w.bound(uuid)[0].ID
}

func (w *trust) bound(uuid string) []authenticator.Authenticator {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]authenticator.Authenticator, error) {
		return authenticator.OfIdentity(ctx, r, uuid)
	})
}

// linkFor makes a link for somebody, as those who run the system can, and gives its id.
func (w *trust) linkFor(uuid string) string {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := authenticator.Invite(ctx, u, uuid, authn.SecurityKey)
		return err
	})
	return w.links(uuid)[0].ID
}

func (w *trust) links(uuid string) []authenticator.Invitation {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]authenticator.Invitation, error) {
		return authenticator.InvitationsOf(ctx, r, uuid, 10)
	})
}

// What may be done depends on how the authenticator is; each act asks for a reason and is recorded.
func TestActingOnAnAuthenticator(t *testing.T) {
	w := openTrust(t)
	key := w.key(w.cy)
	var y worldtest.Tally
	do := func(act registration.Act, reason string) error {
		return registration.ActOn(t.Context(), w.DB, by(w.agent), w.cy, key, act, reason)
	}
	y.Refused(t, "without a reason", do(registration.Suspend, " ") == nil)
	y.Refused(t, "lifts what is not suspended", do(registration.Restore, "found") == nil)
	y.Refused(t, "unlocks what is not locked", do(registration.Unlock, "asked") == nil)
	y.Refused(t, "does what there is not", do("paint", "asked") == nil)
	dots := w.key(w.dot())
	y.Refused(t, "somebody else's authenticator",
		registration.ActOn(t.Context(), w.DB, by(w.agent), w.cy, dots, registration.Remove, "asked") == nil)
	w.Must(do(registration.Suspend, "lost"))
	y.Refused(t, "suspends once more", do(registration.Suspend, "lost") == nil)
	w.Must(do(registration.Restore, "found"))
	for range authenticator.MaxWrongTries {
		_ = w.DB.Update(t.Context(), actor.Actor{Kind: actor.Stranger}, func(u *db.W) error {
			return careidtest.WrongTry(t.Context(), u, key, tries.Browser{})
		})
	}
	w.Must(do(registration.Unlock, "asked"))
	w.Must(do(registration.Remove, "broken"))
	y.Refused(t, "brings back what was removed", do(registration.Restore, "found") == nil)
	y.Report(t, "acts on authenticators")
	for kind, reason := range map[audit.Kind]string{
		"authenticator.suspended": "lost", "authenticator.active": "found", "authenticator.unlocked": "asked",
		"authenticator.removed": "broken",
	} {
		if events := w.Events(kind); len(events) != 1 || events[0].Reason != reason {
			t.Errorf("%s: %+v", kind, events)
		}
	}
	if got := w.bound(w.cy); len(got) != 0 {
		t.Errorf("they still have %+v", got)
	}
}

// A link says who made it and how they saw its owner, and what became of it.
func TestStatesOfLinks(t *testing.T) {
	w := openTrust(t)
	invite := func() {
		_, err := registration.Invite(t.Context(), w.DB, by(w.manager), w.cy, []authn.Kind{authn.SecurityKey},
			authenticator.InPerson)
		w.Must(err)
		w.Clock.Advance(time.Minute)
	}
	invite()
	invite()
	id := w.links(w.cy)[0].ID
	w.Update(func(ctx context.Context, u *db.W) error { return authenticator.NoteOpened(ctx, u, id) })
	w.Update(func(ctx context.Context, u *db.W) error { return authenticator.Redeem(ctx, u, id) })
	invite()
	w.Must(registration.WithdrawLink(t.Context(), w.DB, by(w.agent), w.cy, w.links(w.cy)[0].ID, "wrong person"))
	invite()
	w.Clock.Advance(25 * time.Hour)
	invite()
	w.Update(func(ctx context.Context, u *db.W) error {
		return authenticator.NoteOpened(ctx, u, w.links(w.cy)[0].ID)
	})
	var states []authenticator.InvitationState
	for _, link := range w.links(w.cy) {
		state, since := link.StateAt(w.Clock.Now())
		states = append(states, state)
		if link.By != w.manager || link.Witness != authenticator.InPerson || since.IsZero() {
			t.Errorf("link %+v", link)
		}
	}
	want := []authenticator.InvitationState{authenticator.Opened, authenticator.Expired, authenticator.Withdrawn,
		authenticator.Bound, authenticator.Withdrawn}
	if !slices.Equal(states, want) {
		t.Errorf("states %v, want %v", states, want)
	}
	var y worldtest.Tally
	for _, link := range w.links(w.cy)[1:] {
		err := registration.WithdrawLink(t.Context(), w.DB, by(w.manager), w.cy, link.ID, "asked")
		y.Refused(t, "a link that is over", !errors.Is(err, fault.Conflict))
	}
	live := w.links(w.cy)[0].ID
	y.Refused(t, "somebody else's link",
		registration.WithdrawLink(t.Context(), w.DB, by(w.manager), w.agent, live, "asked") == nil)
	_, err := registration.Invite(t.Context(), w.DB, by(w.manager), w.cy, []authn.Kind{authn.SecurityKey}, "by-telephone")
	y.Refused(t, "without having seen them", err == nil)
	w.Must(registration.WithdrawLink(t.Context(), w.DB, by(w.manager), w.cy, live, "asked"))
	invite()
	link := w.links(w.cy)[0]
	state := func() authenticator.InvitationState {
		state, _ := w.links(w.cy)[0].StateAt(w.Clock.Now())
		return state
	}
	for range authenticator.MaxWrongCodes {
		if state() != authenticator.Sent {
			t.Fatalf("%s before the last wrong code", state())
		}
		_ = w.DB.Update(t.Context(), actor.Actor{Kind: actor.Stranger}, func(u *db.W) error {
			e := authenticator.WrongCode
			e.Subject = authenticator.InvitationRef(link.ID)
			return u.Refuse(t.Context(), e, fault.Invalid)
		})
	}
	if state() != authenticator.LockedOut {
		t.Errorf("%s after too many wrong codes", state())
	}
}
