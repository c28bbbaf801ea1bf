package command

import (
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/schema"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

func TestAdminClient(t *testing.T) {
	const id = "100000000001.apps.national"
	h := newKeysHouse(t, "")
	source := filepath.Join(h.data, "careid.db")
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
		{"suspend", id, "Rota is suspended", exitDone},
		{"suspend", id, "not in the state", exitFailed},
		{"resume", id, "Rota is active", exitDone},
		{"approve", id, "Rota is approved", exitDone},
		{"approve", id, "Nothing of this client waits", exitFailed},
		{"approve", "100000000009.apps.national", "no client with that id", exitFailed},
		{"suspend", "100000000009.apps.national", "no client with that id", exitFailed},
	} {
		out, errs, code := run(t, "admin", "client", tt.move, tt.id, "--config", h.config, "--data", h.data)
		if code != tt.exit || !strings.Contains(out+errs, tt.says) {
			t.Errorf("%s %s: exit %d: %s", tt.move, tt.id, code, out+errs)
		}
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
