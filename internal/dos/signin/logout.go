package signin

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/once"
	"signpost/internal/platform/relying"
)

var errReplayed = fault.Say(fault.Invalid, "This logout token has been used.")

// ProviderLogout ends the sessions that came from a sign-in which has ended at CIS2 (OpenID Connect
// Back-Channel Logout 1.0). A token is taken once. Sessions are matched by sid; by subject only where the
// token names no sid. An old event ends no newer session.
func (d *Desk) ProviderLogout(ctx context.Context, who actor.Actor, token string) error {
	claims, err := d.Relying.VerifyLogout(ctx, token)
	if err != nil {
		return err
	}
	who.Kind, who.ID = actor.Machine, claims.Issuer
	return d.DB.Update(ctx, who, func(w *db.W) error {
		err := claims.Token.Use(ctx, w)
		if errors.Is(err, once.ErrUsed) {
			return w.Refuse(ctx, audit.Event{Kind: eventLogoutReplayed}, errReplayed)
		}
		if err != nil {
			return err
		}
		n, err := Sessions.EndSID(ctx, w, claims.SID, claims.Until)
		if claims.SID == "" {
			n, err = endOfSubject(ctx, w, claims)
		}
		if err != nil {
			return fmt.Errorf("end sessions: %w", err)
		}
		ended := audit.Ref{Kind: "sid", ID: claims.SID}
		return w.Record(ctx, audit.Event{Kind: eventProviderLogout, Subject: ended, After: map[string]int64{"sessions": n}})
	})
}

// endOfSubject ends the sessions of the account linked to a care identity.
func endOfSubject(ctx context.Context, w *db.W, claims relying.LogoutClaims) (int64, error) {
	a, err := account.ByCareIdentity(ctx, w, claims.Issuer, claims.Subject)
	if absent(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return Sessions.EndEarlier(ctx, w, a.ID, claims.Until)
}
