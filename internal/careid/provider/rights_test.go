package provider_test

import (
	"net/http"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/identity"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/worldtest"
)

// L24, L26, L27: a token of before tells no role that has ended, and nothing at all once its person was suspended. That
// stays so when they are resumed: they log in again.
func TestTokensOfBeforeTellNoEndedRights(t *testing.T) {
	w, key := withKey(t)
	var y worldtest.Tally
	begin := func() (roles, info func() bool) {
		t.Helper()
		request := logintest.Request("scope", "openid nationalrbacaccess")
		got := w.Redeem(w.Browser().SignIn(request, key).Query().Get("code"))
		ask := func() (int, map[string]any) { return w.UserInfo(got.AccessToken) }
		return func() bool {
				_, claims := ask()
				list, _ := claims[cis2.RolesClaim].([]any)
				return len(list) > 0
			}, func() bool {
				status, _ := ask()
				return status == http.StatusOK
			}
	}
	roles, info := begin()
	if !roles() || !info() {
		t.Fatal("the token does not tell the role while it is held")
	}
	status(`UPDATE assignment SET ends_at = 1 WHERE uuid = $1`)(w)
	y.Refused(t, "L24 a role that has ended", roles())
	move := func(act identity.Act) {
		t.Helper()
		w.Must(identity.Move(t.Context(), w.DB, logintest.Desk, w.UUID, act, "test"))
	}
	move(identity.Suspend)
	y.Refused(t, "L26 suspended", info())
	w.Settle()
	move(identity.Resume)
	y.Refused(t, "L27 resumed, by the token of before", info())
	if _, again := begin(); !again() {
		t.Error("whoever was resumed cannot log in again")
	}
	y.Report(t, "L24, L26, L27 tokens of before")
}
