package session_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/session"
)

var visits = session.Flows[state]{Name: "visit", Life: 15 * time.Minute}

// Where too many flows are open, the oldest goes: of a network first, then of all. Those that have ended by themselves
// take no room.
func TestTheOldestFlowMakesRoom(t *testing.T) {
	for _, tt := range []struct {
		name  string
		crowd *session.Crowd
		from  []string      // one after another
		pause time.Duration // between them
		want  []bool        // whether each is still there
	}{
		{"room for all", &session.Crowd{OfNetwork: 2, InAll: 9}, []string{"192.0.2.1", "192.0.2.9"}, 0, []bool{true, true}},
		{"one IPv4 network", &session.Crowd{OfNetwork: 2, InAll: 9},
			[]string{"192.0.2.1", "192.0.2.9", "192.0.2.200", "192.0.3.1"}, 0, []bool{false, true, true, true}},
		{"an IPv4 address written as IPv6", &session.Crowd{OfNetwork: 1, InAll: 9},
			[]string{"192.0.2.1", "::ffff:192.0.2.9"}, 0, []bool{false, true}},
		{"one IPv6 network", &session.Crowd{OfNetwork: 1, InAll: 9},
			[]string{"2001:db8::1", "2001:db8:0:1::1", "2001:db8::ffff:1"}, 0, []bool{false, true, true}},
		{"one IPv6 site", &session.Crowd{OfNetwork: 1, OfSite: 2, InAll: 9},
			[]string{"2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:1::1"}, 0,
			[]bool{false, true, true, true}},
		{"nobody's address", &session.Crowd{OfNetwork: 1, InAll: 9}, []string{"", "192.0.2.1", ""}, 0,
			[]bool{false, true, true}},
		{"in all", &session.Crowd{OfNetwork: 9, InAll: 2},
			[]string{"192.0.2.1", "198.51.100.1", "2001:db8::1"}, 0, []bool{false, true, true}},
		{"some have ended", &session.Crowd{OfNetwork: 2, InAll: 2},
			[]string{"192.0.2.1", "192.0.2.1", "192.0.2.1"}, 10 * time.Minute, []bool{false, true, true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, c := open(t)
			var cookies []string
			for _, from := range tt.from {
				address, _ := netip.ParseAddr(from)
				cookie, err := visits.Begin(t.Context(), d, tt.crowd, address, state{Name: from})
				if err != nil {
					t.Fatal(err)
				}
				cookies = append(cookies, cookie)
				c.Advance(tt.pause)
			}
			c.Advance(-tt.pause)
			for i, cookie := range cookies {
				err := d.View(t.Context(), func(r db.R) error {
					id, secret := session.Split(cookie)
					_, err := visits.Load(t.Context(), r, id, secret)
					return err
				})
				if there := !errors.Is(err, fault.Expired); there != tt.want[i] {
					t.Errorf("flow %d from %s: %v", i, tt.from[i], err)
				}
			}
		})
	}
}
