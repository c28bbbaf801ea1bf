package fetch

import (
	"fmt"
	"net/netip"
)

// Addresses that the standard library calls global unicast but that do not lead to a public host:
// the special-purpose registries of RFC 6890 and its successors.
var special = prefixes(
	"0.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
	"3fff::/20", "5f00::/16", "fec0::/10",
)

// Where cloud machines read their own credentials, beside the link-local address that all of them use.
var metadata = prefixes("100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::254/128")

// Carrier-grade NAT counts as private here.
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

func prefixes(texts ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, text := range texts {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

func within(a netip.Addr, list []netip.Prefix) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Ever says whether an address is reached where it is named as a private host: those where machines read their own
// credentials never are, nor those that are no one machine's.
func Ever(a netip.Addr) error { return admit(a, true, true) }

// admit says whether a connection to the address may be made: to public addresses always, to
// loopback and to private networks only where that was allowed, to anything else never.
func admit(a netip.Addr, loopback, private bool) error {
	a = a.Unmap().WithZone("")
	switch {
	case within(a, metadata) || a.IsLinkLocalUnicast():
		return refused(a, "a link-local or machine metadata address")
	case a.IsLoopback():
		return unless(loopback, a, "a loopback address")
	case a.IsPrivate() || sharedSpace.Contains(a):
		return unless(private, a, "a private address")
	case !a.IsGlobalUnicast() || within(a, special):
		return refused(a, "not a public address")
	}
	return nil
}

func unless(allowed bool, a netip.Addr, what string) error {
	if allowed {
		return nil
	}
	return refused(a, what)
}

func refused(a netip.Addr, what string) error {
	return fmt.Errorf("%w: %s is %s", ErrAddress, a, what)
}
