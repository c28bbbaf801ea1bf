package key_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/provider/key"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/web"
)

// published serves a node's key set as the provider does, and counts how often it was read.
func (h *house) published(node *key.Ring) (url string, reads *int) {
	reads = new(int)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		*reads++
		if err := web.JSON(w, http.StatusOK, node.Fetched(anywhere, "")); err != nil {
			h.t.Error(err)
		}
	}))
	h.t.Cleanup(s.Close)
	return s.URL, reads
}

// A relying party that kept the old set finds the new key by reading again, and cannot be driven to read
// more than once a minute (rules, O40).
func TestRelyingPartyRefetches(t *testing.T) {
	h := open(t)
	url, reads := h.published(h.there)
	rp := jwt.NewRemote(url, fetch.New(fetch.Options{AllowLoopback: true}), h.clock)
	if err := verify(t, h.sign(h.here, jwt.RS256), rp); err != nil {
		t.Fatal(err)
	}
	old, _ := h.here.For(jwt.RS256)
	h.must(h.here.Revoke(t.Context(), operator, old.ID))
	h.must(h.there.Refresh(t.Context()))
	h.clock.Advance(time.Minute)
	if err := verify(t, h.sign(h.here, jwt.RS256), rp); err != nil || *reads != 2 {
		t.Errorf("after an emergency rotation: %v, read %d times", err, *reads)
	}
	stranger, err := jwt.Generate(jwt.ES256)
	h.must(err)
	token, err := jwt.Sign(stranger, "JWT", map[string]any{})
	h.must(err)
	accepted := 0
	for range 10_000 {
		if verify(t, token, rp) == nil {
			accepted++
		}
	}
	t.Logf("O40: tried 10000, accepted %d, read %d times more", accepted, *reads-2)
	if accepted != 0 || *reads > 3 {
		t.Errorf("10,000 unknown kids: accepted %d, read %d times", accepted, *reads-2)
	}
}

// No kid leads anywhere but to a key in memory (rules, O23): the database is closed while they are tried.
func TestKidInjection(t *testing.T) {
	h := open(t)
	honest := h.sign(h.here, jwt.RS256)
	signing, _ := h.here.For(jwt.RS256)
	keys := h.here.Set()
	stranger, err := jwt.Generate(jwt.RS256)
	h.must(err)
	kids := []string{
		signing.ID, "", "../../../../dev/null", "/etc/passwd", "file:///etc/passwd", "https://evil.example/key",
		signing.ID + "\x00", " " + signing.ID,
		"' OR '1'='1", "x'; DROP TABLE provider_key; --", "1 UNION SELECT sealed FROM provider_key",
		strings.Repeat("k", 1<<20),
	}
	h.must(h.d.Close())
	if n := h.here.Fetched(anywhere, "").Len(); n != 2 { // the key set comes from memory too
		t.Errorf("%d keys published", n)
	}
	accepted := 0
	for _, kid := range kids {
		if err := verify(t, honest, keys); err != nil {
			t.Fatalf("the honest token before %.40q: %v", kid, err)
		}
		forged := stranger
		forged.ID = kid
		token, err := jwt.Sign(forged, "JWT", map[string]any{})
		h.must(err)
		if verify(t, token, keys) == nil {
			accepted++
			t.Errorf("kid %.40q: accepted", kid)
		}
	}
	t.Logf("O23: tried %d, accepted %d", len(kids), accepted)
}

// A kid that is there already cannot be given to another key.
func TestDuplicateKid(t *testing.T) {
	h := open(t)
	signing, _ := h.here.For(jwt.ES256)
	other, err := jwt.Generate(jwt.ES256)
	h.must(err)
	other.ID = signing.ID
	h.must(h.here.Seed(t.Context(), operator, other))
	h.refresh()
	if got, _ := h.there.For(jwt.ES256); got.ID != signing.ID || h.there.Set().Len() != 2 {
		t.Errorf("set of %d keys", h.there.Set().Len())
	}
	token, err := jwt.Sign(other, "JWT", map[string]any{})
	h.must(err)
	if verify(t, token, h.there.Set()) == nil {
		t.Error("the other key is taken for the one whose kid it uses")
	}
	twice := jwt.NewSet(signing, other)
	if verify(t, h.sign(h.here, jwt.ES256), twice) == nil {
		t.Error("a set that holds a kid twice was used")
	}
}
