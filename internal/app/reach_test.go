package app

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"signpost/internal/config"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
)

// A system that serves reaches CIS2 where its name leads to this machine or to a private network, and nothing else
// there.
func TestServingReachesTheHostsThatItsConfigurationNames(t *testing.T) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) })
	cis2 := httptest.NewServer(answer)
	defer cis2.Close()
	other := httptest.NewServer(answer)
	defer other.Close()
	named := strings.Replace(cis2.URL, "127.0.0.1", "cis2.localhost", 1)
	cfg := config.Usual(t.TempDir())
	cfg.Addresses.CIS2 = named
	s, err := New(Options{Config: cfg, Log: slog.New(slog.DiscardHandler), Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, client := range []*fetch.Client{s.fetch, s.fetchAs("dos")} {
		if _, err := client.Bytes(t.Context(), named+"/jwks", nil); err != nil {
			t.Errorf("CIS2: %v", err)
		}
		for _, address := range []string{other.URL, strings.Replace(other.URL, "127.0.0.1", "cis2.localhost", 1), cis2.URL} {
			if _, err := client.Bytes(t.Context(), address, nil); !errors.Is(err, fetch.ErrAddress) {
				t.Errorf("%s: %v, want ErrAddress", address, err)
			}
		}
	}
}
