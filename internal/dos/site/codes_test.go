package site_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// bareCode finds a code of an organisation that stands alone, without the name before it.
var bareCode = regexp.MustCompile(`(?:^|[^(])\b(?:FXX01|A81001)\b`)

// No page names an organisation by its code alone where its name is known.
func TestNoPageHasABareCode(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "chief", FirstName: "Cay", Email: "chief@example.nhs.uk",
		Grants: account.Everywhere.Of(account.ManageUsers, account.ApproveUser, account.ReviewLinks)}, path.Choose)
	boss := w.browser()
	boss.withPassword("chief", goodPass)
	w.update(func(ctx context.Context, u *db.W) error {
		for code, name := range map[string]string{"FXX01": "Fenmarch Pharmacy", "A81001": "Riverside Surgery"} {
			record := `{"name": "` + name + `", "status": "A"}`
			if err := directory.ImportedOrganisations().Put(ctx, u, code, "", record); err != nil {
				return err
			}
		}
		return nil
	})
	team := w.reception()
	w.saysTwo(team, 1)
	bo := w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk", Organisation: "FXX01"},
		path.Choose)
	w.nia()
	asker := w.confirmed()
	asker.prove()
	seen := 0
	for _, one := range []struct {
		by *browser
		at []string
	}{
		{asker, []string{"/my-request"}},
		{boss, []string{"/users", "/users?organisation=FXX01", "/users/counts?organisation=FXX01", "/users/" + bo.ID,
			"/users/" + bo.ID + "/groups", "/users/" + bo.ID + "/merge", "/users/" + team.ID,
			"/users/" + team.ID + "/shared", "/shared-accounts", "/requests", w.requestOf(newcomer),
			"/users/organisations", "/merges", "/email-drift", "/mailings", frame.ReviewsPage}},
	} {
		for _, at := range one.at {
			got := one.by.get(at)
			text := webtest.Text(got.body)
			if got.status != http.StatusOK {
				t.Errorf("%s: %d to %s", at, got.status, got.location)
			}
			seen += strings.Count(text, "Fenmarch Pharmacy (FXX01)") + strings.Count(text, "Riverside Surgery (A81001)")
			if bare := bareCode.FindStringIndex(text); bare != nil {
				t.Errorf("%s: …%s…", at, text[max(0, bare[0]-60):min(len(text), bare[1]+40)])
			}
		}
	}
	if seen < 8 {
		t.Errorf("organisations are named %d times: the test proves little", seen)
	}
}
