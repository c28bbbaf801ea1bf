//go:build hsm

package cards

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/authenticator/smartcard/issuing"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/command/cli"
	"signpost/internal/national/authn"
	"signpost/internal/platform/cardreader"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/worldtest"
)

// softhsm makes a folder of tokens with a blank one, which stands for a card. TEST_SOFTHSM names the library; whoever
// builds with the tag means to test it.
func softhsm(t *testing.T) (module string) {
	t.Helper()
	module = os.Getenv("TEST_SOFTHSM")
	if module == "" {
		t.Fatal("set TEST_SOFTHSM to SoftHSM's library, such as /usr/lib/softhsm/libsofthsm2.so")
	}
	folder := t.TempDir()
	tokens := filepath.Join(folder, "tokens")
	config := filepath.Join(folder, "softhsm2.conf")
	worldtest.Check(t, os.Mkdir(tokens, 0o700))
	worldtest.Check(t, os.WriteFile(config, []byte("directories.tokendir = "+tokens+"\n"), 0o600))
	t.Setenv("SOFTHSM2_CONF", config)
	return module
}

// A card is issued at a reader, logs its person in, is locked and unlocked, and renews itself; its keys never leave it.
func TestACardAtTheReader(t *testing.T) {
	module := softhsm(t)
	w := logintest.Open(t)
	door := w.Cards()
	office := &issuing.Desk{DB: w.DB, Box: w.Box}
	site := web.New(web.Options{Name: "cim", Log: w.Options.Log, Metrics: web.NewMetrics(prometheus.NewRegistry())})
	office.Mount(site)
	server := httptest.NewServer(site)
	defer server.Close()
	office.Authority = &issuing.Authority{
		Certificate: door.Issuing.Certificate, Signer: door.Issuing.Key, List: server.URL + "/smartcards/revoked.crl",
	}
	pinFile := filepath.Join(t.TempDir(), "pin")
	setPIN := func(pin string) { worldtest.Check(t, os.WriteFile(pinFile, []byte(pin+"\n"), 0o600)) }
	at := desk{reader: reader{Module: module}, Server: server.URL, PINFile: pinFile}
	allow := func(act issuing.Act) string {
		return worldtest.Must(db.Write(t.Context(), w.DB, logintest.Desk, func(dw *db.W) (string, error) {
			code, _, err := issuing.Allow(t.Context(), dw, w.UUID, act)
			return code, err
		}))(t)
	}
	var out bytes.Buffer
	p := &cli.Printer{Out: &out, Errs: &out}
	logsIn := func() bool {
		card := worldtest.Must(cardreader.Open(module))(t)
		all := worldtest.Must(card.Certificates())(t)
		worldtest.Check(t, card.Close())
		if len(all) != 1 {
			t.Fatalf("%d certificates are on the card", len(all))
		}
		b := w.Browser()
		path := b.ChooseCard(authn.SmartcardInternet, logintest.Request("prompt", "login"))
		res := b.UseCard(door, path, &logintest.Card{Certificate: all[0]})
		return strings.HasPrefix(res.Header.Get("Location"), logintest.Callback)
	}

	setPIN("12345")
	if err := (&issue{desk: at, Code: "x"}).Run(t.Context(), p); err == nil || !strings.Contains(err.Error(), "6 to 8") {
		t.Errorf("a short PIN: %v", err)
	}
	setPIN("135790")
	if err := (&unlock{desk: at, Code: "x"}).Run(t.Context(), p); !errors.Is(err, fault.Conflict) {
		t.Errorf("a blank card is unlocked: %v", err)
	}
	worldtest.Check(t, (&issue{desk: at, Code: allow(issuing.Issue)}).Run(t.Context(), p))
	if !logsIn() {
		t.Error("the card that was issued logs nobody in")
	}
	if err := (&issue{desk: at, Code: "x"}).Run(t.Context(), p); !errors.Is(err, fault.Conflict) {
		t.Errorf("a card that is not blank is issued: %v", err)
	}
	objects := worldtest.Must(exec.CommandContext(t.Context(), "pkcs11-tool", "--module", module, "--login",
		"--pin", "135790", "--list-objects", "--type", "privkey").CombinedOutput())(t)
	for _, want := range []string{"sensitive", "never extractable", "local"} {
		if !strings.Contains(string(objects), want) {
			t.Errorf("the card's key is not %s:\n%s", want, objects)
		}
	}
	if err := (&renew{desk: at}).Run(t.Context(), p); !errors.Is(err, fault.Forbidden) {
		t.Errorf("long before its end: %v", err)
	}
	w.Clock.Advance(700 * 24 * time.Hour)
	worldtest.Check(t, (&renew{desk: at}).Run(t.Context(), p))
	if !logsIn() {
		t.Error("the card that renewed itself logs nobody in")
	}
	setPIN("246802")
	if err := (&renew{desk: at}).Run(t.Context(), p); err == nil {
		t.Error("a wrong PIN is taken")
	}
	code := allow(issuing.Unlock)
	worldtest.Check(t, (&unlock{desk: at, Code: code}).Run(t.Context(), p))
	if err := (&unlock{desk: at, Code: code}).Run(t.Context(), p); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a code to unlock, twice: %v", err)
	}
	worldtest.Check(t, (&renew{desk: at, Code: allow(issuing.Renew)}).Run(t.Context(), p))
	if !logsIn() {
		t.Error("the card that was repaired with its new PIN logs nobody in")
	}
	worldtest.Check(t, (&read{reader: reader{Module: module}}).Run(t.Context(), p))
	if !strings.Contains(out.String(), w.UUID+", issued by CN=Cards Issuing, until") {
		t.Errorf("read: %s", out.String())
	}
}
