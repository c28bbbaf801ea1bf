package console_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/request"
	"signpost/internal/careid/request/asker"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// Whatever the directory says that a step asks of a registration authority can be asked here.
func TestWhatStepsAskCanBeAsked(t *testing.T) {
	asked := map[string]bool{}
	for _, what := range []path.What{path.ObtainCareIdentity, path.ReactivateIdentity, path.ResolveSeveral,
		path.GetPosition, path.GetAuthenticator, path.StrongerAuthenticator, path.ApproveAuthenticator} {
		if _, is := asker.NeedOf(request.Kind(what.AskOf())); !is {
			t.Errorf("%s asks for %q, which cannot be asked", what, what.AskOf())
		}
		asked[what.AskOf()] = true
	}
	for _, n := range asker.Needs {
		if !asked[string(n.Kind)] {
			t.Errorf("no step asks for %s", n.Kind)
		}
	}
}

// Somebody without a login asks, is seen by the registration authority as a proved address and an unproved person, has
// it rejected, fixes it by their link and has it completed.
func TestAskingWithoutALogin(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.browser()
	b.get("/find-your-ra?q=Z90001").has(t, "Ask this registration authority")
	first := b.get("/ask-your-ra?ods=Z90001&need=grant-position")
	first.has(t, "Ask a registration authority", "You do not need to log in")
	if !strings.Contains(first.markup, `data-fill="name email"`) {
		t.Error("the directory cannot fill anything in")
	}
	b.asksUntil("/check")
	b.get("/ask-your-ra/check").has(t, "Check your answers", "The position for the Directory of Services",
		"Bo Stranger", "Oak Tree Pharmacy", "500000000017", "I start on the 111 desk in January", mailboxOfBo,
		"Fenmarch University Hospitals", "They do not know yet")
	sent := b.sends()
	sent.has(t, "Your request was sent", "Its number is", mailboxOfBo)
	if p := b.get("/ask-your-ra/sent"); p.location != "/ask-your-ra" {
		t.Errorf("the page of what has happened, once more: %d %q", p.status, p.location)
	}
	link := w.ownLink()
	visitor := w.browser() // whoever has the link
	own := visitor.get(link)
	own.has(t, "Your request waits for your registration authority", "Answer due by", "ra@ztr.example", "Withdraw")
	own.lacks(t, "Bo Stranger", mailboxOfBo, "500000000017")
	for range 3 {
		visitor.do(http.MethodHead, link, nil) // what scanners do
		visitor.get(link)
	}
	q := w.strangersRequest()
	if q.State != request.Waiting || q.AskedBy != "" || q.Subject.UUID != "" || q.Subject.Stated != "500000000017" {
		t.Fatalf("the request: %+v", q)
	}
	ada := w.signedInAs(w.ada)
	ada.get("/requests").has(t, "Bo Stranger, without a login")
	at := "/requests/" + q.ID
	ada.get(at).has(t, "Not shown yet", mailboxOfBo, "which nobody has checked")
	w.Clock.Advance(time.Second)
	ada.post(at + "/look")
	ada.post(at+"/reject", "decision", "Something else", "fix", "Which desk do you work on?")
	w.Settle()
	if m := w.Mails.All()[0]; m.To != mailboxOfBo || !strings.Contains(m.Text, "Which desk do you work on?") ||
		!strings.Contains(m.Text, link) {
		t.Errorf("told of the rejection: %+v", m)
	}
	visitor.get(link).has(t, "Your request was rejected", "Which desk do you work on?",
		"I start on the 111 desk in January", "Send it again")
	if p := visitor.post(link+"/again", "text", "no"); p.status == http.StatusSeeOther && p.location == link {
		visitor.get(p.location).has(t, "10 characters or more")
	}
	visitor.post(link+"/again", "text", "I start on the 111 desk in Fenmarch")
	ada.get(at).has(t, "sent 2 times", "I start on the 111 desk in Fenmarch")
	w.Clock.Advance(time.Second)
	ada.post(at + "/look")
	ada.post(at+"/approve", "notes", "Come to the desk with your passport")
	w.Settle()
	if m := w.Mails.All()[0]; m.To != mailboxOfBo || !strings.Contains(m.Subject, "completed") {
		t.Errorf("told of the completion: %+v", m)
	}
	done := visitor.get(link)
	done.has(t, "Your request is completed", "Come to the desk with your passport")
	done.lacks(t, "Withdraw the request")
	w.Clock.Advance(asker.Kept)
	if p := w.browser().get(link); p.status != http.StatusGone && !strings.Contains(p.text, "does not work any more") {
		t.Errorf("after 90 days: %d %s", p.status, p.text)
	}
}

// No event of asking has a name, an address, a number or words of whoever asks.
func TestEventsSayNothingOfWhoAsks(t *testing.T) {
	w := open(t)
	b := w.browser()
	b.asksUntil("/check")
	b.sends()
	seen := 0
	for _, kind := range []audit.Kind{"ra-request.opened", "ra-ask.code-asked", "ra-ask.proved"} {
		for _, e := range w.Events(kind) {
			seen++
			for _, secret := range []string{"Stranger", "bo@", "oaktree", "500000000017", "111 desk"} {
				if strings.Contains(string(e.After)+string(e.Before)+e.Reason+e.Subject.ID, secret) {
					t.Errorf("%s has %q", kind, secret)
				}
			}
		}
	}
	if seen < 3 {
		t.Errorf("%d events", seen)
	}
	if strings.Contains(w.log.String(), "Stranger") || strings.Contains(w.log.String(), "oaktree") {
		t.Error("the log has them")
	}
}

// The same need of the same address is not asked for twice while it waits: the link to the first is mailed again.
func TestTheSameIsNotAskedTwice(t *testing.T) {
	w := open(t)
	for range 2 {
		b := w.browser()
		b.asksUntil("/check")
		b.sends()
	}
	number := w.strangersRequest().Number
	if n := w.Count(`SELECT COUNT(*) FROM ra_request`); n != 1 || number == "" {
		t.Fatalf("%d requests", n)
	}
	third := w.browser()
	third.asksUntil("/check", "email", strings.ToUpper(mailboxOfBo[:2])+mailboxOfBo[2:])
	third.sends().has(t, "You asked for this already", number[:4]+" "+number[4:])
	other := w.browser()
	other.asksUntil("/check", "need", "authenticator")
	other.sends().has(t, "Your request was sent")
	w.Must(w.DB.Update(t.Context(), actor.Actor{Kind: actor.Stranger}, func(u *db.W) error {
		q, err := request.ByNumber(t.Context(), u, number)
		if err != nil {
			return err
		}
		return request.WithdrawFor(t.Context(), u, q)
	}))
	again := w.browser()
	again.asksUntil("/check")
	again.sends().has(t, "Your request was sent")
	if n := w.Count(`SELECT COUNT(*) FROM ra_request`); n != 3 {
		t.Errorf("%d requests", n)
	}
}

// What is typed badly is said at its field, and nothing is kept of it.
func TestAskingBadly(t *testing.T) {
	w := open(t)
	tried := 0
	for _, tt := range []struct{ page, field, typed, want string }{
		{"", "need", "close", "Select what you need"},
		{"/about", "name", "", "Enter your name"},
		{"/about", "name", "http://x.example", "without the characters"},
		{"/about", "organisation", "Z99999", "known here"},
		{"/about", "organisation", "Z90002", "No registration authority is known"},
		{"/about", "organisation", "!", "3 to 12 letters and digits"},
		{"/details", "number", "17", "12 digits"},
		{"/details", "text", "no", "10 characters or more"},
		{"/details", "text", strings.Repeat("long ", 100), "400 characters or fewer"},
		{"/details", "text", "My number is QQ 12 34 56 c", "National Insurance number out"},
		{"/email", "email", "bo", "correct format"},
		{"/email", "email", "reception@oaktree.example", "only you can read"},
		{"/code", "code", "KDF7 2M9X", "newest email"},
	} {
		tried++
		b := w.browser()
		b.asksUntil(tt.page)
		typed := []string{}
		for _, step := range stepsOfAsking {
			if step[0] == tt.page {
				typed = append(typed, step[1:]...)
			}
		}
		for i := 0; i+1 < len(typed); i += 2 {
			if typed[i] == tt.field {
				typed[i+1] = tt.typed
			}
		}
		if tt.page == "" {
			b = w.browser()
		}
		p := b.post("/ask-your-ra"+tt.page, typed...)
		if p.status == http.StatusSeeOther {
			p = b.get(p.location)
		}
		if !strings.Contains(p.text, tt.want) {
			t.Errorf("%s %s %q: %d %s", tt.page, tt.field, tt.typed, p.status, p.text)
		}
		w.Clock.Advance(20 * time.Minute) // codes are for a few addresses at once
	}
	if tried < 13 || w.Count(`SELECT COUNT(*) FROM ra_request`) != 0 {
		t.Errorf("%d tried, %d requests", tried, w.Count(`SELECT COUNT(*) FROM ra_request`))
	}
}

// A page whose turn has not come leads to the one before, one of another browser and one that is over say so, and
// answers that changed in another tab are not sent unseen.
func TestPagesOfAskingComeInTurn(t *testing.T) {
	w := open(t)
	b := w.browser()
	if p := b.get("/ask-your-ra/check"); p.location != "/ask-your-ra" {
		t.Errorf("before anything: %d %q", p.status, p.location)
	}
	b.asksUntil("/email")
	if p := b.get("/ask-your-ra/code"); p.location != "/ask-your-ra/email" || len(w.Mails.All()) != 0 {
		t.Errorf("an address that was filled in is mailed without being asked: %d %q", p.status, p.location)
	}
	b = w.browser()
	b.asksUntil("/details")
	if p := b.get("/ask-your-ra/check"); p.location != "/ask-your-ra/details" {
		t.Errorf("too early: %d %q", p.status, p.location)
	}
	if p := b.post("/ask-your-ra/check", "shown", ""); p.location != "/ask-your-ra/details" {
		t.Errorf("sent too early: %d %q", p.status, p.location)
	}
	b = w.browser()
	w.Clock.Advance(20 * time.Minute)
	b.asksUntil("/check")
	shown := between(b.get("/ask-your-ra/check").markup, `name="shown" value="`, `"`)
	b.post("/ask-your-ra/details", "number", "", "text", "Something quite different")
	if p := b.post("/ask-your-ra/check", "shown", shown); p.location != "/ask-your-ra/check" {
		t.Errorf("other answers than were shown: %d %q", p.status, p.location)
	}
	b.post("/ask-your-ra/email", "email", "another@oaktree.example.nhs.uk")
	if p := b.get("/ask-your-ra/check"); p.location != "/ask-your-ra/code" {
		t.Errorf("an address that is not proved: %d %q", p.status, p.location)
	}
	if n := w.Count(`SELECT COUNT(*) FROM ra_request`); n != 0 {
		t.Errorf("%d requests", n)
	}
	w.Clock.Advance(asker.SittingLasts)
	b.get("/ask-your-ra/details").has(t, "left for more than an hour")
}

// Another site that sends its visitor here fills in and sends nothing by itself: neither by an address nor by a form.
func TestOtherSitesSendNothing(t *testing.T) {
	w := open(t)
	b := w.browser()
	b.get("/ask-your-ra?ods=Z90001&need=grant-position&name=Mallory&email=" + url.QueryEscape(mailboxOfBo))
	for _, step := range stepsOfAsking {
		p := b.do(http.MethodPost, "/ask-your-ra"+step[0], url.Values{"need": {"reactivate"}, "name": {"Mallory"}},
			func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
		if p.status != http.StatusForbidden {
			t.Errorf("a form of another site at %q: %d", step[0], p.status)
		}
	}
	w.Settle()
	if n := w.Count(`SELECT COUNT(*) FROM flow`); n != 0 || len(w.Mails.All()) != 0 {
		t.Errorf("%d sittings, %d mails", n, len(w.Mails.All()))
	}
}

// A link of which a letter is different, or whose request is another's, leads nowhere; nor is anything withdrawn by it.
func TestLinksOfOthers(t *testing.T) {
	w := open(t)
	b := w.browser()
	b.asksUntil("/check")
	b.sends()
	link := w.ownLink()
	id, secret, _ := strings.Cut(strings.TrimPrefix(link, asker.OwnPath), "/")
	other := w.asked(w.another("Bea")).open
	tried := 0
	for _, at := range []string{asker.OwnPath + id + "/" + strings.Repeat("0", 32),
		asker.OwnPath + other + "/" + secret, asker.OwnPath + id + "/x", asker.OwnPath + "none/" + secret} {
		tried++
		if p := w.browser().get(at); !strings.Contains(p.text, "does not work any more") {
			t.Errorf("%s: %d %s", at, p.status, p.text)
		}
		w.browser().post(at + "/withdraw")
		w.browser().post(at+"/again", "text", "something else instead")
	}
	if q := w.strangersRequest(); q.State != request.Waiting || tried < 4 {
		t.Errorf("%d tried, the request is %s", tried, q.State)
	}
	if p := w.browser().post(link + "/withdraw"); p.location != link {
		t.Errorf("honest twin: %d %q", p.status, p.location)
	}
	b.get(link).has(t, "You withdrew your request")
	w.browser().post(link + "/withdraw")
	if n := w.events("ra-request.withdrawn"); n != 1 {
		t.Errorf("withdrawn %d times", n)
	}
}

// Whoever decides requests does not decide what was asked from their own address, nor sees it on the list.
func TestNobodyDecidesWhatTheirOwnAddressAsked(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.browser()
	b.asksUntil("/check", "email", oldEmail)
	b.sends()
	at := "/requests/" + worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (string, error) {
		return db.Value[string](ctx, r, `SELECT MAX(id) FROM ra_request`)
	})
	ada := w.signedInAs(w.ada)
	if p := ada.get(at); p.status != http.StatusNotFound {
		t.Errorf("the page: %d", p.status)
	}
	ada.get("/requests").lacks(t, "Bo Stranger")
	ada.post(at + "/look")
	ada.post(at+"/approve", "notes", "done")
	if n := w.events("ra-request.completed"); n != 0 {
		t.Errorf("%d completed", n)
	}
	other := w.holding("Eve", "ZTR", "S0080:G0450:R5080")
	other.get("/requests").has(t, "Bo Stranger")
}
