package console_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/national/cards"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// Every form belongs to the person for whom it was rendered, and to its own path, and must arrive whole. Its address
// leads to its page.
func TestFormsOfOthersAreRefused(t *testing.T) { walk(t, open(t)).Run(t) }

// The address of every form leads to its page.
func TestAddressesOfFormsLeadToTheirPages(t *testing.T) { walk(t, open(t)).Looks(t) }

// No error page answers a post: loaded again, it would have the browser ask whether to send the form once more.
func TestNoErrorPageAnswersAPost(t *testing.T) { walk(t, open(t)).Answers(t) }

func walk(t *testing.T, w *world) webtest.Walk {
	t.Helper()
	team := w.signedIn().team("Fenmarch Software")
	asked := w.asked(w.another("Bea"))
	applied := w.applications()
	return webtest.Walk{
		Site: w.site, Sealer: w.sealer(), Unsealed: []string{"POST " + portal.LogoutPath, "POST " + wire.Path,
			"POST " + wire.ChangesPath, "POST " + cards.IssuePath, "POST " + cards.RenewPath, "POST " + cards.UnlockPath},
		Open: func(route web.Route) (map[string]string, string) {
			if asking, at := w.opensAsking(route.Pattern); asking != nil {
				return asking.Cookies, address + at
			}
			b := w.browser()
			if route.Guard != "anyone" {
				b = w.signedIn()
			}
			if ofApplications(route.Pattern) {
				b.Cookies[applyCookie] = applied.cookie
				return b.Cookies, address + applied.path(route.Pattern)
			}
			id := team[strings.LastIndex(team, "/")+1:]
			names := strings.NewReplacer("{team}", id, "{client}", "1.apps.supplier", "{uuid}", w.ada, "{id}", asked.mine,
				"{batch}", "none")
			_, at, _ := strings.Cut(names.Replace(route.Pattern), " ")
			return b.Cookies, address + at
		},
		Changed: func() int64 {
			return w.Count(`SELECT COUNT(*) FROM event WHERE kind <> 'mail.delivered'`) + w.Count(`SELECT COUNT(*) FROM session`) +
				w.Count(`SELECT COUNT(*) FROM mailed_code`)
		},
	}
}

// A form that one person filled in is not saved as another's: the page says who is logged in now and who wrote it.
func TestAFormIsNotSavedAsAnothers(t *testing.T) {
	w := open(t)
	const path = "/view-your-profile/email"
	b := w.signedIn()
	page := b.get(path).markup
	b.post("/sign-out")
	w.issuer.Person.Subject = w.another("Ben")
	if p := b.arrive(); p.location != "/view-your-profile" {
		t.Fatalf("Ben arrives at %s", p.location)
	}
	got := b.post(path, "email", newEmail, "seal", webtest.SealOf(page, path))
	got = b.get(got.location)
	if got.status != http.StatusConflict || w.Count(`SELECT COUNT(*) FROM mailed_code`) != 0 {
		t.Fatalf("saved as another's: %d", got.status)
	}
	got.has(t, "You are logged in as Ben Example", "was opened by Ada O'Example <b>,", "Nothing was changed",
		"typed is kept for an hour", "Continue as Ben Example", "Log out so that Ada O'Example <b> can log in")
	if strings.Contains(got.markup, newEmail) || b.get("/held").location != "/" {
		t.Error("Ben sees what Ada typed")
	}
}
