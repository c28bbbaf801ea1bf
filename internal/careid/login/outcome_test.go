package login_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

// Whoever is told that nobody knows whether it was saved can look where the login is now.
func TestAnUnknownOutcomeLeadsToWhereTheLoginIs(t *testing.T) {
	w, key := withKey(t)
	b := w.Browser()
	at := b.Begin(logintest.Request())
	b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	answer := b.Touch(at, key)
	mend := dbtest.Break(t, w.DB, dbtest.At(db.Committed))
	told := b.Do("POST", at+"/key", logintest.Values("answer", answer))
	mend()
	if told.StatusCode == http.StatusSeeOther {
		told = b.Get(told.Header.Get("Location"))
	}
	page := logintest.Text(told)
	if told.StatusCode != http.StatusGatewayTimeout || !strings.Contains(page, "We cannot tell whether it was saved") {
		t.Fatalf("the answer was lost: %d %s", told.StatusCode, page)
	}
	if !strings.Contains(page, `href="`+at+`"`) {
		t.Errorf("no link to where the login is:\n%s", page)
	}
	if now := logintest.Text(b.Get(at)); !strings.Contains(now, "Go to Directory of Services") {
		t.Errorf("the login was saved, and nothing leads on from where it is:\n%s", now)
	}
}
