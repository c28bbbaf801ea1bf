package login_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/tries"
)

// A persona who was chosen before the login began, and whose authenticator is locked, is told so on the page of the
// login.
func TestAPersonaIsRefusedOnThePage(t *testing.T) {
	w := open(t)
	w.Site = w.DemoSite()
	id := ""
	w.ByDesk(func(dw *db.W) (err error) {
		id, err = authenticator.Bind(t.Context(), dw, logintest.SimulatedKey(w.UUID))
		return err
	})
	for range authenticator.MaxWrongTries {
		_ = w.DB.Update(t.Context(), logintest.Desk, func(dw *db.W) error {
			return careidtest.WrongTry(t.Context(), dw, id, tries.Browser{})
		})
	}
	b := w.Browser()
	at := b.Begin(logintest.Request())
	b.Cookies["__Host-simulated-next"] = w.UUID
	res := b.Get(strings.Replace(at, "/sign-in/", "/simulated/", 1))
	if to := res.Header.Get("Location"); to != at {
		t.Fatalf("%d, %q: %s", res.StatusCode, to, logintest.Heading(res))
	}
	page := b.Get(at)
	if text := logintest.Text(page); page.StatusCode != http.StatusForbidden || !strings.Contains(text, "locked") {
		t.Errorf("%d: %s", page.StatusCode, text)
	}
}
