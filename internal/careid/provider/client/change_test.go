package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/population"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var nine = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// world is a team with Ada in it, and Ben who is in none.
type world struct {
	*careidtest.World

	ada, ben actor.Actor
	team     string
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{World: careidtest.Open(t, nine)}
	w.ada = w.person("Ada")
	w.ben = w.person("Ben")
	var err error
	w.team, err = team.Make(t.Context(), w.DB, w.ada, "  Fenmarch   Software ")
	w.Must(err)
	return w
}

func (w *world) person(name string) actor.Actor {
	w.Helper()
	return w.Person(population.Person{GivenName: name, FamilyName: "Example", Organisation: "Z90001"})
}

// app is a client with a secret, as somebody would fill it in.
func app() client.Client {
	return client.Client{
		Name: "Rota", Description: "Plans rotas", Owner: "Fenmarch Software Ltd", Contact: "rota@fenmarch.example",
		AuthMethod: client.ClientSecretPost, RedirectURIs: []string{"https://rota.example/callback"},
		Scopes: []string{"openid", "profile"},
	}
}

func (w *world) create(c client.Client) (id, secret string) {
	w.Helper()
	id, secret, err := client.Create(w.Context(), w.DB, w.ada, w.Box, w.team, client.Supplier, c)
	if err != nil {
		w.Fatal(err)
	}
	return id, secret
}

func (w *world) read(id string) (c client.Client) {
	w.Helper()
	err := w.DB.View(w.Context(), func(r db.R) (err error) {
		c, err = client.ByID(w.Context(), r, id)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func (w *world) events(ref audit.Ref) (list []audit.Entry) {
	w.Helper()
	err := w.DB.View(w.Context(), func(r db.R) (err error) {
		list, err = audit.Of(w.Context(), r, ref, 100)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return list
}

func TestCreateGivesAnIDAndASecretOnce(t *testing.T) {
	w := open(t)
	id, secret := w.create(app())
	c := w.read(id)
	digits, sector, _ := strings.Cut(id, ".")
	if len(digits) != 12 || sector != "apps.supplier" || digits[0] < '2' {
		t.Errorf("id %q", id)
	}
	if !c.Active || c.Team != w.team || c.Version != 1 || c.IDTokenAlgorithm != "RS256" || !c.SecretMade().Equal(nine) {
		t.Errorf("kept %+v", c)
	}
	if !c.HasSecret(w.Box, secret) || c.HasSecret(w.Box, secret+"x") || c.HasSecret(w.Box, "") {
		t.Error("the secret does not open, or another does")
	}
	if text, _ := json.Marshal(w.events(client.Ref(id))); strings.Contains(string(text), secret) || len(text) < 100 {
		t.Errorf("the event holds the secret, or is not there: %s", text)
	}
	if got := w.events(team.Ref(w.team)); len(got) != 2 {
		t.Errorf("%d events of the team, want made and joined", len(got))
	}
}

func TestChangeSaysBeforeAndAfter(t *testing.T) {
	w := open(t)
	id, _ := w.create(app())
	c := w.read(id)
	c.RedirectURIs = []string{"https://rota.example/new"}
	c.RequirePAR = true
	if _, err := client.Change(t.Context(), w.DB, w.ada, w.Box, c); err != nil {
		t.Fatal(err)
	}
	now := w.read(id)
	if now.Version != 2 || now.RedirectURIs[0] != "https://rota.example/new" || !now.RequirePAR || !now.Active {
		t.Errorf("kept %+v", now)
	}
	e := w.events(client.Ref(id))[0]
	const before = `{"redirect_uris":"https://rota.example/callback","require_pushed_authorization_requests":"no"}`
	const after = `{"redirect_uris":"https://rota.example/new","require_pushed_authorization_requests":"yes"}`
	if e.Kind != "client.changed" || string(e.Before) != before || string(e.After) != after {
		t.Errorf("%s from %s to %s", e.Kind, e.Before, e.After)
	}
}

func TestSecondEditorSeesAConflict(t *testing.T) {
	w := open(t)
	id, _ := w.create(app())
	one := w.read(id)
	other := w.read(id)
	one.Name = "One"
	other.Name = "Other"
	if _, err := client.Change(t.Context(), w.DB, w.ada, w.Box, one); err != nil {
		t.Fatal(err)
	}
	_, err := client.Change(t.Context(), w.DB, w.ada, w.Box, other)
	var changed *client.Changed
	if !errors.As(err, &changed) || !errors.Is(err, fault.Conflict) || changed.Now.Name != "One" {
		t.Errorf("second editor: %v", err)
	}
	if got := w.read(id).Name; got != "One" {
		t.Errorf("name is %q", got)
	}
}

func TestOfEditorsAtOnceOneWins(t *testing.T) {
	w := open(t)
	id, _ := w.create(app())
	c := w.read(id)
	const editors = 12
	var all sync.WaitGroup
	results := make([]error, editors)
	for n := range editors {
		all.Go(func() {
			mine := c
			mine.Description = strings.Repeat("x", n+1)
			_, results[n] = client.Change(t.Context(), w.DB, w.ada, w.Box, mine)
		})
	}
	all.Wait()
	won := 0
	for n, err := range results {
		if err == nil {
			won++
		} else if !errors.Is(err, fault.Conflict) {
			t.Errorf("editor %d: %v", n, err)
		}
	}
	if won != 1 || w.read(id).Version != 2 {
		t.Errorf("%d of %d editors won, version %d", won, editors, w.read(id).Version)
	}
}

func TestSecretsOverlapAndEnd(t *testing.T) {
	w := open(t)
	id, first := w.create(app())
	second, err := client.RotateSecret(t.Context(), w.DB, w.ada, w.Box, id, client.Overlap)
	if err != nil {
		t.Fatal(err)
	}
	both := w.read(id)
	if !both.HasSecret(w.Box, first) || !both.HasSecret(w.Box, second) ||
		!both.OldSecretEnds().Equal(nine.Add(client.Overlap)) {
		t.Error("within the overlap: one of the two does not open")
	}
	w.Clock.Advance(client.Overlap)
	over := w.read(id)
	if over.HasSecret(w.Box, first) || !over.HasSecret(w.Box, second) || !over.OldSecretEnds().IsZero() {
		t.Error("after the overlap: the old one opens, or the new one does not")
	}
	third, err := client.RotateSecret(t.Context(), w.DB, w.ada, w.Box, id, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.EndOldSecret(t.Context(), w.DB, w.ada, id); err != nil {
		t.Fatal(err)
	}
	if c := w.read(id); c.HasSecret(w.Box, second) || !c.HasSecret(w.Box, third) {
		t.Error("ended by hand: the old one opens, or the new one does not")
	}
	_, err = client.RotateSecret(t.Context(), w.DB, w.ada, w.Box, id, client.Overlap+time.Second)
	if !errors.Is(err, fault.Invalid) {
		t.Errorf("overlap of more than a week: %v", err)
	}
	if text, _ := json.Marshal(w.events(client.Ref(id))); strings.Contains(string(text), second) ||
		strings.Contains(string(text), third) {
		t.Error("an event holds a secret")
	}
}

func TestMethodsWithAndWithoutSecret(t *testing.T) {
	w := open(t)
	id, first := w.create(app())
	c := w.read(id)
	c.AuthMethod = client.PrivateKeyJWT
	c.Algorithm = "RS512"
	c.JWKSURI = "https://rota.example/jwks.json"
	if secret, err := client.Change(t.Context(), w.DB, w.ada, w.Box, c); err != nil || secret != "" {
		t.Fatalf("to a key: %q %v", secret, err)
	}
	if w.read(id).HasSecret(w.Box, first) {
		t.Error("the secret outlived the change to a key")
	}
	if _, err := client.RotateSecret(t.Context(), w.DB, w.ada, w.Box, id, 0); !errors.Is(err, fault.Conflict) {
		t.Errorf("rotate without secret: %v", err)
	}
	c = w.read(id)
	c.AuthMethod = client.ClientSecretBasic
	secret, err := client.Change(t.Context(), w.DB, w.ada, w.Box, c)
	if now := w.read(id); err != nil || secret == "" || !now.HasSecret(w.Box, secret) || now.JWKSURI != "" {
		t.Errorf("back to a secret: %q %v %+v", secret, err, now)
	}
}

func TestMovesHoldAtOnceAndClosingForGood(t *testing.T) {
	w := open(t)
	id, _ := w.create(app())
	for _, tt := range []struct {
		move           client.Move
		ok             bool
		active, closed bool
	}{
		{client.Close, false, true, false}, {client.Resume, false, true, false}, {client.Suspend, true, false, false}, {client.Suspend, false, false, false},
		{client.Resume, true, true, false}, {client.Suspend, true, false, false}, {client.Close, true, false, true}, {client.Resume, false, false, true}, {client.Suspend, false, false, true},
	} {
		err := client.Do(t.Context(), w.DB, w.ada, id, tt.move)
		if (err == nil) != tt.ok || err != nil && !errors.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", tt.move, err)
		}
		if c := w.read(id); c.Active != tt.active || c.Closed != tt.closed {
			t.Errorf("after %s: active %v, closed %v", tt.move, c.Active, c.Closed)
		}
	}
	c := w.read(id)
	c.Name = "Risen"
	if _, err := client.Change(t.Context(), w.DB, w.ada, w.Box, c); !errors.Is(err, fault.Conflict) {
		t.Errorf("change of a closed client: %v", err)
	}
}

func TestOnlyTheTeamMay(t *testing.T) {
	for name, act := range map[string]func(w *world, by actor.Actor, c client.Client) error{
		"create": func(w *world, by actor.Actor, _ client.Client) error {
			_, _, err := client.Create(w.Context(), w.DB, by, w.Box, w.team, client.Supplier, app())
			return err
		},
		"change": func(w *world, by actor.Actor, c client.Client) error {
			c.Name = "Changed"
			_, err := client.Change(w.Context(), w.DB, by, w.Box, c)
			return err
		},
		"rotate": func(w *world, by actor.Actor, c client.Client) error {
			_, err := client.RotateSecret(w.Context(), w.DB, by, w.Box, c.ID, 0)
			return err
		},
		"end old secret": func(w *world, by actor.Actor, c client.Client) error {
			return client.EndOldSecret(w.Context(), w.DB, by, c.ID)
		},
		"suspend": func(w *world, by actor.Actor, c client.Client) error {
			return client.Do(w.Context(), w.DB, by, c.ID, client.Suspend)
		},
	} {
		w := open(t)
		id, _ := w.create(app())
		before := w.read(id)
		events := len(w.events(client.Ref(id))) + len(w.events(team.Ref(w.team)))
		if err := act(w, w.ben, before); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s by somebody else: %v", name, err)
		}
		if after := w.read(id); after.Version != before.Version {
			t.Errorf("%s by somebody else changed the client", name)
		}
		if now := len(w.events(client.Ref(id))) + len(w.events(team.Ref(w.team))); now != events+1 {
			t.Errorf("%s by somebody else: %d events more, want the refusal", name, now-events)
		}
		if err := act(w, w.ada, before); err != nil {
			t.Errorf("%s by a member: %v", name, err)
		}
	}
}

func TestOperatorsMaySuspendAndNotEdit(t *testing.T) {
	w := open(t)
	id, _ := w.create(app())
	err := w.DB.Update(t.Context(), actor.ForCommand("test"), func(u *db.W) error {
		return team.Join(t.Context(), u, team.Operators, w.ben.ID)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Do(t.Context(), w.DB, w.ben, id, client.Suspend); err != nil {
		t.Errorf("suspend by an operator: %v", err)
	}
	if err := client.Do(t.Context(), w.DB, w.ben, id, client.Close); !errors.Is(err, fault.NotFound) {
		t.Errorf("close by an operator: %v", err)
	}
	if _, err := client.RotateSecret(t.Context(), w.DB, w.ben, w.Box, id, 0); !errors.Is(err, fault.NotFound) {
		t.Errorf("rotate by an operator: %v", err)
	}
}

// Nobody suspends a site of this system by a page: no operator could log in to resume it.
func TestOwnSitesAreNotSuspendedByPages(t *testing.T) {
	w := open(t)
	own := app()
	own.ID = "100000000001.apps.national"
	own.Active = true
	register := func(ctx context.Context, u *db.W) error {
		if err := team.Join(ctx, u, team.Operators, w.ben.ID); err != nil {
			return err
		}
		return client.Register(ctx, u, w.Box, own, "a secret from a file")
	}
	w.update(register)
	if err := client.Do(t.Context(), w.DB, w.ben, own.ID, client.Suspend); !errors.Is(err, fault.Conflict) {
		t.Errorf("suspended by an operator: %v", err)
	}
	w.update(func(ctx context.Context, u *db.W) error { return client.MovePart(ctx, u, own.ID, client.Suspend) })
	w.update(register)
	if w.read(own.ID).Active {
		t.Error("the next start resumed what was suspended on purpose")
	}
}

func TestRegisterKeepsTeamAndReplacesSecret(t *testing.T) {
	w := open(t)
	id, first := w.create(app())
	c := w.read(id)
	c.Name = "By file"
	err := w.DB.Update(t.Context(), actor.ForCommand("test"), func(u *db.W) error {
		return client.Register(t.Context(), u, w.Box, c, "a secret from a file")
	})
	now := w.read(id)
	if err != nil || now.Name != "By file" || now.Team != w.team || now.Version != 2 || now.HasSecret(w.Box, first) ||
		!now.HasSecret(w.Box, "a secret from a file") {
		t.Errorf("%v: %+v", err, now)
	}
}

func TestRefusalsAreCountedAndBounded(t *testing.T) {
	w := open(t)
	note := func(r client.Refusal) {
		t.Helper()
		if err := client.NoteRefusal(t.Context(), w.DB, r); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Second)
	}
	list := func(id string) (list []client.Refusal) {
		t.Helper()
		err := w.DB.View(t.Context(), func(r db.R) (err error) {
			list, err = client.Refusals(t.Context(), r, id)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	token := client.Refusal{
		ClientID: "a", Place: client.AtToken, Code: "invalid_client",
		Reason: `token's aud: expected "https://op:443", received "https://op"`,
	}
	note(token)
	note(token)
	note(client.Refusal{ClientID: "b", Place: client.AtToken, Code: "invalid_grant", Reason: "the code has expired"})
	for n := range 70 {
		note(client.Refusal{ClientID: "a", Place: client.AtAuthorize, Reason: strings.Repeat("y", n+1)})
	}
	got := list("a")
	if len(got) != 51 || got[0].Reason != strings.Repeat("y", 70) {
		t.Fatalf("%d kept, the newest %q", len(got), got[0].Reason)
	}
	last := got[50]
	if last.Reason != token.Reason || last.Times != 2 || !last.First.Equal(nine) ||
		!last.Last.Equal(nine.Add(time.Second)) {
		t.Errorf("the one at the token endpoint: %+v", last)
	}
	if len(list("b")) != 1 {
		t.Error("the other client's is gone")
	}
}

// Anybody can name a client and fail to authenticate. That must not push out refusals of the client itself.
func TestRefusalsOfStrangersPushOutTheirOwnAlone(t *testing.T) {
	w := open(t)
	for _, tt := range []struct {
		name, place, code string
		kept              int // of the client's own, of which there was one at each place
	}{
		{"a stranger at the token endpoint", client.AtToken, "invalid_client", 2},
		{"a stranger who pushes a request", client.AtPush, "invalid_client", 2},
		{"a stranger's browser", client.AtAuthorize, "invalid_scope", 2},
		{"the client itself", client.AtToken, "invalid_grant", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			note := func(r client.Refusal) {
				t.Helper()
				r.ClientID = tt.name
				if err := client.NoteRefusal(t.Context(), w.DB, r); err != nil {
					t.Fatal(err)
				}
				w.Clock.Advance(time.Second)
			}
			note(client.Refusal{Place: client.AtToken, Code: "invalid_grant", Reason: "the code has expired"})
			note(client.Refusal{Place: client.AtPush, Code: "invalid_scope", Reason: "its own"})
			for n := range 60 {
				note(client.Refusal{Place: tt.place, Code: tt.code, Reason: strings.Repeat("y", n+1)})
			}
			var list []client.Refusal
			if err := w.DB.View(t.Context(), func(r db.R) (err error) {
				list, err = client.Refusals(t.Context(), r, tt.name)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if len(list) != 50+tt.kept {
				t.Errorf("%d are kept, want the newest 50 and %d of the client's own", len(list), tt.kept)
			}
		})
	}
}

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		`token's aud: expected ["https://am.nhsidentity.spineservices.nhs.uk:443/openam"], received "x"`: `token's aud: expected ["https://am.nhsidentity.spineservices.nhs.uk:443/openam"], received "x"`,
		`client_assertion_type: expected "urn:ietf:params:oauth", received none`:                         `client_assertion_type: expected "urn:ietf:params:oauth", received none`,
		"it said eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl and":                                  "it said [token] and",
		"https://rp.example/cb?code=abcdefgh12345&x=1":                                                   "https://rp.example/cb?code=[hidden]&x=1",
		`status 400: "{\"client_secret\": \"s3cr3ts3cr3t\"}"`:                                            `status 400: "{\"client_secret\": \"[hidden]\"}"`,
		"a\x00b\nc\xff": "a b c?",
	} {
		if got := client.Plain(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if got := client.Plain(strings.Repeat("é", 1000)); len(got) > 700 || !strings.HasSuffix(got, "é…") {
		t.Errorf("long text: %d bytes", len(got))
	}
}

func (w *world) update(fn func(ctx context.Context, u *db.W) error) {
	w.Helper()
	w.Must(w.DB.Update(w.Context(), actor.ForCommand("test"), func(u *db.W) error { return fn(w.Context(), u) }))
}

func TestGiveIsForPrograms(t *testing.T) {
	w := open(t)
	w.update(func(ctx context.Context, u *db.W) error {
		c := app()
		c.ID = "200000000001.apps.national"
		c.Active = true
		return client.Register(ctx, u, w.Box, c, "a secret from a file")
	})
	w.update(func(ctx context.Context, u *db.W) error {
		return client.Give(ctx, u, "200000000001.apps.national", w.team)
	})
	if err := client.Do(t.Context(), w.DB, w.ada, "200000000001.apps.national", client.Suspend); err != nil {
		t.Error(err)
	}
}
