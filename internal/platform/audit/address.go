package audit

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
)

// Addresses says how much of the address is kept that something refused came from.
type Addresses string

// The policies. Without one, addresses are truncated.
const (
	Truncated   Addresses = "truncated" // to its network: /24, with IPv6 /48
	Whole       Addresses = "whole"
	NoAddresses Addresses = "none"
)

// AddressPolicies are all there are.
var AddressPolicies = []Addresses{NoAddresses, Truncated, Whole}

// The parts of an address that are kept of it truncated, in bits: so many people share them that they name nobody.
const (
	keptIPv4 = 24
	keptIPv6 = 48
)

// Of gives what is kept of an address; empty for nothing.
func (p Addresses) Of(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || p == NoAddresses {
		return ""
	}
	a = a.Unmap().WithZone("")
	if p == Whole {
		return a.String()
	}
	bits := keptIPv6
	if a.Is4() {
		bits = keptIPv4
	}
	network, err := a.Prefix(bits)
	if err != nil {
		return ""
	}
	return network.String()
}

// From says, in words, where the event came from.
func (e Entry) From() string { return cmp.Or(e.Address, "Not kept") }

const insertAddress = `INSERT INTO event_address (event_id, address, at) VALUES ($1, $2, $3)`

// writeAddresses keeps the addresses of events that have one. They stand apart from the details, which their envelope's
// digest holds, so that they can be forgotten earlier.
func writeAddresses(ctx context.Context, w Writer, rows []Row) error {
	for _, row := range rows {
		if len(row.Address) == 0 {
			continue
		}
		if err := w.Soon(ctx, insertAddress, row.Address...); err != nil {
			return fmt.Errorf("write address of event: %w", err)
		}
	}
	return nil
}
