package key_test

import (
	"testing"
	"time"

	"signpost/internal/careid/provider/key"
	"signpost/internal/platform/jwt"
)

// A double is one node: its next token is signed by the new key, and what the old one signed still holds.
func TestReplaceAtOnce(t *testing.T) {
	h := open(t)
	old := h.sign(h.here, jwt.RS256)
	h.clock.Advance(time.Second)
	h.must(h.here.ReplaceAtOnce(t.Context(), operator, jwt.RS256))
	fresh := h.sign(h.here, jwt.RS256)
	if keyOf(t, fresh) == keyOf(t, old) {
		t.Error("the old key signs")
	}
	for _, token := range []string{old, fresh} {
		if err := verify(t, token, h.here.Set()); err != nil {
			t.Error(err)
		}
	}
}

func TestReplaceSignsOnEveryNodeOnceAllHaveIt(t *testing.T) {
	h := open(t)
	h.must(h.here.Announce(t.Context(), operator, jwt.RS256)) // a key waits already; it is not trusted
	old := h.sign(h.there, jwt.RS256)
	h.must(h.here.Replace(t.Context(), operator, jwt.RS256))
	during := h.sign(h.here, jwt.RS256)
	if err := verify(t, during, h.there.Set()); err != nil {
		t.Errorf("a node that has not read the new key is given a token it cannot verify: %v", err)
	}
	h.clock.Advance(10 * time.Second)
	h.must(h.there.Refresh(t.Context()))
	for name, node := range map[string]*key.Ring{"here": h.here, "there": h.there} {
		fresh := h.sign(node, jwt.RS256)
		if keyOf(t, fresh) == keyOf(t, old) {
			t.Errorf("%s: after 10 seconds the old key signs", name)
		}
		for _, token := range []string{old, during, fresh} {
			if err := verify(t, token, node.Set()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if got := h.states(jwt.RS256); got != "retired retiring signing" {
		t.Errorf("states: %s", got)
	}
	if got := h.states(jwt.ES256); got != "signing" {
		t.Errorf("the other algorithm: %s", got)
	}
}

func keyOf(t *testing.T, token string) string {
	t.Helper()
	read, err := jwt.Unverified(token)
	if err != nil {
		t.Fatal(err)
	}
	return read.KeyID
}

func TestRevoke(t *testing.T) {
	h := open(t)
	stolen, _ := h.here.For(jwt.RS256)
	forged := h.sign(h.here, jwt.RS256)
	if err := verify(t, forged, h.there.Set()); err != nil {
		t.Fatal(err)
	}
	h.must(h.here.Revoke(t.Context(), operator, stolen.ID))
	h.must(h.there.Refresh(t.Context()))
	for _, node := range []*key.Ring{h.here, h.there} {
		if verify(t, forged, node.Set()) == nil {
			t.Error("what a revoked key signed is still verified")
		}
		if err := verify(t, h.sign(node, jwt.RS256), node.Set()); err != nil {
			t.Errorf("the new key: %v", err)
		}
	}
	if n := h.count(`SELECT count(*) FROM provider_key WHERE kid = $1 AND sealed IS NULL
		AND state = 'retired'`, stolen.ID); n != 1 {
		t.Error("the revoked key is not wiped")
	}
	for _, kid := range []string{stolen.ID, "", "../../etc/passwd", "x' OR '1'='1"} {
		if h.here.Revoke(t.Context(), operator, kid) == nil {
			t.Errorf("revoked %q", kid)
		}
	}
}
