package provider

import (
	"context"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

// introduce sees whether the person of the session comes to the service for the first time, and is therefore shown
// whose service it is. This system's own clients need no introduction.
func (s *State) introduce(ctx context.Context, r db.R) error {
	if s.Request.Team == "" {
		return nil
	}
	met, err := client.Met(ctx, r, s.Request.ClientID, s.Proven.UUID)
	s.FirstVisit = !met
	return err
}

// refuseStranger records that the person of a session may not log in to a service on trial. The sign-in goes on without
// the session, for whoever can log in as somebody of the team.
func (p *Provider) refuseStranger(ctx context.Context, by actor.Actor, s State) (State, error) {
	next := s.anew()
	next.noteRefusal(ctx, Refusal{Reason: OnTrial})
	event := refusedEvent(s.Request, *s.Proven, OnTrial)
	return next, p.o.DB.Update(ctx, by, func(w *db.W) error { return w.RecordRefusal(ctx, event) })
}

// meet notes, when a sign-in is granted, that the person knows the client.
func meet(ctx context.Context, w *db.W, s State) error {
	if s.Request.Team == "" {
		return nil
	}
	return client.Meet(ctx, w, s.Request.ClientID, s.Proven.UUID)
}

// Runner says who looks after the service that somebody logs in to.
type Runner struct {
	Team    string // its name; empty for this system's own clients
	Contact string // an email address for questions
}

// Runner reads who looks after the service of a sign-in.
func (p *Provider) Runner(ctx context.Context, f Flow) (Runner, error) {
	return db.Read(ctx, p.o.DB, func(r db.R) (Runner, error) {
		if f.State.Request.Team == "" {
			return Runner{}, nil
		}
		c, err := client.ByID(ctx, r, f.State.Request.ClientID)
		if err != nil {
			return Runner{}, err
		}
		t, err := team.ByID(ctx, r, c.Team)
		return Runner{Team: t.Name, Contact: c.Contact}, err
	})
}

// refuseAtStart gives the sign-in of a stranger to a service on trial as it goes on. Where no page may be shown, the
// service is told no more than that one is needed.
func (p *Provider) refuseAtStart(ctx context.Context, by actor.Actor, s State) (State, error) {
	if s.Refused != OnTrial || s.Request.Silent {
		return s, nil
	}
	return p.refuseStranger(ctx, by, s)
}
