package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/client"
	kept "signpost/internal/careid/provider/session"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/worldtest"
)

func TestTheDeskFindsPeople(t *testing.T) {
	w := open(t)
	w.addSupplier()
	uuid := w.helped("Bea", "bea@example.nhs.uk")
	twin := w.another("Cy")
	other := w.helped("Dee", "dee@example.nhs.uk")
	w.helped("Eve", "DEE@example.nhs.uk")
	w.assign(agent)
	b := w.signedIn()
	b.get("/desk/sessions").has(t, "Find a person or a reference")
	grouped := uuid[:3] + " " + uuid[3:6] + " " + uuid[6:]
	for _, typed := range []string{
		uuid, " " + uuid, grouped, uuid[:4] + "-" + uuid[4:8] + "-" + uuid[8:], "bea@example.nhs.uk", "BEA@EXAMPLE.nhs.uk",
		"bea", "Béa Example", "exam bea",
	} {
		p := b.get("/desk/sessions?find=" + strings.ReplaceAll(typed, " ", "%20"))
		p.has(t, "Sessions of Bea Example", "24 November 2026 at 9am", "Security Key, AAL3", "Microsoft Edge, Windows",
			"Safari, iPhone", "Rota")
	}
	b.get("/desk/sessions?find="+twin).has(t, "Cy Example is not logged in with their Care Identity anywhere",
		"None in the last 90 days", "Cy Example has not been refused recently")
	b.get("/desk/sessions?find=dee@example.nhs.uk").has(t, "Several people were found", "Dee Example",
		"Eve Example", other)
	for typed, want := range map[string]string{
		"!":                     "Enter a name",
		"xy":                    "Nobody has this name",
		"x":                     "Enter a word of at least 2 letters",
		"000000000000":          "Nobody has this",
		"nobody@example.nhs.uk": "Nobody has this",
		"0161%20496%200000":     "A Care Identity number has 12 digits",
	} {
		p := b.get("/desk/sessions?find=" + typed)
		if p.has(t, "There is a problem", want); p.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", typed, p.status)
		}
	}
}

func TestTheDeskLooksUpReferences(t *testing.T) {
	w := open(t)
	w.addSupplier()
	uuid := w.helped("Bea", "bea@example.nhs.uk")
	w.assign(support)
	key := ""
	refuse := func(reference string, e audit.Event) {
		w.Helper()
		by := actor.Actor{Kind: actor.Stranger, Request: reference, Address: "192.0.2.7"}
		err := w.DB.Update(t.Context(), by, func(u *db.W) error { return u.RecordRefusal(t.Context(), e) })
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.DB.View(t.Context(), func(r db.R) error {
		authenticators, err := authenticator.OfIdentity(t.Context(), r, uuid)
		key = authenticators[0].ID
		return err
	}); err != nil {
		t.Fatal(err)
	}
	refuse("KDF72222", audit.Event{
		Kind: provider.Refused, Subject: identity.Ref(uuid), Reason: string(provider.NotApproved),
		After: map[string]any{
			"client": supplier, "authenticator": key, "kind": authn.SecurityKey, "level": authn.AAL3,
		},
	})
	refuse("KDF73333", audit.Event{
		Kind: provider.Refused, Subject: client.Ref(supplier), Reason: string(provider.Cancelled),
		After: map[string]any{"client": supplier, "kind": authn.Passkey, "browser said": "NotAllowedError"},
	})
	refuse("KDF74444", authenticator.Refusal(key, "assertion", ""))
	refuse("KDF75555", authenticator.Refusal("unknown-0123", "email address or password", ""))
	ofProof := w.ReferenceOfNothing()
	proved := actor.Actor{Kind: actor.Stranger, Request: ofProof}
	if err := w.DB.Update(t.Context(), proved, func(u *db.W) error {
		return u.Record(t.Context(), audit.Event{Kind: "signin.proved", Subject: identity.Ref(uuid)})
	}); err != nil {
		t.Fatal(err)
	}
	refuse("KDF77777", audit.Event{Kind: "identity.move-refused", Subject: identity.Ref(uuid), After: identity.Suspend})
	refuse("KDF72M9X", audit.Event{Kind: "identity.move-refused", Subject: identity.Ref(uuid), After: identity.Suspend})
	const long = "0198a0f0-1234-7000-8000-0123456789ab" // as references were made before
	refuse(long, audit.Event{Kind: "identity.move-refused", Subject: identity.Ref(uuid), After: identity.Suspend})
	b := w.signedIn()
	for typed, shown := range map[string]string{
		"KDF7%202M9X": "KDF7 2M9X", "kdf72m9x": "KDF7 2M9X", "+kdf7-2m9x": "KDF7 2M9X", long: long,
		strings.ToUpper(long): long,
	} {
		b.get("/desk/sessions?find="+typed).has(t, "What happened", "Reference "+shown, "Bea Example")
	}
	b.get("/desk/sessions?find=kdf72222").has(t, "The organisation has not approved this kind", "Rota",
		"Security Key, AAL3", "Bea Example")
	b.get("/desk/sessions?find=KDF73333").has(t, "The person cancelled", "NotAllowedError", "Rota", "Passkey",
		"Not known: nobody had been identified yet")
	b.get("/desk/sessions?find=KDF74444").has(t, "The answer of the authenticator was wrong", "Security Key",
		"Bea Example")
	b.get("/desk/sessions?find=KDF75555").has(t, "The email address or the password of an authenticator app was wrong", "Not known")
	b.get("/desk/sessions?find=KDF77777").has(t, "The status of a Care Identity could not be changed", "Bea Example")
	for _, none := range []string{ofProof, w.ReferenceOfNothing(), "%25"} {
		if p := b.get("/desk/sessions?find=" + none); p.status != http.StatusUnprocessableEntity ||
			!strings.Contains(p.text, "There is a problem") {
			t.Errorf("%q: %d", none, p.status)
		}
	}
	b.get("/desk/sessions?find="+uuid).has(t, "The organisation has not approved this kind",
		"The answer of the authenticator was wrong", "Tell the caller", "ask your registration authority which ones",
		"KDF7 2222", "KDF7 4444")
}

// A name of 8 letters without vowels looks like a reference.
func TestTheDeskFindsPeopleWhoseNamesLookLikeReferences(t *testing.T) {
	w := open(t)
	w.addSupplier()
	w.helped("Bcdfghjk", "bea@example.nhs.uk")
	w.assign(support)
	b := w.signedIn()
	b.get("/desk/sessions?find=BCDFGHJK").has(t, "Sessions of Bcdfghjk")
	last := strings.IndexFunc("MNPQ", func(letter rune) bool { // by chance one in some 230 tells of a refusal by itself
		_, told := web.Told(w.Box, "BCDFGHJ"+string(letter), w.Clock.Now())
		return !told
	})
	name := "BCDFGHJ" + string("MNPQ"[last])
	if p := b.get("/desk/sessions?find=" + name); !strings.Contains(p.text, "No refusal has this reference") ||
		!strings.Contains(p.markup, `href="https://dos.example.nhs.uk/users?q=BCDF+`+name[4:]+`"`) {
		t.Errorf("%d %s", p.status, p.text)
	}
}

// The desk's page of somebody with many sessions asks the database as often as that of somebody with a few.
func TestStatementsForAPersonDoNotGrow(t *testing.T) {
	w := open(t)
	w.addSupplier()
	w.assign(support)
	b := w.signedIn()
	asked := map[int]int{}
	for _, n := range []int{3, 60} {
		uuid := w.helped(fmt.Sprintf("Bea%d", n), fmt.Sprintf("bea%d@example.nhs.uk", n))
		w.busy(uuid, n)
		statements := dbtest.Statements(t, w.DB, func() {
			p := b.get("/desk/sessions?find=" + uuid)
			if got := strings.Count(p.text, "The person cancelled"); got != min(n, 20) {
				t.Errorf("%d refusals are shown of %d: %s", got, n, p.text)
			}
			if got := strings.Count(p.text, "Logged in 24 November"); got != n+2 {
				t.Errorf("%d sessions can be ended of %d: %s", got, n+2, p.text)
			}
		})
		asked[n] = len(statements)
	}
	if asked[3] != asked[60] {
		t.Errorf("statements by rows: %v", asked)
	}
}

// busy gives somebody more sessions, notices and refusals.
func (w *world) busy(uuid string, n int) {
	w.Update(func(ctx context.Context, u *db.W) error {
		id := worldtest.Must(authenticator.OfIdentity(ctx, u, uuid))(w)[0].ID
		for i := range n {
			sid := fmt.Sprintf("%s-more-%d", uuid, i)
			_, err := sso.Begin(ctx, u, session.New[kept.State]{Subject: uuid, SID: sid, State: kept.State{
				Proven: authenticator.Proven{UUID: uuid, AuthenticatorID: id, At: u.Now()},
			}})
			refused := u.RecordRefusal(ctx, audit.Event{
				Kind: provider.Refused, Subject: identity.Ref(uuid), Reason: string(provider.Cancelled),
				After: map[string]any{"client": supplier, "authenticator": id},
			})
			over := fmt.Sprintf("%s-over-%d", uuid, i)
			err = errors.Join(err, refused, backchannel.Visit(ctx, u, sid, supplier, uuid),
				backchannel.Visit(ctx, u, over, supplier, uuid), backchannel.Notify(ctx, u, over, uuid))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// However many people have a name, or an address that begins alike, they are offered in pages of 50, for which the
// database is asked no more often than for a few.
func TestTheDeskListsPeopleInPages(t *testing.T) {
	w := open(t)
	w.assign(support)
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := range 60 {
			n := identity.New{
				GivenName: "Siân", FamilyName: fmt.Sprintf("Vale%02d", i), Organisation: "Z90001",
				Email: fmt.Sprintf("sv%02d@nhs.net", i),
			}
			if _, err := identity.Add(ctx, u, n); err != nil {
				return err
			}
		}
		return nil
	})
	b := w.signedIn()
	for query, want := range map[string][]string{
		"sian":        {"1 to 50 of 60 people, page 1 of 2 -", "Vale49", "Oak Tree Pharmacy (Z90001)", "sv49@nhs.net"},
		"sian&page=2": {"51 to 60 of 60 people, page 2 of 2 -", "Vale59"},
		"sian&page=9": {"51 to 60 of 60 people"}, "sian+vale07": {"Sessions of Siân Vale07"},
		"SV": {"1 to 50 of 60 people", "sv07@nhs.net"}, "sv1": {"10 people"}, "sv17@nhs": {"Sessions of Siân Vale17"},
		"sv17@nhs.net": {"Sessions of Siân Vale17"}, "sv17@nhs.ne": {"Sessions of Siân Vale17"},
	} {
		b.get("/desk/sessions?find="+query).has(t, want...)
	}
	asked := map[string]int{}
	for _, query := range []string{"sv1", "sv"} {
		asked[query] = len(dbtest.Statements(t, w.DB, func() { b.get("/desk/sessions?find=" + query) }))
	}
	if asked["sv1"] != asked["sv"] {
		t.Errorf("statements by rows: %v", asked)
	}
	if p := b.get("/desk/sessions?find=s"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("one letter: %d %s", p.status, p.text)
	}
}

// The desk tells a caller whose Care Identity opens nothing why, and who can help, also where nothing was refused yet.
func TestTheDeskTellsTheSuspended(t *testing.T) {
	w := open(t)
	w.addSupplier()
	uuid := w.helped("Bea", "bea@example.nhs.uk")
	w.assign(support)
	b := w.signedIn()
	b.get("/desk/sessions?find="+uuid).lacks(t, "Tell the caller:")
	w.Must(identity.Move(t.Context(), w.DB, actor.ForCommand("test"), uuid, identity.Suspend, "on leave"))
	b.get("/desk/sessions?find="+uuid).has(t, "Suspended", "Tell the caller: Your Care Identity is suspended",
		"Ask your registration authority why")
	w.Must(identity.Move(t.Context(), w.DB, actor.ForCommand("test"), uuid, identity.Close, "left"))
	b.get("/desk/sessions?find="+uuid).has(t, "Tell the caller: Your Care Identity is closed")
}

// What the desk reads of a refusal stands in three cells, which are wide enough to read.
func TestRefusalsOfAPersonHaveThreeCells(t *testing.T) {
	w := open(t)
	w.addSupplier()
	uuid := w.helped("Bea", "bea@example.nhs.uk")
	w.assign(support)
	w.Must(w.DB.Update(t.Context(), actor.Actor{Kind: actor.Stranger}, func(u *db.W) error {
		return u.Record(t.Context(), audit.Event{
			Kind: provider.Refused, Subject: identity.Ref(uuid), Reason: string(provider.Cancelled),
			After: map[string]any{"client": supplier, "kind": authn.Passkey},
		})
	}))
	p := w.signedIn().get("/desk/sessions?find=" + uuid)
	p.has(t, "The person cancelled", "Service: Rota", "With: Passkey", "From: Not kept", "Reference ")
	_, table, _ := strings.Cut(p.markup, "Logins that were refused")
	if n := strings.Count(table[:strings.Index(table, "</thead>")], "<th"); n != 4 { // with thead
		t.Errorf("%d columns in %s", n-1, table[:strings.Index(table, "</thead>")])
	}
}
