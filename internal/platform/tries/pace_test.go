package tries_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/tries"
)

// Of one network 20 wrong tries are looked at in a minute, of a gateway as many as the operator says, and of each
// browser on which somebody proved themselves before 20 of its own, on whatever network it is.
func TestPaceOfNetworks(t *testing.T) {
	w := newWorld(t)
	p := &tries.Pace{DB: w.d, Box: box(t, 1), Gateways: []tries.Gateway{
		{Network: netip.MustParsePrefix("192.0.2.0/28"), PerMinute: 30},
	}}
	known := tries.Known{Box: box(t, 1), Name: "known"}
	hers := known.Of(visit(t, remember(t, known, visit(t, nil), "ada")))
	his := known.Of(visit(t, remember(t, known, visit(t, nil), "bo")))
	at := func(address string) actor.Actor {
		return actor.Actor{Kind: actor.Stranger, Network: address, Address: address}
	}
	looked := func(by actor.Actor, browser tries.Browser) (n int) {
		for range 100 {
			err := p.Check(t.Context(), by, browser)
			if errors.Is(err, tries.ErrPace) {
				return n
			}
			if err == nil {
				err = p.Count(t.Context(), by, browser)
			}
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n
	}
	for _, tt := range []struct {
		name    string
		by      actor.Actor
		browser tries.Browser
		want    int
	}{
		{"a network", at("198.51.100.7"), tries.Browser{}, 20},
		{"the same once more", at("198.51.100.7"), tries.Browser{}, 0},
		{"another network", at("198.51.100.8"), tries.Browser{}, 20},
		{"a gateway", at("192.0.2.1"), tries.Browser{}, 30},
		{"another address of the gateway", at("192.0.2.2"), tries.Browser{}, 0},
		{"an address beside the gateway", at("192.0.2.16"), tries.Browser{}, 20},
		{"a known browser where strangers used up theirs", at("198.51.100.7"), hers, 20},
		{"the same browser elsewhere", at("203.0.113.1"), hers, 0},
		{"another known browser", at("198.51.100.7"), his, 20},
	} {
		if got := looked(tt.by, tt.browser); got != tt.want {
			t.Errorf("%s: %d were looked at, want %d", tt.name, got, tt.want)
		}
	}
	w.clock.Advance(time.Minute)
	if got := looked(at("198.51.100.7"), tries.Browser{}); got != 20 {
		t.Errorf("in the next minute: %d", got)
	}
}

// Tries that come at once on several nodes are counted each.
func TestPaceOfSeveralAtOnce(t *testing.T) {
	w := newWorld(t)
	by := actor.Actor{Kind: actor.Stranger, Network: "198.51.100.7"}
	ends := make(chan error)
	for range tries.MaxOfNetwork {
		p := &tries.Pace{DB: w.d, Box: box(t, 1)}
		go func() {
			ends <- errors.Join(p.Check(t.Context(), by, tries.Browser{}), p.Count(t.Context(), by, tries.Browser{}))
		}()
	}
	for range tries.MaxOfNetwork {
		if err := <-ends; err != nil {
			t.Error(err)
		}
	}
	p := &tries.Pace{DB: w.d, Box: box(t, 1)}
	if err := p.Check(t.Context(), by, tries.Browser{}); !errors.Is(err, tries.ErrPace) {
		t.Errorf("after %d: %v", tries.MaxOfNetwork, err)
	}
	if n := w.rows(); n != 1 {
		t.Errorf("%d rows", n)
	}
}
