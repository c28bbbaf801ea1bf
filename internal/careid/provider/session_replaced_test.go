package provider_test

import (
	"context"
	"strings"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/session"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/worldtest"
)

// The session that the browser had ends while its owner proves themselves again: they are signed in, and nothing of the
// new session belongs to the old one. On SQLite nothing can come in between.
func TestTheOldSessionEndsMeanwhile(t *testing.T) {
	if dbtest.Server() == "" {
		return
	}
	w, key := withKey(t)
	b := w.Browser()
	b.SignIn(logintest.Request(), key)
	sessions := w.Provider.Sessions()
	old, err := sessions.Old(t.Context(), b.Cookies["__Host-"+session.Cookie])
	worldtest.Check(t, err)
	id := strings.TrimPrefix(b.Begin(logintest.Request("prompt", "login")), provider.FlowPath)
	f, err := w.Provider.Load(t.Context(), id, b.Cookies["__Host-"+provider.FlowCookies.Of(id)])
	worldtest.Check(t, err)
	runs := 0
	proof := authenticator.Proof{Accept: func(ctx context.Context, dw *db.W) (authenticator.Proven, error) {
		a, err := authenticator.MayProve(ctx, dw, w.AuthenticatorID(t), tries.Browser{})
		if runs++; runs == 1 {
			worldtest.Check(t, sessions.EndAll(ctx, actor.ForCommand("test"), w.UUID, "test", ""))
		}
		if err != nil {
			return authenticator.Proven{}, err
		}
		return authenticator.Accept(ctx, dw, a)
	}}
	out, err := w.Provider.Prove(t.Context(), actor.ForCommand("test"), f, b.Cookies["__Host-"+session.Cookie], proof)
	worldtest.Check(t, err)
	now, err := sessions.Find(t.Context(), out.Cookie)
	worldtest.Check(t, err)
	if old.SID == "" || now.SID == old.SID || runs < 2 || out.Answer.Empty() {
		t.Errorf("after %d runs: sid %q, then %q, answer %v", runs, old.SID, now.SID, out.Answer)
	}
}
