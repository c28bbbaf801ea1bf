package site_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// inWave gives the wave of an account.
func (w *world) inWave(a account.Account) string {
	w.Helper()
	of, err := db.Read(w.Context(), w.DB, func(r db.R) (wave.Wave, error) { return wave.Of(w.Context(), r, a.ID) })
	w.Must(err)
	return of.ID
}

// Accounts go to another wave one by one, by organisation or all, after a page that says how many they are; no password
// stops or begins to work by it.
func TestAccountsAreMovedToAnotherWave(t *testing.T) {
	w := newWorld(t)
	people := map[string]account.Account{}
	for username, organisation := range map[string]string{"winifred": "RXK", "xanthe": "RXK", "yves": "RXZ"} {
		people[username] = w.Account(account.New{Username: username, Email: username + "@example.nhs.uk",
			Organisation: organisation}, w.waves[path.Prepare])
	}
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	wave := "/waves/" + w.waves[path.Prepare]
	b.get(wave).mustHave(t, `href="`+wave+`/others"`)
	picked := b.get(wave + "/others")
	picked.mustHave(t, w.waves[path.Choose])
	if strings.Contains(picked.body, w.waves[path.Require]) {
		t.Error("a wave in which passwords have ended is offered to one in which they have not")
	}
	check := func(which, of, into string) page {
		return b.get(wave + "/others/check?which=" + which + "&of=" + of + "&into=" + into)
	}
	choose := w.waves[path.Choose]
	for name, tt := range map[string]struct{ which, of, into, want string }{
		"nobody":            {"person", "nobody", choose, "We do not know an account with the username"},
		"of another wave":   {"person", "mover", choose, "No account of this wave is meant by that"},
		"not of theirs":     {"organisation", "RYY", choose, "No account of this wave is meant by that"},
		"all of one":        {"all", "RXK", choose, "Leave it empty"},
		"nothing typed":     {"organisation", "", choose, "Enter the username, or the ODS code"},
		"no such wave":      {"all", "", "none", "Choose another wave in the same phase"},
		"passwords end":     {"all", "", w.waves[path.Require], "Choose another wave in the same phase"},
		"the wave it is in": {"all", "", w.waves[path.Prepare], "Choose another wave in the same phase"},
	} {
		got := check(tt.which, tt.of, tt.into)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(webtest.Text(got.body), tt.want) {
			t.Errorf("%s: %d %s", name, got.status, webtest.Text(got.body))
		}
	}
	w.sql(fmt.Sprintf(`UPDATE wave SET require_at = %d WHERE id = '%s'`,
		time.Date(2027, 3, 31, 0, 0, 0, 0, time.UTC).UnixMilli(), choose))
	text := webtest.Text(check("organisation", "rxk", choose).body)
	for _, want := range []string{"That are moved 2", "they are offered to link",
		"Planned on 31 March 2027. Here it is on no day yet"} {
		if !strings.Contains(text, want) {
			t.Errorf("the check page lacks %q: %s", want, text)
		}
	}
	at := wave + "/others/check"
	without := b.post(at, "which", "organisation", "of", "rxk", "into", choose)
	if without.status != http.StatusUnprocessableEntity || w.inWave(people["winifred"]) == choose {
		t.Errorf("without a reason: %d", without.status)
	}
	without.mustHave(t, "Enter why", "That are moved", `value="rxk"`)
	for _, form := range []string{"/others/check", "/accounts"} {
		if got := b.get(wave + form); got.status != http.StatusSeeOther {
			t.Errorf("%s without anything asked: %d", form, got.status)
		}
	}
	b.post(at, "which", "organisation", "of", "rxk", "into", choose, "reason", "They asked to be first")
	if w.inWave(people["winifred"]) != choose || w.inWave(people["xanthe"]) != choose ||
		w.inWave(people["yves"]) != w.waves[path.Prepare] {
		t.Error("other accounts were moved than those of the organisation")
	}
	b.post(at, "which", "person", "of", "yves", "into", choose, "reason", "They asked to be first")
	if w.inWave(people["yves"]) != choose {
		t.Error("one account was not moved")
	}
	back := "/waves/" + choose + "/others/check"
	b.post(back, "which", "person", "of", "yves", "into", w.waves[path.Require], "reason", "no")
	if w.inWave(people["yves"]) != choose {
		t.Error("somebody's password ended by the way")
	}
	b.post(back, "which", "all", "into", w.waves[path.Prepare], "reason", "Not yet")
	if w.inWave(people["yves"]) != w.waves[path.Prepare] || w.inWave(people["winifred"]) != w.waves[path.Prepare] {
		t.Error("not all went back")
	}
}
