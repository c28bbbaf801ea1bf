package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

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
	if _, err := w.Registry().Change(t.Context(), w.ada, c); err != nil {
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
	if _, err := w.Registry().Change(t.Context(), w.ada, one); err != nil {
		t.Fatal(err)
	}
	_, err := w.Registry().Change(t.Context(), w.ada, other)
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
			_, results[n] = w.Registry().Change(t.Context(), w.ada, mine)
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
	second, err := w.Registry().RotateSecret(t.Context(), w.ada, id, client.Overlap)
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
	third, err := w.Registry().RotateSecret(t.Context(), w.ada, id, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Registry().EndOldSecret(t.Context(), w.ada, id); err != nil {
		t.Fatal(err)
	}
	if c := w.read(id); c.HasSecret(w.Box, second) || !c.HasSecret(w.Box, third) {
		t.Error("ended by hand: the old one opens, or the new one does not")
	}
	_, err = w.Registry().RotateSecret(t.Context(), w.ada, id, client.Overlap+time.Second)
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
	if secret, err := w.Registry().Change(t.Context(), w.ada, c); err != nil || secret != "" {
		t.Fatalf("to a key: %q %v", secret, err)
	}
	if w.read(id).HasSecret(w.Box, first) {
		t.Error("the secret outlived the change to a key")
	}
	if _, err := w.Registry().RotateSecret(t.Context(), w.ada, id, 0); !errors.Is(err, fault.Conflict) {
		t.Errorf("rotate without secret: %v", err)
	}
	c = w.read(id)
	c.AuthMethod = client.ClientSecretBasic
	secret, err := w.Registry().Change(t.Context(), w.ada, c)
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
	if _, err := w.Registry().Change(t.Context(), w.ada, c); !errors.Is(err, fault.Conflict) {
		t.Errorf("change of a closed client: %v", err)
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
