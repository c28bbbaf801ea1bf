package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/client"
	kept "signpost/internal/careid/provider/session"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web/webtest"
)

// sso describes the sessions that the provider keeps.
var sso = session.Kind[kept.State]{Site: "cis2", Idle: 30 * time.Minute, Max: 12 * time.Hour}

const supplier = "123456789012.apps.supplier"

// helped makes a person who is signed in at CIS2 in two browsers, the first of which went to a service.
func (w *world) helped(name, address string) (uuid string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		i, err := identity.Add(ctx, u,
			identity.New{
				GivenName: name, FamilyName: "Example", Email: address, EmailVerified: "code mailed",
				Verified: true, AssuranceLevel: 3, Organisation: "Z90001",
			})
		if err != nil {
			return err
		}
		uuid = i.UUID
		id, err := authenticator.Bind(ctx, u,
			authenticator.New{UUID: uuid, Kind: authn.SecurityKey, Level: authn.AAL3, Name: "Red key"})
		if err != nil {
			return err
		}
		for n, browser := range []string{"Microsoft Edge, Windows", "Safari, iPhone"} {
			sid := fmt.Sprintf("%s-%d", uuid, n)
			proven := authenticator.Proven{
				UUID: uuid, AuthenticatorID: id, Kind: authn.SecurityKey, Level: authn.AAL3, At: u.Now(),
			}
			_, err := sso.Begin(ctx, u,
				session.New[kept.State]{Subject: uuid, SID: sid, State: kept.State{Proven: proven, Browser: browser}})
			if err != nil {
				return err
			}
		}
		return backchannel.Visit(ctx, u, uuid+"-0", supplier, uuid)
	})
	return uuid
}

// sessions lists somebody's live sessions at CIS2.
func (w *world) sessions(uuid string) (ids []string) {
	w.Helper()
	err := w.DB.View(w.Context(), func(r db.R) error {
		list, err := sso.OfSubject(w.Context(), r, uuid)
		for _, s := range list {
			ids = append(ids, s.ID)
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return ids
}

// assign gives Ada a position with a role, and returns the id of her role profile.
func (w *world) assign(role string) (roleID string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		id, err := access.AddPosition(ctx, u, access.Position{Organisation: "ZTR", Name: "Desk", Profiles: access.One(role)})
		if err != nil {
			return err
		}
		err = access.Assign(ctx, u,
			access.Grant{UUID: w.ada, Position: id, Organisation: "ZTR", Starts: u.Now(), Number: identity.Number})
		if err != nil {
			return err
		}
		profiles, err := access.RoleProfiles(ctx, u, w.ada, u.Now())
		for _, p := range profiles {
			if p.RoleCode == role {
				roleID = p.RoleID
			}
		}
		return err
	})
	return roleID
}

// endPosition ends Ada's positions with a role.
func (w *world) endPosition(role string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		assignments, err := access.OfIdentity(ctx, u, w.ada)
		if err != nil {
			return err
		}
		for _, a := range assignments {
			if a.Roles[0].Profile.RoleCode == role {
				_, err := u.Exec(ctx, `UPDATE assignment SET ends_at = $2 WHERE id = $1`, a.ID, u.Now())
				if err != nil {
					return err
				}
			}
		}
		return u.Record(ctx, audit.Event{Kind: "test"})
	})
}

func (w *world) addSupplier() {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		return client.Register(ctx, u, w.Box, client.Client{
			ID:                   supplier,
			Name:                 "Rota",
			AuthMethod:           client.ClientSecretPost,
			RedirectURIs:         []string{"https://rota.example/cb"},
			BackchannelLogoutURI: "https://rota.example/logout",
			Scopes:               []string{"openid"},
			Active:               true,
		}, "a secret of some length")
	})
}

const (
	agent   = "S0080:G0440:R5090"
	manager = "S0080:G0450:R5080"
	support = "S8001:G8005:R8015"
)

func TestTheDeskIsForItsRolesAlone(t *testing.T) {
	for _, role := range []string{agent, manager, support} {
		w := open(t)
		w.addSupplier()
		uuid := w.helped("Bea", "bea@example.nhs.uk")
		b := w.signedIn()
		if p := b.get("/desk/sessions?find=" + uuid); p.status != http.StatusForbidden ||
			strings.Contains(p.text, "Bea") {
			t.Errorf("somebody without %s: %d %s", role, p.status, p.text)
		}
		p := b.post("/desk/sessions/"+uuid+"/end", "session", "all", "reason", "x")
		if p.status != http.StatusForbidden || len(w.sessions(uuid)) != 2 {
			t.Errorf("somebody without %s ended sign-ins: %d", role, p.status)
		}
		w.assign(role)
		if p := b.get("/desk/sessions?find=" + uuid); p.status != http.StatusOK || !strings.Contains(p.text, "Bea") ||
			!strings.Contains(p.text, "Service desk") {
			t.Errorf("%s: %d %s", role, p.status, p.text)
		}
		w.Clock.Advance(time.Second)
		w.endPosition(role)
		if p := b.get("/desk/sessions?find=" + uuid); p.status != http.StatusForbidden {
			t.Errorf("%s has ended: %d", role, p.status)
		}
		for _, form := range []string{"/end", "/unlock"} {
			p := b.post("/desk/sessions/"+uuid+form, "session", "all", "reason", "x", "authenticator", "a", "why", "x")
			if p.status != http.StatusForbidden || len(w.sessions(uuid)) != 2 {
				t.Errorf("%s has ended, and the form %s of before was sent: %d", role, form, p.status)
			}
		}
	}
}

// The roles are read again in the Update that ends a sign-in.
func TestEndingChecksTheRoleAgain(t *testing.T) {
	w := open(t)
	w.addSupplier()
	uuid := w.helped("Bea", "bea@example.nhs.uk")
	role := w.assign(agent)
	for name, by := range map[string]actor.Actor{
		"a person without a role": {Kind: actor.Person, ID: uuid}, "a machine": {Kind: actor.Machine, ID: w.ada}, "nobody": {Kind: actor.Stranger},
	} {
		if err := w.provider.Sessions().EndFromDesk(t.Context(), by, uuid, "", "why not"); err == nil ||
			len(w.sessions(uuid)) != 2 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if w.events("desk.refused") != 3 {
		t.Errorf("%d refusals were noted", w.events("desk.refused"))
	}
	err := w.provider.Sessions().EndFromDesk(t.Context(), actor.Actor{Kind: actor.Person, ID: w.ada, Role: role}, uuid,
		"", "honest twin")
	if err != nil || len(w.sessions(uuid)) != 0 {
		t.Errorf("an agent: %v", err)
	}
}

func TestTheDeskEndsSignIns(t *testing.T) {
	w := open(t)
	w.addSupplier()
	uuid := w.helped("Bea", "bea@example.nhs.uk")
	role := w.assign(agent)
	b := w.signedIn()
	at := "/desk/sessions/" + uuid + "/end"
	for want, form := range map[string][]string{
		"Select which session to end": {"reason", "lost key"}, "Enter why you are ending the session": {"session", "all", "reason", "  "},
		"The reason must be 500 characters or fewer":                     {"session", "all", "reason", strings.Repeat("x", 501)},
		"That session has ended already. Choose one that is still there": {"session", "of-somebody-else", "reason", "x"},
	} {
		if p := b.post(at, form...); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text, want) ||
			len(w.sessions(uuid)) != 2 {
			t.Errorf("%q: %d %s", want, p.status, p.text)
		}
	}
	p := b.post("/desk/sessions/000000000000/end", "session", "all", "reason", "x")
	if p.status != http.StatusNotFound {
		t.Errorf("nobody's: %d", p.status)
	}
	first := w.sessions(uuid)[0]
	if p := b.post(at, "session", first, "reason", "lost key"); p.status != http.StatusSeeOther ||
		len(w.sessions(uuid)) != 1 || w.sessions(uuid)[0] == first {
		t.Fatalf("ending one: %d %s", p.status, p.text)
	}
	if p := b.post(at, "session", "all", "reason", "she has left"); p.status != http.StatusSeeOther ||
		len(w.sessions(uuid)) != 0 {
		t.Fatalf("ending all: %d %s", p.status, p.text)
	}
	b.get("/desk/sessions?find="+uuid).has(t, "Bea Example is not logged in",
		"The session that ended on 24 November 2026 at 9am", "Rota", "Waiting", "None yet")
	w.expectReasons(uuid, role, "she has left", "lost key")
}

// expectReasons checks who ended somebody's newest sign-ins, in which role, and why.
func (w *world) expectReasons(uuid, role string, reasons ...string) {
	w.Helper()
	var list []audit.Entry
	err := w.DB.View(w.Context(), func(r db.R) (err error) {
		list, err = audit.OfKind(w.Context(), r, "signin.ended", 10)
		return err
	})
	if err != nil || len(list) != len(reasons) {
		w.Fatalf("%d events, %v", len(list), err)
	}
	for n, e := range list {
		if e.ActorID != w.ada || e.Role != role || e.Subject.ID != uuid || e.Reason != reasons[n] || e.RequestID == "" {
			w.Errorf("event %d: %+v", n, e)
		}
	}
}

func TestEveryReasonIsWordedForTheDesk(t *testing.T) {
	w := open(t)
	w.assign(support)
	b := w.signedIn()
	for n, reason := range logintest.Reasons(t, "../provider") {
		quoted := "KDF722" + string("23456789BCDF"[n]) + "X"
		by := actor.Actor{Kind: actor.Stranger, Request: quoted, Address: "198.51.100.7"}
		e := audit.Event{
			Kind: provider.Refused, Subject: client.Ref("x"), Reason: string(reason), After: json.RawMessage(`{}`),
		}
		err := w.DB.Update(t.Context(), by, func(u *db.W) error { return u.RecordRefusal(t.Context(), e) })
		if err != nil {
			t.Fatal(err)
		}
		p := b.get("/desk/sessions?find=" + quoted)
		rows := map[string]string{}
		for _, row := range webtest.Summary(p.markup) {
			rows[row.Key] = row.Value
		}
		worded := len(rows["Tell the caller"]) > 20 && rows["From"] == "198.51.100.0/24" &&
			rows["What happened"] != "Something was refused"
		if p.status != http.StatusOK || !worded || strings.Contains(p.text, "What happened "+string(reason)) {
			t.Errorf("%s: %d %q", reason, p.status, rows)
		}
	}
}

// The refusals of a person say where each came from, as those of accounts in the directory do.
func TestRefusalsOfAPersonSayWhereTheyCameFrom(t *testing.T) {
	w := open(t)
	w.assign(agent)
	bea := w.helped("Bea", "bea@example.nhs.uk")
	by := actor.Actor{Kind: actor.Stranger, Request: "KDF72M9X", Address: "198.51.100.7"}
	e := audit.Event{Kind: provider.Refused, Subject: identity.Ref(bea), Reason: "locked", After: json.RawMessage(`{}`)}
	w.Must(w.DB.Update(t.Context(), by, func(u *db.W) error { return u.RecordRefusal(t.Context(), e) }))
	w.signedIn().get("/desk/sessions?find="+bea).has(t, "From", "198.51.100.0/24")
}
