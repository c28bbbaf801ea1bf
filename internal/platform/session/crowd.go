package session

import (
	"cmp"
	"container/list"
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"signpost/internal/platform/db"
)

// How many flows that strangers began a node keeps at once, of one kind: from one network, in which a large
// organisation may come from a single address, from one site with IPv6, which may have 65,536 networks, and in all.
const (
	maxOfNetwork = 5_000
	maxOfSite    = 10_000
	maxInAll     = 50_000
)

// Crowd bounds the flows of a kind that strangers have begun on this node. Where there are too many, the oldest is
// dropped; whoever it belonged to begins again.
type Crowd struct {
	OfNetwork int // 0 for the usual number, as below
	OfSite    int
	InAll     int

	mu    sync.Mutex
	lists map[netip.Prefix]*list.List // of *opened, the oldest first; everywhere has all
}

// opened is a flow that was begun and has not ended by itself yet. Whether it was finished does not count.
type opened struct {
	id     string
	ends   time.Time
	places map[netip.Prefix]*list.Element // in each list that it is in
}

// The lengths of the prefixes that flows are counted by. The neighbours of an IPv4 address are one network, and so is
// the half of an IPv6 address that its owner cannot choose.
const (
	networkBitsIPv4 = 24
	networkBitsIPv6 = 64
	siteBitsIPv6    = 48
)

var everywhere = netip.PrefixFrom(netip.IPv6Unspecified(), 0)

// Begin is Start for somebody whom nobody knows yet, who comes from an address. It gives the value for their cookie.
func (f Flows[T]) Begin(ctx context.Context, d *db.DB, crowd *Crowd, from netip.Addr, state T) (string, error) {
	cookie, err := db.Jot(ctx, d, func(k *db.K) (string, error) {
		id, secret, err := f.Start(ctx, k, state)
		return Cookie(id, secret), err
	})
	if err != nil {
		return "", err
	}
	return cookie, f.Admit(ctx, d, crowd, from, cookie)
}

// Admit counts the flow of a cookie that was started for somebody whom nobody knows yet, and drops those for which it
// leaves no room.
func (f Flows[T]) Admit(ctx context.Context, d *db.DB, crowd *Crowd, from netip.Addr, cookie string) error {
	id, _ := Split(cookie)
	for _, dropped := range crowd.add(id, from, d.Now(), f.Life) {
		err := d.Jot(ctx, func(k *db.K) error {
			_, err := k.Exec(ctx, `DELETE FROM flow WHERE kind = $1 AND id = $2`, f.Name, dropped)
			return err
		})
		if err != nil {
			return fmt.Errorf("drop the oldest %s: %w", f.Name, err)
		}
	}
	return nil
}

// prefixesOf gives what an address is counted by, the smallest first.
func prefixesOf(from netip.Addr) (list []netip.Prefix) {
	from = from.Unmap().WithZone("")
	lengths := []int{networkBitsIPv6, siteBitsIPv6}
	if !from.Is6() {
		lengths = []int{networkBitsIPv4}
	}
	for _, bits := range lengths {
		prefix, _ := from.Prefix(bits) // where there is no address it is none, and counted as one network
		list = append(list, prefix)
	}
	return append(list, everywhere)
}

// maxOf is how many flows there may be of a prefix.
func (c *Crowd) maxOf(prefix netip.Prefix) int {
	switch {
	case prefix == everywhere:
		return cmp.Or(c.InAll, maxInAll)
	case prefix.Addr().Is6() && prefix.Bits() == siteBitsIPv6:
		return cmp.Or(c.OfSite, maxOfSite)
	}
	return cmp.Or(c.OfNetwork, maxOfNetwork)
}

// add notes a flow, and gives those for which there is no room any more.
func (c *Crowd) add(id string, from netip.Addr, now time.Time, life time.Duration) (dropped []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for oldest := c.oldest(everywhere); oldest != nil && !now.Before(oldest.ends); oldest = c.oldest(everywhere) {
		c.remove(oldest)
	}
	o := &opened{id: id, ends: now.Add(life), places: map[netip.Prefix]*list.Element{}}
	prefixes := prefixesOf(from)
	for _, prefix := range prefixes {
		o.places[prefix] = c.of(prefix).PushBack(o)
	}
	for _, prefix := range prefixes {
		if c.lists[prefix].Len() > c.maxOf(prefix) {
			oldest := c.oldest(prefix)
			c.remove(oldest)
			dropped = append(dropped, oldest.id)
		}
	}
	return dropped
}

// of gives the list of a prefix.
func (c *Crowd) of(prefix netip.Prefix) *list.List {
	if c.lists == nil {
		c.lists = map[netip.Prefix]*list.List{}
	}
	if c.lists[prefix] == nil {
		c.lists[prefix] = list.New()
	}
	return c.lists[prefix]
}

// oldest gives the oldest flow of a prefix, or nil where there is none.
func (c *Crowd) oldest(prefix netip.Prefix) *opened {
	flows := c.lists[prefix]
	if flows == nil {
		return nil
	}
	o, _ := flows.Front().Value.(*opened)
	return o
}

// remove takes a flow out of its lists. One that is empty goes.
func (c *Crowd) remove(o *opened) {
	for prefix, place := range o.places {
		flows := c.lists[prefix]
		flows.Remove(place)
		if flows.Len() == 0 {
			delete(c.lists, prefix)
		}
	}
}
