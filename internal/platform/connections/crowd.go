package connections

import (
	"container/list"
	"net/netip"
	"time"
)

// crowd holds connections by the networks that they come from, those of each in the order in which they came.
type crowd struct {
	max  int // it is full with more
	size int
	of   map[netip.Addr]*list.List
}

// place is where a connection stands in a crowd.
type place struct {
	crowd   *crowd
	network netip.Addr
	conn    *conn
	since   time.Time
	at      *list.Element
}

func newCrowd(maxSize int) *crowd { return &crowd{max: maxSize, of: map[netip.Addr]*list.List{}} }

// add puts a connection behind the others of a network, and tells it so.
func (c *crowd) add(one *conn, network netip.Addr) *place {
	all := c.of[network]
	if all == nil {
		all = list.New()
		c.of[network] = all
	}
	c.size++
	p := &place{crowd: c, network: network, conn: one, since: time.Now()}
	p.at = all.PushBack(p)
	one.at = p
	return p
}

// leave takes a connection out of the crowd, once.
func (p *place) leave() {
	all := p.crowd.of[p.network]
	all.Remove(p.at)
	p.crowd.size--
	if all.Len() == 0 {
		delete(p.crowd.of, p.network)
	}
}

// full reports whether there are more than may be.
func (c *crowd) full() bool { return c.size > c.max }

// oldest gives the place of the one that is there for longest of the network that has most of them; nil where none is.
func (c *crowd) oldest() (front *place) {
	largest := 0
	for _, all := range c.of {
		first := all.Front().Value.(*place)
		if all.Len() > largest || all.Len() == largest && first.since.Before(front.since) {
			front = first
			largest = all.Len()
		}
	}
	return front
}
