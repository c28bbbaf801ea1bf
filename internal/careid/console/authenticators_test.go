package console_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/worldtest"
)

// The registration authority suspends, restores, unlocks and removes by the page, and the owner is told each time.
func TestAuthenticatorsAreLookedAfterByThePage(t *testing.T) {
	w := open(t)
	w.addSupplier()
	uuid, key := w.locked("Bea", "bea@example.nhs.uk")
	at := "/people/person/" + uuid + "/authenticators"
	b := w.signedIn()
	act := func(act string, more ...string) page {
		return b.post(at+"/act", append([]string{"authenticator", key, "act", act, "why_act", "lost"}, more...)...)
	}
	if p := act("remove", "sure", "yes"); p.status != http.StatusForbidden {
		t.Errorf("somebody without the job: %d", p.status)
	}
	w.assign(agent)
	narrow := b.get(at)
	narrow.has(t, "Red key", "Your job at the registration authority does not let you look after the authenticators")
	if strings.Contains(narrow.text, "Temporary access pass") || strings.Contains(narrow.text, "Suspend, unlock") {
		t.Errorf("an agent is shown what they may not do: %s", narrow.text)
	}
	for path, p := range map[string]page{
		"acts": act("remove", "sure", "yes"), "passes": b.get("/people/person/" + uuid + "/access-pass"),
	} {
		if p.status != http.StatusForbidden {
			t.Errorf("%s, by an agent where only managers may: %d", path, p.status)
		}
	}
	rules := permission.Usual()
	rules.AgentsBindAuthenticators = true
	w.Must(officer.Settle(t.Context(), w.DB, worldtest.By, rules))
	b.get(at).has(t, "Red key", "locked after too many wrong attempts until", "They have only one",
		"Make a link to add an authenticator")
	act("suspend").has(t, "Tick the box if you know who asked for this")
	act("restore", "sure", "yes").has(t, "That cannot be done with this authenticator as it is now")
	for _, one := range []struct{ act, says, subject string }{
		{"unlock", "Authenticator unlocked.", "Your authenticator can be used again"},
		{"suspend", "Authenticator suspended.", "One of your authenticators was suspended"},
		{"restore", "Suspension lifted.", "Your authenticator is no longer suspended"},
		{"remove", "Authenticator removed.", "An authenticator was removed from your Care Identity"},
	} {
		if p := act(one.act, "sure", "yes"); p.status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", one.act, p.status, p.text)
		}
		b.get(at).has(t, one.says+" They are being told by email.")
		w.Settle()
		told := slices.IndexFunc(w.Mails.To("bea@example.nhs.uk"), func(m mail.Arrival) bool {
			return m.Subject == one.subject && strings.Contains(m.Text, "Red key")
		})
		if told < 0 {
			t.Errorf("%s: not told of it: %+v", one.act, w.Mails.All())
		}
	}
	b.get(at).has(t, "Bea Example has no authenticator.")
	if n := len(w.Events("authenticator.told")); n != 4 {
		t.Errorf("%d events say that they were told", n)
	}
}

// A link can be seen and withdrawn on the page, and is only for the kind that was chosen.
func TestALinkIsSeenAndWithdrawn(t *testing.T) {
	w := open(t)
	w.assign(manager)
	bea := w.another("Bea")
	at := "/people/person/" + bea + "/authenticators"
	b := w.signedIn()
	b.get(at).has(t, "No email address of theirs is confirmed, so nothing is sent to them")
	b.post(at+"/link", "kind", "security_key", "witness", "in-person")
	links := w.links(bea)
	if len(links) != 1 || len(links[0].Kinds) != 1 || links[0].By != w.ada {
		t.Fatalf("links %+v", links)
	}
	b.get(at).has(t, "Seen In person For Security Key", "The link before it stops working.")
	b.post(at+"/link/withdraw", "link", links[0].ID).has(t, "Enter why the link is withdrawn")
	b.post(at+"/link/withdraw", "link", links[0].ID, "why_withdraw", "wrong person")
	b.get(at).has(t, "Link withdrawn.", "State Withdrawn: 24 November 2026")
	key := worldtest.Must(db.Write(t.Context(), w.DB, actor.Actor{Kind: actor.Stranger}, func(u *db.W) (string, error) {
		return authenticator.Bind(t.Context(), u, authenticator.New{UUID: bea, Kind: authn.SecurityKey, Level: authn.AAL2})
	}))(t)
	b.post(at+"/act", "act", "suspend", "sure", "yes", "why_act", "lost", "authenticator", key)
	p := b.get(at)
	p.has(t, "Authenticator suspended.", "No email address of theirs is confirmed")
	if strings.Contains(p.text, "being told by email") {
		t.Error("the page says that they are told, who has no address that is confirmed")
	}
	again := b.post(at+"/link/withdraw", "link", links[0].ID, "why_withdraw", "wrong person")
	b.get(again.location).has(t, "that cannot be done now")
	events := w.Events("authenticator.invitation-withdrawn")
	if len(events) != 1 || events[0].Reason != "wrong person" {
		t.Errorf("events %+v", events)
	}
	b.post(at+"/link", "kind", string(authn.Passkey), "witness", "in-person")
	if n := len(w.links(bea)); n != 1 {
		t.Errorf("a kind that is not offered: %d links", n)
	}
}

func (w *world) links(uuid string) []authenticator.Invitation {
	w.Helper()
	list, err := db.Read(context.Background(), w.DB, func(r db.R) ([]authenticator.Invitation, error) {
		return authenticator.InvitationsOf(context.Background(), r, uuid, 10)
	})
	w.Must(err)
	return list
}

func (w *world) passes(uuid string) []authenticator.Pass {
	w.Helper()
	list, err := db.Read(context.Background(), w.DB, func(r db.R) ([]authenticator.Pass, error) {
		return authenticator.PassesOf(context.Background(), r, uuid, 10)
	})
	w.Must(err)
	return list
}
