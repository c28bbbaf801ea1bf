package session

import (
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"
)

// One site with IPv6, which may have 65,536 networks, drops flows of its own and nobody else's.
func TestOneSiteDoesNotDropTheFlowsOfOthers(t *testing.T) {
	c := &Crowd{}
	begun := time.Unix(0, 0)
	c.add("somebody else's", netip.MustParseAddr("198.51.100.1"), begun, time.Hour)
	dropped := 0
	for n := range maxInAll + 10_000 {
		from := netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 0, 1, byte(n >> 8), byte(n), 15: 1})
		gone := c.add(strconv.Itoa(n), from, begun, time.Hour)
		if slices.Contains(gone, "somebody else's") {
			t.Fatalf("flow %d of one site dropped somebody else's", n)
		}
		dropped += len(gone)
	}
	if dropped == 0 {
		t.Error("nothing was dropped")
	}
}
