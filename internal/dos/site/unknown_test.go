package site_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

// Whoever saves something hears what is known of it: that nothing was changed, or that nobody can tell, with a link to
// where they can see it.
func TestWhatIsSaidOfAnOutcome(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.withPassword("ada", goodPass)
	w.Settle()
	asked := func() int64 { return w.count(`SELECT COUNT(*) FROM event WHERE kind = 'account.email-asked'`) }
	save := func(moment db.Moment) page {
		mend := dbtest.Break(t, w.DB, dbtest.At(moment))
		defer mend()
		return b.post("/account/email", "email", "ada.new@example.nhs.uk")
	}
	before := asked()
	got := save(db.Committing)
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "Nothing you entered was changed") {
		t.Errorf("before the commit: %d %s", got.status, got.body)
	}
	if asked() != before {
		t.Error("something was changed")
	}
	got = save(db.Committed)
	for _, want := range []string{"We cannot tell whether it was saved", `href="/account"`, "before you do it again"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("after the commit, no %s: %d %s", want, got.status, got.body)
		}
	}
	if strings.Contains(got.body, "Nothing you entered") || got.status != http.StatusGatewayTimeout {
		t.Errorf("after the commit: %d %s", got.status, got.body)
	}
}
