// Package peer says from which address a request comes, also behind proxies, and of which network that address is. It
// does not know what is counted by either.
package peer

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// The lengths of the prefixes that are given to a network and to a site with IPv6.
const (
	NetworkBits = 64
	SiteBits    = 48
)

// Network gives what counts as one address: with IPv6, the network or site that a prefix of so many bits is given to.
func Network(a netip.Addr, bits int) netip.Addr {
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(bits); err == nil {
			return p.Addr()
		}
	}
	return a
}

// Address gives who is asking: the peer of the connection, or whom trusted proxies say they forward for. It is not
// valid where the peer has no address.
func Address(r *http.Request, proxies []netip.Prefix) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return forwardedFor(r, proxies, peer.Addr().Unmap())
}

// From reports whether a request comes by a connection from one of some networks, whoever it is forwarded for.
func From(r *http.Request, networks []netip.Prefix) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && trusts(networks, peer.Addr().Unmap())
}

// forwardedFor walks back from a proxy to the last address that is no trusted proxy: what stands before it is its own
// claim. Each proxy adds the address it was asked from, at the end of the line or in a line of its own.
func forwardedFor(r *http.Request, proxies []netip.Prefix, from netip.Addr) netip.Addr {
	if !trusts(proxies, from) {
		return from
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for trusts(proxies, from) && len(hops) > 0 {
		last := len(hops) - 1
		before, ok := hop(hops[last])
		if !ok {
			return from
		}
		from = before
		hops = hops[:last]
	}
	return from
}

func trusts(proxies []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// hop reads the address that a proxy added; some add its port too.
func hop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if a, err := netip.ParseAddrPort(text); err == nil {
		return a.Addr().Unmap(), true
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return a.Unmap(), err == nil
}
