package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"testing"

	"signpost/internal/platform/connections"
)

// However many addresses come, what is remembered of them is bounded, and who comes often keeps being
// known.
func TestLimitsForgetAddresses(t *testing.T) {
	l := newLimits(limit{perSecond: 0.001, burst: 3})
	often := netip.MustParseAddr("192.0.2.1")
	for range 3 {
		if !l.allow(often) {
			t.Fatal("refused within the limit")
		}
	}
	largest := 0
	refused := 0
	for i := range 5 * maxAddresses {
		if !l.allow(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})) {
			t.Fatalf("stranger %d was refused", i)
		}
		if i%1000 == 0 && !l.allow(often) {
			refused++
		}
		largest = max(largest, len(l.lately)+len(l.before))
	}
	if largest > maxAddresses {
		t.Errorf("remembered %d addresses, want at largest %d", largest, maxAddresses)
	}
	if want := 5 * maxAddresses / 1000; refused != want {
		t.Errorf("somebody over the limit was refused %d times of %d", refused, want)
	}
}

// A request that sends nothing but its length takes no memory for the rest.
func TestNothingIsKeptForWhatDidNotCome(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", silent{})
	r.ContentLength = maxBody
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := readWhole(r)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, connections.ErrSlow) {
		t.Errorf("read whole: %v", err)
	}
	if kept := after.TotalAlloc - before.TotalAlloc; kept > 64<<10 {
		t.Errorf("%d bytes for a request of which nothing came", kept)
	}
}

// silent is a body that does not arrive.
type silent struct{}

func (silent) Read([]byte) (int, error) { return 0, connections.ErrSlow }
