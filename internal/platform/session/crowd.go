package session

import (
	"container/list"
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"signpost/internal/platform/db"
)

// How many flows that strangers began a node keeps at once, of one kind: from one network, in which a large
// organisation may come from a single address, and in all.
const (
	maxOfNetwork = 5_000
	maxInAll     = 50_000
)

// Crowd bounds the flows of a kind that strangers have begun on this node. Where there are too many, the oldest is
// dropped; whoever it belonged to begins again.
type Crowd struct {
	OfNetwork int // 0 for the usual number
	InAll     int

	mu       sync.Mutex
	all      list.List // of *opened, the oldest first
	networks map[netip.Prefix]*list.List
}

// opened is a flow that was begun and has not ended by itself yet. Whether it was finished does not count.
type opened struct {
	id        string
	ends      time.Time
	network   netip.Prefix
	inAll     *list.Element
	inNetwork *list.Element
}

// Begin is Start for somebody whom nobody knows yet, who comes from an address. It gives the value for their cookie.
func (f Flows[T]) Begin(ctx context.Context, d *db.DB, crowd *Crowd, from netip.Addr, state T) (string, error) {
	cookie, err := db.Jot(ctx, d, func(k *db.K) (string, error) {
		id, secret, err := f.Start(ctx, k, state)
		return Cookie(id, secret), err
	})
	if err != nil {
		return "", err
	}
	id, _ := Split(cookie)
	for _, dropped := range crowd.add(id, networkOf(from), d.Now(), f.Life) {
		err := d.Jot(ctx, func(k *db.K) error {
			_, err := k.Exec(ctx, `DELETE FROM flow WHERE kind = $1 AND id = $2`, f.Name, dropped)
			return err
		})
		if err != nil {
			return "", fmt.Errorf("drop the oldest %s: %w", f.Name, err)
		}
	}
	return cookie, nil
}

// networkOf gives what counts as one network: the neighbours of an IPv4 address, and the half of an IPv6 address that
// its owner cannot choose.
func networkOf(from netip.Addr) netip.Prefix {
	from = from.Unmap().WithZone("")
	bits := 64
	if from.Is4() {
		bits = 24
	}
	network, err := from.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return network
}

// add notes a flow, and gives those for which there is no room any more.
func (c *Crowd) add(id string, network netip.Prefix, now time.Time, life time.Duration) (dropped []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for oldest := first(&c.all); oldest != nil && !now.Before(oldest.ends); oldest = first(&c.all) {
		c.remove(oldest)
	}
	o := &opened{id: id, ends: now.Add(life), network: network}
	o.inAll = c.all.PushBack(o)
	o.inNetwork = c.of(network).PushBack(o)
	if neighbours := c.of(network); neighbours.Len() > bound(c.OfNetwork, maxOfNetwork) {
		dropped = append(dropped, c.remove(first(neighbours)))
	}
	if c.all.Len() > bound(c.InAll, maxInAll) {
		dropped = append(dropped, c.remove(first(&c.all)))
	}
	return dropped
}

func bound(set, usual int) int {
	if set > 0 {
		return set
	}
	return usual
}

func (c *Crowd) of(network netip.Prefix) *list.List {
	if c.networks == nil {
		c.networks = map[netip.Prefix]*list.List{}
	}
	if c.networks[network] == nil {
		c.networks[network] = list.New()
	}
	return c.networks[network]
}

func first(l *list.List) *opened {
	if l.Len() == 0 {
		return nil
	}
	o, _ := l.Front().Value.(*opened)
	return o
}

func (c *Crowd) remove(o *opened) (id string) {
	c.all.Remove(o.inAll)
	neighbours := c.networks[o.network]
	neighbours.Remove(o.inNetwork)
	if neighbours.Len() == 0 {
		delete(c.networks, o.network)
	}
	return o.id
}
