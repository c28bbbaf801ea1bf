package login_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/population"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// maxDifference is how far the median times of two kinds of people may be apart.
const maxDifference = 5 * time.Millisecond

// O36, W24: a wrong password is answered in the same words and the same time for somebody with an app, somebody whose
// app is suspended, somebody without one, and nobody. As many tries of each as make prove has show it by the clock;
// fewer would be chance.
func TestTimeTellsNobodyWhoThereIs(t *testing.T) {
	tries, judged := 12, false
	if os.Getenv("PROVE") != "" {
		tries, judged = 500, true
	}
	w := open(t)
	w.BindApp(t)
	app := func(name string, suspended bool) {
		authenticators := []population.Authenticator{{Kind: authn.AuthenticatorApp, Password: logintest.GoodPass,
			Secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}}
		w.Person(population.Person{GivenName: name, FamilyName: "Example", Email: name + "@example.nhs.uk",
			Organisation: "FXX01", Authenticators: authenticators})
		if !suspended {
			return
		}
		w.ByDesk(func(dw *db.W) error {
			id, err := db.Value[string](t.Context(), dw,
				`SELECT a.id FROM authenticator a JOIN identity i ON i.uuid = a.uuid WHERE i.given_name = $1`, name)
			if err != nil {
				return err
			}
			return authenticator.SuspendPart(t.Context(), dw, id, "lost")
		})
	}
	app("sue", true)
	w.Person(population.Person{GivenName: "Kay", FamilyName: "Example", Email: "kay@example.nhs.uk", Organisation: "FXX01"})
	people := []string{"ada", "sue", "kay", "nobody"}
	times := map[string][]time.Duration{}
	words := map[string]string{}
	for n := range tries {
		w.Clock.Advance(time.Minute) // nobody is slowed
		for i := range people {
			name := people[(i+n)%len(people)]
			b := w.Browser()
			b.Address = netip.AddrFrom4([4]byte{198, 51, byte(n), byte(i)}).String() + ":1024"
			at := b.Begin(logintest.Request())
			b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
			form := logintest.Values("email", name+"@example.nhs.uk", "password", fmt.Sprint("a guess ", n))
			began := time.Now()
			res := b.Do(http.MethodPost, at+"/password", form)
			times[name] = append(times[name], time.Since(began))
			page := strings.NewReplacer(at, "…", name+"@", "…@").Replace(webtest.Unsealed(logintest.Text(res)))
			words[name] = page
		}
	}
	for _, name := range people {
		slices.Sort(times[name])
		median := times[name][len(times[name])/2]
		t.Logf("%s: median of %d: %v", name, tries, median)
		if words[name] != words["nobody"] {
			t.Errorf("%s is answered in other words:\n%s\n%s", name, words[name], words["nobody"])
		}
		if apart := (median - times["nobody"][len(times["nobody"])/2]).Abs(); judged && apart > maxDifference {
			t.Errorf("the times for %s and for nobody are %v apart", name, apart)
		}
	}
}
