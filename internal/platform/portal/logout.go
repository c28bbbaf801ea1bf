package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/once"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/web"
)

// LogoutPath is the path at which CIS2 tells a site that a session has ended at CIS2.
const LogoutPath = "/backchannel-logout"

var errReplayed = fault.Say(fault.Invalid, "This logout token has been used.")

// providerLogout answers CIS2 when it says that a session has ended there (OpenID Connect Back-Channel Logout 1.0).
func (p *Portal[S, P]) providerLogout(w http.ResponseWriter, r *http.Request) error {
	claims, err := p.CIS2.VerifyLogout(r.Context(), r.PostFormValue("logout_token"))
	if err == nil {
		err = p.endSessions(r, claims)
	}
	if f, known := fault.From(err); known && f.Code == fault.Invalid {
		answer := map[string]string{"error": "invalid_request", "error_description": f.Message}
		return web.JSON(w, http.StatusBadRequest, answer)
	}
	if err != nil {
		return withWords(err)
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// endSessions ends the sessions here that belong to a session that has ended at CIS2. Each token works once. Sessions
// are matched by sid, or by subject if the token has no sid. An old token does not end newer sessions.
func (p *Portal[S, P]) endSessions(r *http.Request, claims relying.LogoutClaims) error {
	by := web.Actor(r)
	by.Kind = actor.Machine
	by.ID = claims.Issuer
	return p.DB.Update(r.Context(), by, func(w *db.W) error {
		err := claims.Token.Use(r.Context(), w)
		if errors.Is(err, once.ErrUsed) {
			return w.Refuse(r.Context(), audit.Event{Kind: p.Events.LogoutReplayed}, errReplayed)
		}
		if err != nil {
			return err
		}
		n, err := p.endMatching(r.Context(), w, claims)
		if err != nil {
			return fmt.Errorf("end sessions: %w", err)
		}
		ended := audit.Ref{Kind: "sid", ID: claims.SID}
		after := map[string]int64{"sessions": n}
		return w.Record(r.Context(), audit.Event{Kind: p.Events.ProviderLogout, Subject: ended, After: after})
	})
}

func (p *Portal[S, P]) endMatching(ctx context.Context, w *db.W, claims relying.LogoutClaims) (int64, error) {
	if claims.SID != "" {
		return p.Sessions.EndSID(ctx, w, claims.SID, claims.Until, EndedAtCIS2)
	}
	subject, err := p.Subject(ctx, w, claims.Issuer, claims.Subject)
	if err != nil || subject == "" {
		return 0, err
	}
	return p.Sessions.EndEarlier(ctx, w, subject, claims.Until, EndedAtCIS2)
}
