package site_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout/board"
	cases "signpost/internal/dos/shared"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// The page for the wall says until when and what everybody needs, and leads to the checklist; it names nobody.
func TestThePageForTheWall(t *testing.T) {
	w := newWorld(t)
	for _, username := range []string{"winifred", "xanthe"} {
		w.Account(account.New{Username: username, FirstName: "Winifred", Email: username + "@example.nhs.uk",
			Organisation: "RXK", PasswordHash: w.Hash}, w.waves[path.Choose])
	}
	_, err := board.Keep(w.Context(), w.DB)
	w.Must(err)
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	b.get("/board?organisation=RXK").mustHave(t, `href="/board/wall?organisation=RXK"`)
	page := b.get("/board/wall?organisation=rxk")
	page.mustHave(t, "<svg", "QR code that leads to your checklist")
	text := webtest.Text(page.body)
	for _, want := range []string{"RXK", "0 of 2 of us are ready", "/checklist", "Passwords ",
		"An active Care Identity"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not there: %s", want, text)
		}
	}
	main := text[strings.Index(text, "yourself"):]
	if strings.Contains(main, "Winifred") || strings.Contains(main, "xanthe") {
		t.Errorf("it names somebody: %s", text)
	}
	if got := b.get("/board/wall?organisation=NONE"); got.status != http.StatusNotFound {
		t.Errorf("an organisation of nobody: %d", got.status)
	}
}

// The page for those who use a shared account says when it ends; of another's account there is none.
func TestThePageForTheWallOfATeam(t *testing.T) {
	w := newWorld(t)
	team := w.Account(account.New{Username: "ward.nine", Email: "ward9@example.nhs.uk", Kind: account.Shared,
		Organisation: "RXK", PasswordHash: w.Hash}, w.waves[path.Choose])
	alone := w.Account(account.New{Username: "ann", Email: "ann@example.nhs.uk", Organisation: "RXK"}, "")
	admin := w.loggedIn("everywhere", account.UserAdministrator.In(account.Everywhere))
	wall := "/users/" + team.ID + "/shared/wall"
	admin.get("/users/"+team.ID+"/shared").mustHave(t, `href="`+wall+`"`)
	admin.get(wall).mustHave(t, "Everybody who uses the account ward.nine", "shared accounts are going away")
	day := w.clock.Now().Add(30 * 24 * time.Hour)
	w.Update(func(ctx context.Context, u *db.W) error { return cases.BeginPart(ctx, u, team.ID, day) })
	admin.get(wall).mustHave(t, "This shared account ends on ", "say who you are")
	if got := admin.get("/users/" + alone.ID + "/shared/wall"); got.status != http.StatusNotFound {
		t.Errorf("somebody's own account: %d", got.status)
	}
	north := w.loggedIn("north", account.UserAdministrator.In(account.InRegion("north")))
	if got := north.get(wall); got.status != http.StatusForbidden {
		t.Errorf("of another's account: %d", got.status)
	}
}
