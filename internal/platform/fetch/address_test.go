package fetch

import (
	"net/netip"
	"testing"
)

func TestAdmit(t *testing.T) {
	tests := []struct {
		address           string
		public            bool // by the strictest client
		loopback, private bool // by a client that is allowed loopback, or this private host
	}{
		{"81.2.69.142", true, true, true},
		{"2a00:1450:4009:81f::200e", true, true, true},
		{"127.0.0.1", false, true, false},
		{"127.8.9.1", false, true, false},
		{"::1", false, true, false},
		{"::ffff:127.0.0.1", false, true, false},
		{"10.1.2.3", false, false, true},
		{"172.31.0.1", false, false, true},
		{"192.168.1.1", false, false, true},
		{"::ffff:192.168.1.1", false, false, true},
		{"100.64.0.1", false, false, true},
		{"fd12::1", false, false, true},
		{"169.254.169.254", false, false, false},
		{"fe80::1%eth0", false, false, false},
		{"fd00:ec2::254", false, false, false},
		{"100.100.100.200", false, false, false},
		{"168.63.129.16", false, false, false},
		{"0.0.0.0", false, false, false},
		{"::", false, false, false},
		{"0.1.2.3", false, false, false},
		{"224.0.0.1", false, false, false},
		{"ff02::1", false, false, false},
		{"255.255.255.255", false, false, false},
		{"192.0.2.1", false, false, false},
		{"64:ff9b::7f00:1", false, false, false},
		{"2002:7f00:1::", false, false, false},
		{"2001:db8::1", false, false, false},
		{"::127.0.0.1", false, false, false},
	}
	for _, tt := range tests {
		a := netip.MustParseAddr(tt.address)
		for _, c := range []struct {
			name              string
			loopback, private bool
			want              bool
		}{
			{"strictest", false, false, tt.public},
			{"loopback allowed", true, false, tt.loopback},
			{"private host", false, true, tt.private},
		} {
			if got := admit(a, c.loopback, c.private) == nil; got != c.want {
				t.Errorf("%s, %s: admitted %v, want %v", tt.address, c.name, got, c.want)
			}
		}
	}
}
