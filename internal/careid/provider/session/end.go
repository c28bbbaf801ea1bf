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

// end ends a session, its codes and its tokens, and leaves notices for the services that it signed in to.
func (s *Sessions) end(ctx context.Context, w *db.W, one Session, reason string) error {
	if err := s.kind.Replaced(ctx, w, one.ID); err != nil {
		return err
	}
	if err := code.EndSession(ctx, w, one.SID); err != nil {
		return err
	}
	if err := backchannel.Leave(ctx, w, one.SID, one.Subject); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventEnded, Subject: identity.Ref(one.Subject),
		Before: map[string]any{"session": one.ID, "authenticator": one.State.Proven.AuthenticatorID}, Reason: reason})
}

// EndOwn ends one session of a person. It does nothing if the session belongs to somebody else.
func (s *Sessions) EndOwn(ctx context.Context, by actor.Actor, uuid, id string) error {
	return s.endWhere(ctx, by, uuid, "ended by the person", func(one Session) bool { return one.ID == id })
}

// EndOthers ends all of a person's sessions except one.
func (s *Sessions) EndOthers(ctx context.Context, by actor.Actor, uuid, except string) error {
	const reason = "ended by the person from another browser"
	return s.endWhere(ctx, by, uuid, reason, func(one Session) bool { return one.ID != except })
}

// EndAll ends every session of a care identity.
func (s *Sessions) EndAll(ctx context.Context, by actor.Actor, uuid, reason string) error {
	return s.endWhere(ctx, by, uuid, reason, func(Session) bool { return true })
}

// endWhere ends the sessions of a care identity that match, in an Update of its own.
func (s *Sessions) endWhere(
	ctx context.Context, by actor.Actor, uuid, reason string, match func(Session) bool,
) error {
	return s.db.Update(ctx, by, func(w *db.W) error {
		_, err := s.endEach(ctx, w, uuid, reason, match)
		return err
	})
}

// endEach ends the sessions of a care identity that match, as a part of an Update, and counts them.
func (s *Sessions) endEach(
	ctx context.Context, w *db.W, uuid, reason string, match func(Session) bool,
) (ended int, err error) {
	list, err := s.Of(ctx, w, uuid)
	if err != nil {
		return 0, err
	}
	for _, one := range list {
		if !match(one) {
			continue
		}
		if err := s.end(ctx, w, one, reason); err != nil {
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
		return s.end(ctx, w, one, reason)
	})
}

// Bound ends the oldest sessions of whoever has too many.
func (s *Sessions) Bound() store.Bound {
	const reason = "the person has more sessions than are kept"
	end := func(ctx context.Context, by actor.Actor, uuid string) error {
		return s.db.Update(ctx, by, func(w *db.W) error {
			surplus, err := s.kind.SurplusOf(ctx, w, uuid)
			if err != nil {
				return err
			}
			for _, one := range surplus {
				if err := s.end(ctx, w, one, reason); err != nil {
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
		return s.EndAll(ctx, actor.ForJob(j.Kind(), j.UUID), j.UUID, "the care identity is not active any more")
	})
	job.Work(ws, func(ctx context.Context, j access.Ended) error {
		return s.EndAll(ctx, actor.ForJob(j.Kind(), j.RoleID), j.UUID, "a position was ended")
	})
	job.Work(ws, func(ctx context.Context, j authenticator.Ended) error {
		const reason = "the authenticator may not be used any more"
		proved := func(one Session) bool { return one.State.Proven.AuthenticatorID == j.AuthenticatorID }
		return s.endWhere(ctx, actor.ForJob(j.Kind(), j.AuthenticatorID), j.UUID, reason, proved)
	})
}
