package console_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/population"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// needFreshProof are the forms by which an intruder would take an identity, a client or a team. That of a client's
// settings asks only where keys, redirect URIs or the contact change, which sensitive tries.
var needFreshProof = []string{
	"POST /log-in-stronger", "POST /view-your-profile/authenticators/add",
	"POST /view-your-profile/email", "POST /people/organisations/{code}/code",
	"POST /people/organisations/{code}/authenticators/change",
	"POST /people/person/{uuid}/positions/give", "POST /people/person/{uuid}/positions/{assignment}/dates",
	"POST /people/organisations/{code}/positions/new", "POST /people/organisations/{code}/positions/{position}/change",
	"POST /people/organisations/{code}/positions/{position}/close",
	"POST /people/organisations/{code}/positions/{position}/assignable",
	"POST /people/organisations/{code}/staff-record/messages/{message}/again",
	"POST /people/organisations/{code}/staff-record/positions/{number}/link",
	"POST /people/organisations/take-on",
	"POST /people/organisations/{code}/host", "POST /people/organisations/reach",
	"POST /people/person/{uuid}/position", "POST /people/person/{uuid}/status",
	"POST /people/person/{uuid}/authenticators/link", "POST /people/person/{uuid}/authenticators/act",
	"POST /people/person/{uuid}/access-pass", "POST /people/person/{uuid}/access-pass/confirm",
	"POST /people/person/{uuid}/smartcard", "POST /people/person/{uuid}/smartcard/cancel",
	"POST /people/person/{uuid}/change/name", "POST /people/person/{uuid}/change/birth-date",
	"POST /people/person/{uuid}/change/ni-number", "POST /people/person/{uuid}/change/smartcard-name",
	"POST /people/person/{uuid}/change/mobile", "POST /people/person/{uuid}/change/email",
	"POST /people/person/{uuid}/change/registration", "POST /people/person/{uuid}/change/photo",
	"POST /people/person/{uuid}/verify", "POST /people/person/{uuid}/close", "POST /people/person/{uuid}/ni-number/show",
	"POST /requests/{id}/approve",
	"POST /batches/{batch}/next",
	"POST /applications/new", "POST /applications/{id}/link", "POST /applications/{id}/decide",
	"POST /applications-from-file/{file}/send",
	"POST /connections/invitations/accept",
	"POST /connections/teams/{team}/invite", "POST /connections/teams/{team}/remove",
	"POST /connections/clients/{client}/secret", "POST /connections/clients/{client}/secret/end",
	"POST /connections/clients/{client}/approval/approve",
}

func TestWhichFormsNeedAFreshProof(t *testing.T) {
	w := open(t)
	w.assign(manager)
	walk(t, w).Stale(t, func() { w.Clock.Advance(6 * time.Minute) }, func(answer *httptest.ResponseRecorder) bool {
		return strings.Contains(webtest.LedTo(answer.Header(), answer.Body.String()), "prompt=login")
	}, needFreshProof...)
}

// The email address of a Care Identity, to which codes are mailed, is changed with a fresh proof only. What was typed
// waits for it.
func TestTheEmailAddressOfAnIdentityWaitsForAFreshProof(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	w.Clock.Advance(6 * time.Minute)
	p := b.post("/view-your-profile/email", "email", "ada.new@example.nhs.uk")
	if !strings.Contains(p.location, "prompt=login") {
		t.Fatalf("with an old proof: %d to %q", p.status, p.location)
	}
	if back := b.get("/signin/callback?" + w.issuer.SignIn(w, p.location).Encode()); back.location != "/held" {
		t.Fatalf("proved at CIS2: %d to %q", back.status, back.location)
	}
	b.get("/held").has(t, "Check what you typed, and send it", "ada.new@example.nhs.uk")
	p = b.post("/view-your-profile/email", "email", "ada.new@example.nhs.uk", "held", "yes")
	if p.location != "/view-your-profile/email/code" {
		t.Errorf("with a fresh proof: %d to %q", p.status, p.location)
	}
}

// sensitive are the acts that ask for a proof of the last 5 minutes, each with the subject of the mails about it.
func (w *world) sensitive(team, path, ben string) []act {
	keys := rota()
	keys.Set("token_endpoint_auth_method", "private_key_jwt")
	keys.Set("token_endpoint_auth_signing_alg", "RS512")
	keys.Set("jwks_uri", "https://rota.example/jwks.json")
	redirects := rota()
	redirects.Set("redirect_uris", "https://rota.example/new")
	return []act{
		{"a new secret", path + "/secret", url.Values{"overlap": {"1h"}}, "New secret for Rota"},
		{"the old secret's end", path + "/secret/end", url.Values{}, "Old secret of Rota ended"},
		{"redirect URIs", path + "/change", redirects, "Settings of Rota changed"},
		{"keys", path + "/change", keys, "Settings of Rota changed"},
		{"an invitation", team + "/invite", url.Values{"invite": {ben}}, "Members of Fenmarch Software"},
		{"the removal of a member", team + "/remove", url.Values{"member": {ben}}, "Members of Fenmarch Software"},
	}
}

type act struct {
	name, path string
	form       url.Values
	subject    string
}

// An open browser is not enough for what decides who can speak as a client, where its answers go, and who looks after
// it. All members of the team are told, and the contact once an operator approved the client: before, it may be
// anybody's mailbox.
func TestWhatOthersCouldMisuseAsksForAFreshProofAndIsTold(t *testing.T) {
	members := []string{oldEmail, "ben@fenmarch.example"}
	t.Run("on trial", func(t *testing.T) { asksForAFreshProofAndTells(t, false, members) })
	t.Run("approved", func(t *testing.T) {
		asksForAFreshProofAndTells(t, true, append(members, "rota@fenmarch.example"))
	})
}

func asksForAFreshProofAndTells(t *testing.T, approved bool, told []string) {
	t.Helper()
	w := open(t)
	ben := w.colleague("Ben", "ben@fenmarch.example")
	cat := w.colleague("Cat", "cat@fenmarch.example")
	b := w.signedIn()
	at := b.team("Fenmarch Software")
	path := b.register(at, rota())
	w.joins(at, ben)
	if approved {
		b.post(path + "/approval/ask")
		w.operator("Olive").post(path+"/approval/approve", "version", w.version(path))
		w.issuer.Person.Subject = w.ada
		w.Settle() // what is mailed of it comes before the clock moves on
	}
	if w.clientOf(path).OnTrial() == approved {
		t.Fatal("the client is not as this needs it")
	}
	tried := 0
	for _, one := range w.sensitive(at, path, ben) {
		if one.name == "an invitation" {
			one.form.Set("invite", cat)
		}
		if strings.HasSuffix(one.path, "/change") {
			one.form.Set("version", w.version(path))
		}
		before := w.state(path, at)
		w.Clock.Advance(6 * time.Minute)
		p := b.do(http.MethodPost, one.path, one.form)
		if after := w.state(path, at); after != before || !strings.HasPrefix(p.location, w.issuer.Name) ||
			!strings.Contains(p.location, "prompt=login") {
			t.Errorf("%s with an old proof: %d %q, from %s to %s", one.name, p.status, p.location, before, after)
		}
		tried++
		w.Settle()
		mails := len(w.Mails.All())

		back := b.get("/signin/callback?" + w.issuer.SignIn(w, p.location).Encode())
		if back.location == "/held" {
			b.get("/held").has(t, "Check what you typed, and send it", "Nothing was changed")
		} else {
			b.get(back.location).has(t, "You have shown that it is you. Nothing has been changed yet")
		}
		p = b.do(http.MethodPost, one.path, one.form)
		if p.status != http.StatusSeeOther || w.state(path, at) == before {
			t.Errorf("%s with a fresh proof: %d %q %s", one.name, p.status, p.location, p.text)
		}
		w.Settle()
		w.told(one, mails, told)
	}
	t.Logf("acts with an old proof: tried %d, accepted 0", tried)
}

// told sees that an act was mailed to so many, once each.
func (w *world) told(one act, mailsBefore int, want []string) {
	w.Helper()
	var to []string
	all := w.Mails.All()
	for _, m := range all[:len(all)-mailsBefore] {
		if m.Subject == one.subject {
			to = append(to, m.To)
		}
	}
	slices.Sort(to)
	if !slices.Equal(to, want) {
		w.Errorf("%s: %q was mailed to %q, want %q", one.name, one.subject, to, want)
	}
}

// A change that nobody could misuse asks for nothing and is mailed to nobody.
func TestOtherChangesAskForNothing(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	path := b.register(b.team("Fenmarch Software"), rota())
	w.Clock.Advance(6 * time.Minute)
	form := rota()
	form.Set("version", "1")
	form.Set("description", "Who works when")
	if p := b.do(http.MethodPost, path+"/change", form); p.location != path || w.clientOf(path).Description == "" {
		t.Errorf("a description: %d %q", p.status, p.location)
	}
	w.Settle()
	if n := len(w.Mails.All()); n != 0 {
		t.Errorf("%d mails", n)
	}
}

// Whoever comes back is somebody else: what was typed is not theirs, and they see their own pages.
func TestAProofOfSomebodyElseChangesNothing(t *testing.T) {
	w := open(t)
	ben := w.another("Ben")
	b := w.signedIn()
	at := b.team("Fenmarch Software")
	w.Clock.Advance(6 * time.Minute)
	p := b.post(at+"/invite", "invite", ben)
	w.issuer.Person.Subject = ben
	back := b.get("/signin/callback?" + w.issuer.SignIn(w, p.location).Encode())
	if back.location != "/view-your-profile" {
		t.Errorf("somebody else comes back to %q", back.location)
	}
	if p := b.get(at); p.status != http.StatusNotFound {
		t.Errorf("the team, for somebody else: %d", p.status)
	}
}

// colleague makes a person with an email address.
func (w *world) colleague(name, email string) string {
	w.Helper()
	return w.Person(population.Person{
		GivenName: name, FamilyName: "Example", Organisation: "Z90001", Email: email, EmailVerified: true,
	}).ID
}

// joins makes somebody a member of a team.
func (w *world) joins(at, uuid string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error { return team.Join(ctx, u, idOf(at), uuid) })
}
