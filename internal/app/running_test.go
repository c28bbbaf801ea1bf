package app

import (
	"context"
	"log/slog"
	"net"
	"testing"

	"signpost/internal/demo"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/password"
)

// running is a demo that can be reached.
func running(t *testing.T) *Demo {
	t.Helper()
	free, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := free.Addr().String()
	_ = free.Close()
	cfg := DemoConfig(listen, t.TempDir())
	cfg.Proxies = []string{"127.0.0.1/32"} // a test may ask from other addresses
	d, err := newDemo(t.Context(), Options{Config: cfg, Log: slog.New(slog.DiscardHandler), Passwords: password.Cheap})
	if err != nil {
		t.Fatal(err)
	}
	d.cheapenPasswords(t)
	ctx, stop := context.WithCancel(context.Background())
	opened := make(chan struct{})
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx, func() { close(opened) }) }()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	<-opened
	return d
}

// cheapenPasswords gives the sample people a hash of their password that takes little to check.
func (d *Demo) cheapenPasswords(t *testing.T) {
	t.Helper()
	hash, err := d.system.passwords.Hash(t.Context(), password.Asker{}, demo.Password)
	if err != nil {
		t.Fatal(err)
	}
	err = d.dos.DB.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		if _, err := w.Exec(t.Context(), `UPDATE account SET password_hash = $1`, hash); err != nil {
			return err
		}
		return w.Record(t.Context(), audit.Event{Kind: "test.prepared"})
	})
	if err != nil {
		t.Fatal(err)
	}
}
