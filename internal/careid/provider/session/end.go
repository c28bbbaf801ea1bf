package session

import (
	"context"
	"errors"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/code"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	store "signpost/internal/platform/session"
)

// eventEnded is recorded when a session is ended.
const eventEnded audit.Kind = "signin.ended"

// Why sessions are ended before their time, as their browsers are told.
const (
	ByOwner           store.Reason = "owner" // from another browser
	ByDesk            store.Reason = "desk"
	WithIdentity      store.Reason = "identity"
	WithPosition      store.Reason = "position"
	WithAuthenticator store.Reason = "authenticator"
	WithPassword      store.Reason = "password" // it was set anew
)

// ending is why a session ends.
type ending struct {
	recorded string       // in the event
	told     store.Reason // to the browser of the session; store.NotKnown where its cookie is taken away
}

// end ends a session, its codes and its tokens, and leaves notices for the services that it signed in to.
func (s *Sessions) end(ctx context.Context, w *db.W, one Session, why ending) error {
	if err := s.remove(ctx, w, one, why.told); err != nil {
		return err
	}
	if err := code.EndSession(ctx, w, one.SID); err != nil {
		return err
	}
	if err := backchannel.Notify(ctx, w, one.SID, one.Subject); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventEnded, Subject: identity.Ref(one.Subject),
		Before: map[string]any{"session": one.ID, "authenticator": one.State.Proven.AuthenticatorID},
		Reason: why.recorded})
}

// remove deletes a session. It keeps no reason that nobody is told.
func (s *Sessions) remove(ctx context.Context, w *db.W, one Session, told store.Reason) error {
	if told == store.NotKnown {
		return s.kind.Replaced(ctx, w, one.ID)
	}
	return s.kind.EndFor(ctx, w, one.ID, told)
}

// EndOwn ends one session of a person. It does nothing if the session belongs to somebody else.
func (s *Sessions) EndOwn(ctx context.Context, by actor.Actor, uuid, id string) error {
	why := ending{"ended by the person", ByOwner}
	return s.endWhere(ctx, by, uuid, why, func(one Session) bool { return one.ID == id })
}

// EndOthers ends all of a person's sessions except one.
func (s *Sessions) EndOthers(ctx context.Context, by actor.Actor, uuid, except string) error {
	why := ending{"ended by the person from another browser", ByOwner}
	return s.endWhere(ctx, by, uuid, why, func(one Session) bool { return one.ID != except })
}

// EndAll ends every session of a care identity, for a reason that is recorded and one that its browsers are told.
func (s *Sessions) EndAll(ctx context.Context, by actor.Actor, uuid, recorded string, told store.Reason) error {
	return s.endWhere(ctx, by, uuid, ending{recorded, told}, func(Session) bool { return true })
}

// endWhere ends the sessions of a care identity that match, in an Update of its own.
func (s *Sessions) endWhere(
	ctx context.Context, by actor.Actor, uuid string, why ending, match func(Session) bool,
) error {
	return s.db.Update(ctx, by, func(w *db.W) error {
		_, err := s.endEach(ctx, w, uuid, why, match)
		return err
	})
}

// endEach ends the sessions of a care identity that match, as a part of an Update, and counts them.
func (s *Sessions) endEach(
	ctx context.Context, w *db.W, uuid string, why ending, match func(Session) bool,
) (ended int, err error) {
	list, err := s.Of(ctx, w, uuid)
	if err != nil {
		return 0, err
	}
	for _, one := range list {
		if !match(one) {
			continue
		}
		if err := s.end(ctx, w, one, why); err != nil {
			return ended, err
		}
		ended++
	}
	return ended, nil
}

// EndCookie ends the session of a browser's cookie, if it is live.
func (s *Sessions) EndCookie(ctx context.Context, by actor.Actor, cookie string) error {
	return s.endCookie(ctx, by, cookie, "signed out by the person")
}

// EndForSomebodyElse does what EndCookie does, for somebody who says that the session is not theirs.
func (s *Sessions) EndForSomebodyElse(ctx context.Context, by actor.Actor, cookie string) error {
	return s.endCookie(ctx, by, cookie, "somebody else uses the browser")
}

func (s *Sessions) endCookie(ctx context.Context, by actor.Actor, cookie, reason string) error {
	return s.db.Update(ctx, by, func(w *db.W) error {
		one, err := s.FindIn(ctx, w, cookie)
		if errors.Is(err, fault.Unauthenticated) {
			return nil
		}
		if err != nil {
			return err
		}
		return s.end(ctx, w, one, ending{recorded: reason})
	})
}

// Bound ends the oldest sessions of whoever has too many.
func (s *Sessions) Bound() store.Bound {
	why := ending{"the person has more sessions than are kept", store.Surplus}
	end := func(ctx context.Context, by actor.Actor, uuid string) error {
		return s.db.Update(ctx, by, func(w *db.W) error {
			surplus, err := s.kind.SurplusOf(ctx, w, uuid)
			if err != nil {
				return err
			}
			for _, one := range surplus {
				if err := s.end(ctx, w, one, why); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return store.Bound{Site: s.kind.Site, End: end}
}

// Work registers the workers that end sessions after their identity, a position or their authenticator has ended.
func (s *Sessions) Work(ws *job.Workers) {
	job.Work(ws, func(ctx context.Context, j identity.Ended) error {
		const recorded = "the care identity is not active any more"
		return s.EndAll(ctx, actor.ForJob(j.Kind(), j.UUID), j.UUID, recorded, WithIdentity)
	})
	job.Work(ws, func(ctx context.Context, j access.Ended) error {
		return s.EndAll(ctx, actor.ForJob(j.Kind(), j.RoleID), j.UUID, "a position was ended", WithPosition)
	})
	job.Work(ws, func(ctx context.Context, j authenticator.Ended) error {
		why := ending{"the authenticator may not be used any more", WithAuthenticator}
		return s.endWhere(ctx, actor.ForJob(j.Kind(), j.AuthenticatorID), j.UUID, why, provedWith(j.AuthenticatorID))
	})
	job.Work(ws, func(ctx context.Context, j authenticator.PasswordSet) error {
		why := ending{"the password of the authenticator was set anew", WithPassword}
		return s.endWhere(ctx, actor.ForJob(j.Kind(), j.AuthenticatorID), j.UUID, why, provedWith(j.AuthenticatorID))
	})
}

func provedWith(id string) func(Session) bool {
	return func(one Session) bool { return one.State.Proven.AuthenticatorID == id }
}
