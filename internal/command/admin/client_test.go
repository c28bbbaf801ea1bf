package admin_test

import (
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/schema"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

func TestAdminClient(t *testing.T) {
	const id = "100000000001.apps.national"
	h := commandtest.NewSystem(t, "")
	source := filepath.Join(h.Data, "careid.db")
	d, err := db.Open(t.Context(), db.Options{Source: source, Migrations: schema.Files, Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	err = d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		err := client.Register(t.Context(), w, box, client.Client{
			ID: id, Name: "Rota", AuthMethod: client.ClientSecretPost, Active: true, Scopes: []string{"openid"},
			RedirectURIs: []string{"https://rota.example/callback"},
		}, "a secret from a file")
		if err != nil {
			return err
		}
		_, err = w.Exec(t.Context(), `UPDATE provider_client SET approved_at = NULL`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		move, id, says string
		exit           int
	}{
		{"suspend", id, "Rota is suspended", cli.ExitDone},
		{"suspend", id, "not in the state", cli.ExitFailed},
		{"resume", id, "Rota is active", cli.ExitDone},
		{"approve", id, "Rota is approved", cli.ExitDone},
		{"approve", id, "Nothing of this client waits", cli.ExitFailed},
		{"approve", "100000000009.apps.national", "no client with that id", cli.ExitFailed},
		{"suspend", "100000000009.apps.national", "no client with that id", cli.ExitFailed},
	} {
		out, errs, code := run(t, h.On("admin", "client", tt.move, tt.id)...)
		if code != tt.exit || !strings.Contains(out+errs, tt.says) {
			t.Errorf("%s %s: exit %d: %s", tt.move, tt.id, code, out+errs)
		}
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
