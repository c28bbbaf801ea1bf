package console_test

import (
	"context"
	"crypto/x509"
	"errors"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/makertest"
	"signpost/internal/careid/metadata"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// dot is a PNG of one pixel.
const dot = "data:image/png;base64," +
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// Where somebody looks after the authenticators of a person, each is shown by the name of its model, with the picture
// that its maker publishes.
func TestTheModelIsShownWithItsPicture(t *testing.T) {
	w := open(t)
	root := worldtest.Must(makertest.New("Publisher", nil, nil))(t)
	model := worldtest.Must(makertest.NewModel("Blue key", root))(t)
	entry := model.Entry()
	entry["metadataStatement"].(map[string]any)["icon"] = dot
	signed := worldtest.Must(makertest.Blob(root, root, 1, "2026-12-31", entry))(t)
	blob := worldtest.Must(metadata.Read([]byte(signed), []*x509.Certificate{root.Certificate}, w.Clock.Now()))(t)
	uuid, key := w.locked("Bea", "bea@example.nhs.uk")
	w.Update(func(ctx context.Context, u *db.W) error {
		_, saving := metadata.Save(ctx, u, blob)
		_, err := u.Exec(ctx, `UPDATE authenticator SET model = $2 WHERE id = $1`, key, model.Number())
		return errors.Join(saving, err, u.Record(ctx, audit.Event{Kind: "test.prepared"}))
	})
	w.assign(agent)
	b := w.signedIn()
	p := b.get("/people/person/" + uuid + "/authenticators")
	p.has(t, "Blue key")
	if !strings.Contains(p.markup, `<img src="data:image/png;base64,`) {
		t.Error("it shows no picture of the model")
	}
}
