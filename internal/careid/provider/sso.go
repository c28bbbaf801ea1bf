package provider

import (
	"context"
	"errors"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/code"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/session"
)

// SSO is what the provider's own session holds: the newest proof, and the role chosen with it.
type SSO struct {
	Proven    authenticator.Proven `json:"proven"`
	Role      string               `json:"role,omitempty"`
	RoleKnown bool                 `json:"role_known,omitempty"`
	Browser   string               `json:"browser,omitempty"` // its family, as the person knows it
}

// Session is one sign-in of a person on one browser.
type Session = session.Session[SSO]

// Session finds the live session of a browser's cookie, or fault.Unauthenticated.
func (p *Provider) Session(ctx context.Context, cookie string) (s Session, err error) {
	err = p.o.DB.Glance(ctx, func(r db.R) error {
		s, err = p.sso.Find(ctx, r, cookie)
		return err
	})
	return s, err
}

// SessionsOf lists the live sessions of a care identity, the newest first.
func (p *Provider) SessionsOf(ctx context.Context, r db.R, uuid string) ([]Session, error) {
	return p.sso.OfSubject(ctx, r, uuid)
}

// begin makes the session of a proof, in place of the one that the browser had. The same person keeps
// the sid, so that services signed in to before stay tied to it; anybody else's session ends first.
func (p *Provider) begin(ctx context.Context, w *db.W, had string, sso SSO) (cookie, sid, row string, err error) {
	sid = random.Secret()
	old, err := p.sso.Find(ctx, w, had)
	switch {
	case err == nil && old.Subject == sso.Proven.UUID:
		sid = old.SID
		_, err = p.sso.End(ctx, w, old.ID)
	case err == nil:
		err = p.end(ctx, w, old, "another person signed in on the same browser")
	case errors.Is(err, fault.Unauthenticated):
		err = nil
	}
	if err != nil {
		return "", "", "", err
	}
	idle := idleAAL2
	if sso.Proven.Level == authn.AAL3 {
		idle = idleAAL3
	}
	cookie, err = p.sso.Begin(ctx, w, session.New[SSO]{Subject: sso.Proven.UUID, SID: sid, State: sso, Idle: idle})
	row, _ = session.Split(cookie)
	return cookie, sid, row, err
}

// end ends a session: its codes and tokens die with it, and the services it signed in to are told.
func (p *Provider) end(ctx context.Context, w *db.W, s Session, reason string) error {
	if _, err := p.sso.End(ctx, w, s.ID); err != nil {
		return err
	}
	if err := code.EndSession(ctx, w, s.SID); err != nil {
		return err
	}
	if err := backchannel.Leave(ctx, w, s.SID, s.Subject); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: "signin.ended", Subject: audit.Ref{Kind: "identity", ID: s.Subject},
		Before: map[string]any{"session": s.ID, "authenticator": s.State.Proven.AuthenticatorID}, Reason: reason})
}

// EndOwn ends one session of a person, who may name only their own.
func (p *Provider) EndOwn(ctx context.Context, who actor.Actor, uuid, id string) error {
	return p.endWhere(ctx, who, uuid, "ended by the person", func(s Session) bool { return s.ID == id })
}

// EndOthers ends a person's sessions but one.
func (p *Provider) EndOthers(ctx context.Context, who actor.Actor, uuid, but string) error {
	return p.endWhere(ctx, who, uuid, "ended by the person from another browser", func(s Session) bool { return s.ID != but })
}

// EndAll ends every session of a care identity.
func (p *Provider) EndAll(ctx context.Context, who actor.Actor, uuid, reason string) error {
	return p.endWhere(ctx, who, uuid, reason, func(Session) bool { return true })
}

func (p *Provider) endWhere(ctx context.Context, who actor.Actor, uuid, reason string, which func(Session) bool) error {
	return p.o.DB.Update(ctx, who, func(w *db.W) error {
		list, err := p.sso.OfSubject(ctx, w, uuid)
		if err != nil {
			return err
		}
		for _, s := range list {
			if !which(s) {
				continue
			}
			if err := p.end(ctx, w, s, reason); err != nil {
				return err
			}
		}
		return nil
	})
}
