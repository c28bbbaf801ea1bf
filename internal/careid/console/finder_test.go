package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"signpost/internal/careid/hosting"
	"signpost/internal/careid/organisation"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

func TestFindYourRegistrationAuthority(t *testing.T) {
	w := open(t)
	const found = "Fenmarch University Hospitals"
	for _, tt := range []struct {
		name, typed string
		want        []string
	}{
		{"code", "Z90001", []string{"Oak Tree Pharmacy", found, "ra@ztr.example"}},
		{"code in lower case with spaces", "  z90001 ", []string{"Oak Tree Pharmacy", found}},
		{"name", "oak tree", []string{"Oak Tree Pharmacy", "FM2 1CD", found}},
		{"the beginnings of words", "phar oa", []string{"Oak Tree Pharmacy"}},
		{"postcode", "FM2 1CD", []string{"Oak Tree Pharmacy", found}},
		{"postcode as people type it", "fm21cd", []string{"Oak Tree Pharmacy", found}},
		{"one with an authority of its own", "ZTR", []string{found, "ra@ztr.example"}},
		{"nobody serves it", "St Annes", []string{"St Anne's Surgery", "Registration authority not known",
			"Ask your line manager"}},
		{"a postcode district", "fm2", []string{"Oak Tree Pharmacy", found}},
		{"a postcode beside it", "FM2 9ZZ", []string{"Oak Tree Pharmacy", found}},
		{"nothing found", "nowhere", []string{"Nothing found for nowhere", "Check the spelling"}},
		{"markup", "<script>x</script>", []string{"Nothing found for <script>x</script>"}},
		{"an essay", strings.Repeat("oak ", 3000), []string{"Find your registration authority"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := w.browser().get("/find-your-ra?q=" + url.QueryEscape(tt.typed))
			if p.status != http.StatusOK {
				t.Fatalf("%d %s", p.status, p.text)
			}
			p.has(t, tt.want...)
			if strings.Contains(p.markup, "<script>x") {
				t.Error("what was typed is taken for markup")
			}
		})
	}
	for _, typed := range []string{"oak%00tree", "%ff%fe", "%25", "'", "o+t", strings.Repeat("o+", 90)} {
		if p := w.browser().get("/find-your-ra?q=" + typed); p.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", typed, p.status, p.text)
		}
	}
	if p := w.browser().get("/find-your-ra"); strings.Contains(p.text, "Nothing found") || p.status != http.StatusOK {
		t.Errorf("before a search: %d %s", p.status, p.text)
	}
}

// addOrganisations adds organisations of one name, which one organisation serves through another.
func (w *world) addOrganisations(n int) {
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := range n {
			o := organisation.Organisation{Code: fmt.Sprintf("V%05d", i), Name: "Vale Surgery", RAParent: "Z90001"}
			if err := organisation.Add(ctx, u, o); err != nil {
				return err
			}
		}
		return nil
	})
}

// However many organisations are found, the page asks the database as often, shows 20 of them and says that there are
// more.
func TestStatementsForOrganisationsDoNotGrow(t *testing.T) {
	w := open(t)
	asked := map[int]int{}
	for _, n := range []int{3, 60} {
		w = open(t)
		w.addOrganisations(n)
		var p page
		statements := dbtest.Statements(t, w.DB, func() { p = w.browser().get("/find-your-ra?q=surgery+vale") })
		asked[n] = len(statements)
		p.has(t, "Vale Surgery", "ra@ztr.example")
		if got := strings.Count(p.text, "(V0"); got != min(n, 20) {
			t.Errorf("%d organisations are shown of %d", got, n)
		}
		if strings.Contains(p.text, "There are more") != (n > 20) {
			t.Errorf("%d found: %s", n, p.text)
		}
	}
	// Where all are shown, it is counted how many others an authority serves, a step of the walk at a time.
	if asked[3] > 20 || asked[60] > 10 {
		t.Errorf("statements by rows: %v", asked)
	}
}

// A word that thousands have needs another one.
func TestOrganisationsOfACommonWord(t *testing.T) {
	w := open(t)
	w.addOrganisations(1)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `WITH RECURSIVE numbers (n) AS
				(
				SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5001)
			INSERT INTO organisation_word (word, code) SELECT 'surgery', 'x' || n FROM numbers`)
		return err
	})
	common := w.browser().get("/find-your-ra?q=surgery")
	if common.status != http.StatusUnprocessableEntity || !strings.Contains(common.text, "Add another word") {
		t.Errorf("%d %s", common.status, common.text)
	}
	w.browser().get("/find-your-ra?q=surgery+vale").has(t, "V00000")
}

// The page before a search waits for nobody's search.
func TestThePageOfTheFinderTakesNoPlaceOfASearch(t *testing.T) {
	w := open(t)
	leave := make(chan struct{})
	var searching, ended sync.WaitGroup
	for range 2 {
		searching.Add(1)
		ended.Go(func() {
			err := w.DB.Costly(context.WithoutCancel(t.Context()), func(db.R) error {
				searching.Done()
				<-leave
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	searching.Wait()
	if p := w.browser().get("/find-your-ra"); p.status != http.StatusOK {
		t.Errorf("while others search: %d %s", p.status, p.text)
	}
	close(leave)
	ended.Wait()
}

// Each authority is said once, with those of the organisations found that it serves, and how many others it does.
func TestAnAuthorityIsSaidOnce(t *testing.T) {
	w := open(t)
	w.addOrganisations(5)
	p := w.browser().get("/find-your-ra?q=vale")
	if n := strings.Count(p.text, "ra@ztr.example"); n != 1 {
		t.Errorf("the authority is said %d times", n)
	}
	p.has(t, "Vale Surgery (V00000)", "Vale Surgery (V00004)", "and 2 others")
	p = w.browser().get("/find-your-ra?q=FM2+1CD")
	p.has(t, "Oak Tree Pharmacy (Z90001) FM2 1CD", "and 6 others")
	w.browser().get("/find-your-ra?ods=z90001").has(t, "Oak Tree Pharmacy (Z90001)", "ra@ztr.example")
}

// What other sites show in a frame has neither forms nor scripts, and says nothing of whoever is logged in.
func TestTheFinderInAFrameOfAnotherSite(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	p := b.get("/find-your-ra/embed?ods=Z90001")
	p.has(t, "Registration authority of Oak Tree Pharmacy: Fenmarch University Hospitals", "ra@ztr.example")
	for _, no := range []string{"<form", "<script", "Ada", "Log out"} {
		if strings.Contains(p.markup, no) {
			t.Errorf("the frame has %s", no)
		}
	}
	answer := b.Do(httptest.NewRequest(http.MethodGet, address+"/find-your-ra/embed?ods=Z90001", nil))
	policy := answer.Header().Get("Content-Security-Policy")
	if answer.Header().Get("X-Frame-Options") != "" || !strings.Contains(policy, "frame-ancestors *") ||
		!strings.Contains(policy, "form-action 'none'") || strings.Contains(policy, "script-src 'self'") {
		t.Errorf("headers %v", answer.Header())
	}
	for at, known := range map[string]bool{"?ods=NOPE1": false, "": false, "?ods=Z90002": true} {
		p := w.browser().get("/find-your-ra/embed" + at)
		if p.status != http.StatusOK || p.header.Get("X-Frame-Options") != "" {
			t.Errorf("embed%s: %d %v", at, p.status, p.header)
		}
		if !known {
			p.has(t, "No organisation with this ODS code is known here", "Find your registration authority")
		}
	}
	if p := b.Do(httptest.NewRequest(http.MethodGet, address+"/find-your-ra?ods=Z90001", nil)); p.Header().
		Get("X-Frame-Options") != "DENY" {
		t.Error("the finder itself can be framed")
	}
}

// Programs read the same, as often as one address may.
func TestTheFinderForPrograms(t *testing.T) {
	w := open(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		return hosting.SetReach(ctx, u, hosting.Reach{
			Code: "ZTR", Email: "ra@trust.example", Hours: [7]string{"09:00-17:00"},
		})
	})
	p := w.browser().get("/find-your-ra.json?ods=Z90001")
	for _, want := range []string{
		`"organisation":{"ods_code":"Z90001","name":"Oak Tree Pharmacy","closed":false}`, `"ods_code":"ZTR"`,
		`"email":"ra@trust.example"`, `{"day":"Monday","hours":"09:00-17:00"}`, `{"day":"Sunday","hours":""}`,
	} {
		if !strings.Contains(p.markup, want) {
			t.Errorf("no %s in %s", want, p.markup)
		}
	}
	p = w.browser().get("/find-your-ra.json?ods=Z90002")
	if !strings.Contains(p.markup, `"registration_authority":null`) {
		t.Errorf("of one that nobody serves: %s", p.markup)
	}
	busy := 0
	b := w.browser() // at one address
	for range 70 {
		if b.get("/find-your-ra.json?ods=Z90001").status == http.StatusTooManyRequests {
			busy++
		}
	}
	if busy == 0 {
		t.Error("one address may ask without end")
	}
}
