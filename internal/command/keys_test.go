package command

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/provider/key"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/national/cis2"
)

// keysHouse is a system that serves, or is stopped, with its signing keys.
type keysHouse struct {
	commandtest.System
	t *testing.T
}

func newKeysHouse(t *testing.T, more string) *keysHouse {
	t.Helper()
	return &keysHouse{System: commandtest.NewSystem(t, more), t: t}
}

// keys runs the command and gives what it printed.
func (h *keysHouse) keys(want int, contains string, args ...string) string {
	h.t.Helper()
	out, errs, code := run(h.t, h.On(append([]string{"keys"}, args...)...)...)
	if code != want || !strings.Contains(out+errs, contains) {
		h.t.Fatalf("keys %v: exit %d, %s%s; want %d with %q", args, code, out, errs, want, contains)
	}
	return out
}

func (h *keysHouse) list(args ...string) []shownKey {
	h.t.Helper()
	if args == nil {
		args = []string{"list"}
	}
	var list []shownKey
	if err := json.Unmarshal([]byte(h.keys(cli.ExitDone, "kid", append(args, "--json")...)), &list); err != nil {
		h.t.Fatal(err)
	}
	return list
}

func signer(t *testing.T, list []shownKey) string {
	t.Helper()
	i := slices.IndexFunc(list, func(k shownKey) bool { return k.Algorithm == "RS256" && k.State == key.Signing })
	if i < 0 {
		t.Fatalf("no RS256 key signs: %+v", list)
	}
	return list[i].ID
}

// served waits until the running node publishes one key and not another.
func (h *keysHouse) served(with, without string) {
	h.t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		code, body := get(h.t, h.Port, "cis2.example.nhs.uk", cis2.Realm+cis2.KeysPath)
		if code == http.StatusOK && strings.Contains(body, with) &&
			(without == "" || !strings.Contains(body, without)) {
			return
		}
		select {
		case <-deadline:
			h.t.Fatalf("the node publishes %s; want %s and not %q", body, with, without)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func TestKeysOfARunningSystem(t *testing.T) {
	t.Parallel() // it mostly waits for the node to look at its keys again
	h := newKeysHouse(t, "")
	h.keys(cli.ExitFailed, "There is no system in ", "list")
	started(t, h.Port, h.On("serve", "--sites", "cis2,cim")...)
	list := h.list()
	if len(list) != 2 || list[0].Algorithm != "RS256" || list[0].Next == nil || list[0].Next.What != key.Make {
		t.Fatalf("at first: %+v", list)
	}
	old := signer(t, list)
	h.served(old, "")
	h.keys(cli.ExitDone, "signs from", "rotate", "--alg", "RS256")
	if list = h.list(); len(list) != 3 || signer(t, list) != old {
		t.Fatalf("a rotation that was announced signs already: %+v", list)
	}
	replaced := signer(t, h.list("rotate", "--now", "--alg", "RS256"))
	h.served(replaced, "")
	h.served(old, "") // until what it signed is over
	h.keys(cli.ExitDone, "leaves the key set and is wiped", "list")
	last := signer(t, h.list("rotate", "--now", "--revoke="+replaced))
	h.served(last, replaced)
	h.keys(cli.ExitFailed, "Use a kid that signpost keys list shows.", "rotate", "--now", "--revoke="+replaced)
}

func TestKeysUsage(t *testing.T) {
	h := newKeysHouse(t, "")
	h.keys(cli.ExitUsage, "together with --now", "rotate", "--revoke", "x")
	h.keys(cli.ExitUsage, "leave --alg out", "rotate", "--now", "--revoke", "x", "--alg", "RS256")
	h.keys(cli.ExitUsage, "RS256", "rotate", "--alg", "HS256")
	h.keys(cli.ExitUsage, "[hsm]", "wrap")
	newKeysHouse(t, "[keys]\noverlap_hours = 1\n").keys(cli.ExitFailed, "must stay published", "list")
	short := newKeysHouse(t, "[keys]\nrotate_days = 3\n")
	if _, errs, code := run(t, short.On("serve")...); code != cli.ExitFailed ||
		!strings.Contains(errs, "leaves no time") {
		t.Errorf("serve with a period that is too short: %d, %s", code, errs)
	}
}

// A security module that is configured and cannot be used stops everything; no key is written bare.
func TestSecurityModuleIsNeverPassedOver(t *testing.T) {
	h := newKeysHouse(t, "[hsm]\nmodule = \"/nowhere/pkcs11.so\"\ntoken = \"signpost\"\n")
	if _, errs, code := run(t, h.On("serve")...); code != cli.ExitFailed || errs == "" {
		t.Errorf("serve: exit %d, %s", code, errs)
	}
	if _, err := os.Stat(filepath.Join(h.Data, "master.key")); err == nil {
		t.Error("a bare master key was made")
	}
	h.keys(cli.ExitFailed, "", "list")
	h.keys(cli.ExitFailed, "", "wrap")
	h = newKeysHouse(t, "[hsm]\nmodule = \"/nowhere/pkcs11.so\"\ntoken = \"signpost\"\npin_file = \"/nowhere/pin\"\n")
	h.keys(cli.ExitFailed, "PIN", "list")
}
