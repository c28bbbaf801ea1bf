package site_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/explain"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// benchPages are the pages over many accounts and requests that are timed.
var benchPages = []string{
	"/users", "/users?after=user5", "/users?kind=shared", "/users?kind=machine", "/users?kind=individual",
	"/users?state=linked", "/users?state=not-linked", "/users?state=never-used", "/users?state=unconfirmed",
	"/users?state=not-active", "/users?kind=individual&state=linked&region=r4", "/users?q=last77",
	"/users?q=first12+last77", "/users?state=drifted", "/users?organisation=ZO4",
	"/users?organisation=ZO4&state=drifted", "/users?organisation=hospital", "/users/counts?organisation=ZO4",
	"/users/counts", "/requests", "/requests?which=decide", "/requests?which=email",
	"/shared-accounts", "/link-reviews", "/users/names", "/merges",
}

// BenchmarkPagesOfLargeLists asks for the pages of lists over 100,000 accounts and 10,000 open requests, as an
// administrator of everything, of a region and of an organisation. Of 100 pages 99 are to come within 50 ms. On a
// machine that others use, the processor's time says more than the clock.
func BenchmarkPagesOfLargeLists(b *testing.B) {
	w := newWorld(b)
	w.populate(large)
	w.Must(w.DB.Filled(w.Context(), append(account.ImportedTables, "account_link")...)) // as an import does at its end
	b.Run("explain login", func(b *testing.B) { timed(b, func() { w.explainLogin("user7919") }) })
	for name, scope := range map[string]account.Scope{
		"everywhere": account.Everywhere, "region": account.InRegion("r4"), "organisation": account.OwnOrganisation,
	} {
		grants := append(account.UserAdministrator.In(scope), scope.Of(account.ReviewLinks, account.ApproveUser)...)
		browser := w.loggedIn("bench."+name, grants)
		for _, address := range benchPages {
			b.Run(name+address, func(b *testing.B) {
				timed(b, func() {
					browser.movesOn()
					if got := browser.get(address); got.status != http.StatusOK {
						b.Fatalf("%s: %d %s", address, got.status, got.body)
					}
				})
			})
		}
	}
}

// movesOn takes the browser to another network, as a machine asks for more pages than a site gives to any one.
func (b *browser) movesOn() {
	benchNetworks++
	b.Address = fmt.Sprintf("10.%d.%d.1:1234", benchNetworks>>8&255, benchNetworks&255)
}

var benchNetworks int // from which requests came

// explainLogin does what signpost explain login does, which is to take less than 20 ms.
func (w *world) explainLogin(username string) {
	w.Helper()
	_, err := db.Read(w.Context(), w.DB, func(r db.R) (explain.Explanation, error) {
		a, err := explain.Find(w.Context(), r, username)
		if err != nil {
			return explain.Explanation{}, err
		}
		return explain.Login(w.Context(), r, a)
	})
	w.Must(err)
}

// timed says how long something takes: of a hundred times half and ninety-nine take no longer, and what the processor
// works each time.
func timed(b *testing.B, do func()) {
	b.Helper()
	var took []time.Duration
	before := worldtest.ProcessorTime(b)
	for b.Loop() {
		begun := time.Now()
		do()
		took = append(took, time.Since(begun))
	}
	used := worldtest.ProcessorTime(b) - before
	slices.Sort(took)
	b.ReportMetric(milliseconds(took[len(took)/2]), "p50-ms")
	b.ReportMetric(milliseconds(took[len(took)*99/100]), "p99-ms")
	b.ReportMetric(milliseconds(used)/float64(len(took)), "processor-ms")
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
