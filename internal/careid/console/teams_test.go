package console_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/db"
)

func TestAColleagueJoinsAndOneMemberStays(t *testing.T) {
	w := open(t)
	ben := w.another("Ben")
	ada := w.signedIn()
	at := ada.team("Fenmarch Software")
	path := ada.register(at, rota())
	if p := ada.post(at+"/invite", "invite", ben); p.status != http.StatusSeeOther {
		t.Fatalf("invite: %d %s", p.status, p.text)
	}
	ada.get(at).has(t, ben+", invited 24 November 2026", "A team must keep at least one member.")
	friend := w.signedInAs(ben)
	if p := friend.get(path); p.status != http.StatusNotFound {
		t.Errorf("before joining: %d", p.status)
	}
	home := friend.get("/connections")
	home.has(t, "The team ‘Fenmarch Software’ invites you")
	invitation := regexp.MustCompile(`name="invitation" value="([^"]+)"`).FindStringSubmatch(home.markup)[1]
	if p := friend.post("/connections/invitations/accept", "invitation", invitation); p.location != at {
		t.Fatalf("accept: %d %q %s", p.status, p.location, p.text)
	}
	friend.get(path).has(t, "Rota", "Change the settings")
	if p := friend.post(at+"/remove", "member", w.ada); p.status != http.StatusSeeOther {
		t.Errorf("remove: %d", p.status)
	}
	if p := ada.get(path); p.status != http.StatusNotFound {
		t.Errorf("after removal: %d", p.status)
	}
	if p := friend.post(at+"/remove", "member", ben); p.status != http.StatusConflict {
		t.Errorf("the last one left: %d", p.status)
	}
}

func TestInvitationsAreDeclinedAndWithdrawn(t *testing.T) {
	w := open(t)
	ben := w.another("Ben")
	ada := w.signedIn()
	at := ada.team("Fenmarch Software")
	friend := w.signedInAs(ben)
	value := regexp.MustCompile(`name="invitation" value="([^"]+)"`)
	for _, tt := range []struct {
		user *browser
		path string
	}{{friend, "/connections/invitations/decline"}, {ada, at + "/withdraw"}} {
		ada.post(at+"/invite", "invite", ben)
		m := value.FindStringSubmatch(friend.get("/connections").markup)
		if m == nil {
			t.Fatalf("%s: no invitation", tt.path)
		}
		if p := tt.user.post(tt.path, "invitation", m[1]); p.status != http.StatusSeeOther {
			t.Errorf("%s: %d", tt.path, p.status)
		}
		if value.MatchString(friend.get("/connections").markup) {
			t.Errorf("%s: it is still there", tt.path)
		}
	}
}

// People of another team cannot open a team's or a client's pages, nor change anything there.
func TestOtherTeamsAreRefused(t *testing.T) {
	w := open(t)
	ada := w.signedIn()
	at := ada.team("Fenmarch Software")
	path := ada.register(at, rota())
	ada.post(at+"/invite", "invite", "000000000000")
	notice := w.failedNotice(idOf(path))
	ben := w.signedInAs(w.another("Ben"))
	elsewhere := ben.team("Another")
	theirs := ben.register(elsewhere, named("Handover"))
	change := rota()
	change.Set("client_name", "Taken over")
	forms := map[string]url.Values{
		"POST /connections/teams/{team}/register":              named("A third"),
		"POST /connections/teams/{team}/invite":                {"invite": {w.ada}},
		"POST /connections/teams/{team}/remove":                {"member": {w.ada}},
		"POST /connections/teams/{team}/withdraw":              {"invitation": {"0"}},
		"POST /connections/clients/{client}/change":            change,
		"POST /connections/clients/{client}/secret":            {"overlap": {"0s"}},
		"POST /connections/clients/{client}/status":            {"move": {"suspend"}},
		"POST /connections/clients/{client}/notices/again":     {"notice": {notice}, "all": {"yes"}},
		"POST /connections/clients/{client}/notices/test":      {},
		"POST /connections/clients/{client}/secret/end":        {},
		"POST /connections/clients/{client}/approval/ask":      {},
		"POST /connections/clients/{client}/approval/withdraw": {},
		"POST /connections/clients/{client}/approval/approve":  {"version": {"1"}},
		"POST /connections/clients/{client}/approval/refuse":   {"version": {"1"}, "reason": {"No"}},
		"GET /connections/clients/{client}/approval":           nil,
		"GET /connections/teams/{team}":                        nil,
		"GET /connections/teams/{team}/register":               nil,
		"GET /connections/clients/{client}":                    nil,
		"GET /connections/clients/{client}/change":             nil,
		"GET /connections/clients/{client}/delete":             nil,
		"GET /connections/clients/{client}/refusals":           nil,
		"GET /connections/clients/{client}/notices":            nil,
		"GET /connections/clients/{client}/history":            nil,
	}
	tried := 0
	accepted := 0
	for pattern := range guards {
		if !strings.Contains(pattern, "{team}") && !strings.Contains(pattern, "{client}") {
			continue
		}
		form, known := forms[pattern]
		if !known {
			t.Errorf("%s is not tried", pattern)
			continue
		}
		tried++
		method, route, _ := strings.Cut(pattern, " ")
		ours := strings.NewReplacer("{team}", idOf(at), "{client}", idOf(path)).Replace(route)
		change.Set("version", strconv.FormatInt(w.clientOf(path).Version, 10))
		before := w.state(path, at)
		p := ben.do(method, ours, form)
		if after := w.state(path, at); p.status != http.StatusNotFound || after != before ||
			strings.Contains(p.text, "Rota") {
			accepted++
			t.Errorf("%s by another team: %d, from %s to %s", pattern, p.status, before, after)
		}
		// The honest twin: the same page of their own. What waits for approval is for operators.
		if method == http.MethodGet && !strings.HasSuffix(route, "/approval") {
			own := strings.NewReplacer("{team}", idOf(elsewhere), "{client}", idOf(theirs)).Replace(route)
			if p := ben.get(own); p.status != http.StatusOK {
				t.Errorf("honest twin of %s: %d", pattern, p.status)
			}
		}
	}
	t.Logf("pages and posts of another team: tried %d, accepted %d", tried, accepted)
	if tried == 0 || w.events("team.refused") == 0 {
		t.Error("nothing was tried, or no refusal was kept")
	}
	// The honest twins of the posts, in an order in which each can succeed.
	for _, pattern := range []string{
		"teams/{team}/invite", "clients/{client}/secret", "clients/{client}/secret/end",
		"clients/{client}/notices/again", "clients/{client}/notices/test", "clients/{client}/status",
	} {
		ours := strings.NewReplacer("{team}", idOf(at), "{client}", idOf(path)).Replace("/connections/" + pattern)
		if p := ada.do(http.MethodPost, ours, forms["POST /connections/"+pattern]); p.status != http.StatusSeeOther {
			t.Errorf("honest twin of %s: %d %s", pattern, p.status, p.text)
		}
	}
}

// state gives everything that people of another team must not change.
func (w *world) state(path, at string) string {
	w.Helper()
	var members []team.Member
	var clients []client.Client
	var waiting []team.Invitation
	var notices []backchannel.Notice
	w.view(func(ctx context.Context, r db.R) (err error) {
		if members, _, err = team.Members(ctx, r, idOf(at), 0, 10); err != nil {
			return err
		}
		if clients, _, err = client.Find(ctx, r, client.Search{Teams: []string{idOf(at)}}, 0, 10); err != nil {
			return err
		}
		if waiting, err = team.Invitations(ctx, r, idOf(at)); err != nil {
			return err
		}
		notices, err = backchannel.Of(ctx, r, idOf(path), 0, 10)
		return err
	})
	state := []string{
		strconv.FormatInt(w.clientOf(path).Version, 10), strconv.Itoa(len(members)),
		strconv.Itoa(len(clients)), strconv.Itoa(len(waiting)),
	}
	for _, n := range notices {
		state = append(state, n.State)
	}
	return strings.Join(state, " ")
}
