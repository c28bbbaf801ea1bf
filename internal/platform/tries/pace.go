package tries

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/netip"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seal"
)

// Pace bounds the wrong tries of a minute that come from one network, at whatever subjects: somebody who tries one
// password at each of a thousand people locks nobody. It slows only browsers on which nobody proved themselves before;
// each of the others has a count of its own, as a hospital shares one address. What is told does not depend on who is
// tried. All nodes share the counts.
type Pace struct {
	DB       *db.DB
	Box      *seal.Box
	Gateways []Gateway
}

// Gateway is a network behind which many people are, such as a hospital's way out. It may have more wrong tries.
type Gateway struct {
	Network   netip.Prefix
	PerMinute int64
}

// MaxOfNetwork is how many wrong tries a network that is no gateway, or a browser, may make in a minute.
const MaxOfNetwork = 20

// paced tells these counts from those of subjects.
const paced = "network.tries"

// paceMemory is how long the count of a minute is kept.
const paceMemory = 2 * time.Minute

// ErrPace refuses to look at one more try.
var ErrPace = fault.Keyed("pace", fault.SayCure(fault.TooMany,
	"Too many wrong passwords and codes came from your network in this minute. Yours was not looked at.",
	"Wait a minute, then try again, or log in on a device on which you have logged in before."))

// gateway gives the gateway from which somebody comes, if it is one.
func (p *Pace) gateway(by actor.Actor) (Gateway, bool) {
	from, err := netip.ParseAddr(by.Address)
	if err != nil {
		return Gateway{}, false
	}
	for _, g := range p.Gateways {
		if g.Network.Contains(from.Unmap()) {
			return g, true
		}
	}
	return Gateway{}, false
}

// counter names the count of this minute to which tries belong, and how far it goes.
func (p *Pace) counter(by actor.Actor, browser Browser) (subject string, maxTries int64) {
	from := "browser " + browser.ID()
	maxTries = MaxOfNetwork
	if browser.ID() == "" {
		from = "network " + by.Network
		if g, is := p.gateway(by); is {
			from = "gateway " + g.Network.String()
			maxTries = g.PerMinute
		}
	}
	minute := p.DB.Now().Unix() / int64(time.Minute/time.Second)
	return fmt.Sprintf("%s/%d", hex.EncodeToString(p.Box.Digest("pace/" + from)[:16]), minute), maxTries
}

// Check refuses a try with ErrPace if there were too many wrong ones in this minute.
func (p *Pace) Check(ctx context.Context, by actor.Actor, browser Browser) error {
	subject, maxTries := p.counter(by, browser)
	n, err := db.Glance(ctx, p.DB, func(r db.R) (int64, error) {
		return db.Value[int64](ctx, r, countPaced, paced, subject)
	})
	if err != nil {
		return fmt.Errorf("read tries of a network: %w", err)
	}
	if n >= maxTries {
		return ErrPace
	}
	return nil
}

const (
	countPaced = `SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM wrong_try
		WHERE kind = $1 AND subject = $2 AND browser = ''`
	addPaced = `INSERT INTO wrong_try (kind, subject, browser, n, locks, locked_until, ends_at)
		VALUES ($1, $2, '', 1, 0, $3, $4) ON CONFLICT (kind, subject, browser) DO UPDATE SET n = wrong_try.n + 1`
)

// Count counts a wrong try.
func (p *Pace) Count(ctx context.Context, by actor.Actor, browser Browser) error {
	subject, _ := p.counter(by, browser)
	now := p.DB.Now()
	return p.DB.Jot(ctx, func(k *db.K) error {
		if _, err := k.Exec(ctx, addPaced, paced, subject, now, now.Add(paceMemory)); err != nil {
			return fmt.Errorf("count a try of a network: %w", err)
		}
		return nil
	})
}
