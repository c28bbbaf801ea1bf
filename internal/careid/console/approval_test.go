package console_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/db"
)

// operator gives a browser on which an operator is signed in.
func (w *world) operator(name string) *browser {
	w.Helper()
	uuid := w.another(name)
	w.Update(func(ctx context.Context, u *db.W) error { return team.Join(ctx, u, team.Operators, uuid) })
	return w.signedInAs(uuid)
}

// version gives the version of a client as a form carries it.
func (w *world) version(path string) string {
	w.Helper()
	return strconv.FormatInt(w.clientOf(path).Version, 10)
}

func TestATeamAsksAndAnOperatorApproves(t *testing.T) {
	w := open(t)
	ada := w.signedIn()
	path := ada.register(ada.team("Fenmarch Software"), rota())
	ada.get(path).has(t, "On trial: only its team can log in", "Ask for approval", "an operator of this service")
	if p := ada.get("/connections/approvals"); p.status != http.StatusNotFound {
		t.Errorf("the list of what waits, for somebody else: %d", p.status)
	}
	if p := ada.post(path + "/approval/ask"); p.status != http.StatusSeeOther {
		t.Fatalf("ask: %d %s", p.status, p.text)
	}
	ada.get(path).has(t, "The operators were asked to approve it on 24 November 2026 at 9am.")
	if p := ada.get(path + "/approval"); p.status != http.StatusNotFound {
		t.Errorf("the decision, for somebody else: %d", p.status)
	}

	olive := w.operator("Olive")
	olive.get("/connections").has(t, "1 client waits for approval")
	olive.get("/connections/approvals").has(t, "Rota", idOf(path), "A new client", "Fenmarch Software Ltd")
	olive.get(path+"/approval").has(t, "Approve Rota", "by the team Fenmarch Software", "https://rota.example/callback",
		"Ada O'Example <b>, Care Identity "+w.ada)
	p := olive.post(path+"/approval/refuse", "version", w.version(path))
	if p.status != http.StatusUnprocessableEntity {
		t.Errorf("refused without a reason: %d", p.status)
	}
	p = olive.post(path+"/approval/refuse", "version", w.version(path), "reason", "Whose is it?")
	if p.location != "/connections/approvals" {
		t.Fatalf("refuse: %d %s", p.status, p.text)
	}
	ada.get(path).has(t, "Not approved", "The operators say why: Whose is it?", "Ask for approval")
	ada.post(path + "/approval/ask")
	p = olive.post(path+"/approval/approve", "version", "1")
	if p.status != http.StatusConflict || !w.clientOf(path).OnTrial() {
		t.Errorf("approved what was not shown: %d", p.status)
	}
	p = olive.post(path+"/approval/approve", "version", w.version(path))
	if p.location != path || w.clientOf(path).OnTrial() {
		t.Fatalf("approve: %d %s", p.status, p.text)
	}
	olive.get(path).has(t, "Active", "Approved. Everybody can log in to the client")
	if p := olive.get(path + "/approval"); p.status != http.StatusConflict {
		t.Errorf("the decision, once it is made: %d", p.status)
	}
	olive.get(path+"/approval").has(t, "Something has changed", "Nothing of this client waits for you to approve it")
	ada.get(path+"/history").has(t, "Approved", "Not approved", "Whose is it?", "Approval asked for")
	w.Settle()
	if got := len(w.Mails.To("rota@fenmarch.example")); got != 2 {
		t.Errorf("the contact got %d mails, want that of the refusal and that of the approval", got)
	}
}

// Whoever decides is told where a name of this system stands in that of a client, its owner or its team.
func TestTheOperatorIsToldOfNamesOfThisSystem(t *testing.T) {
	w := open(t)
	ada := w.signedIn()
	olive := w.operator("Olive")
	teamPath := ada.team("Fenmarch Software")
	for name, warned := range map[string]bool{"Rota": false, "Directory of Services Ltd": true} {
		c := rota()
		c.Set("client_name", name)
		path := ada.register(teamPath, c)
		ada.post(path + "/approval/ask")
		page := olive.get(path + "/approval")
		if got := strings.Contains(page.text, "has the name “Directory of Services” in it"); got != warned {
			t.Errorf("%s: warned %v, want %v: %s", name, got, warned, page.text)
		}
	}
}

func TestAChangeOfAnApprovedClientIsShownBesideWhatHolds(t *testing.T) {
	w := open(t)
	ada := w.signedIn()
	path := ada.register(ada.team("Fenmarch Software"), rota())
	ada.post(path + "/approval/ask")
	olive := w.operator("Olive")
	olive.post(path+"/approval/approve", "version", w.version(path))

	form := named("Handover")
	form.Set("version", w.version(path))
	form.Set("description", "Notes")
	if p := ada.do(http.MethodPost, path+"/change", form); p.status != http.StatusSeeOther {
		t.Fatalf("change: %d %s", p.status, p.text)
	}
	ada.get(path).has(t, "Those that need approval wait for an operator", "Waiting for approval",
		"Name In force Rota Wanted Handover", "Notes", "Withdraw the change")
	if c := w.clientOf(path); c.Name != "Rota" || c.Description != "Notes" {
		t.Errorf("in force: %q %q", c.Name, c.Description)
	}
	ada.get(path+"/change").has(t, "wait until an operator has approved them")
	history := ada.get(path + "/history")
	history.has(t, "Name: Rota → Handover (not in force before it is approved)", "Notes")
	if n := strings.Count(history.text, "not in force"); n != 1 {
		t.Errorf("%d changes are not in force: %s", n, history.text)
	}
	olive.get("/connections/approvals").has(t, "Handover", "A change")
	olive.get(path+"/approval").has(t, "What changes", "Name In force Rota Wanted Handover")
	if p := ada.post(path + "/approval/withdraw"); p.status != http.StatusSeeOther || w.clientOf(path).Waits() {
		t.Errorf("withdraw: %d", p.status)
	}
	if p := olive.post(path+"/approval/approve", "version", w.version(path)); p.status != http.StatusConflict {
		t.Errorf("approved after it was withdrawn: %d", p.status)
	}
}

func TestOnlyOperatorsAreAskedWhoRunsAClient(t *testing.T) {
	w := open(t)
	ada := w.signedIn()
	at := ada.team("Fenmarch Software")
	if p := ada.get(at + "/register"); p.status != http.StatusOK || strings.Contains(p.text, "A national service") {
		t.Errorf("a supplier is asked: %d", p.status)
	}
	form := rota()
	form.Set("sector", "national")
	if p := ada.do(http.MethodPost, at+"/register", form); p.status != http.StatusForbidden {
		t.Errorf("a supplier registers a national service: %d", p.status)
	}
	olive := w.operator("Olive")
	own := olive.team("National services")
	olive.get(own+"/register").has(t, "A national service")
	if path := olive.register(own, form); !strings.HasSuffix(path, ".apps.national") {
		t.Errorf("an operator's: %s", path)
	}
}
