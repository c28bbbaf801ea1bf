package key

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/jwt"
)

// The limits of the ledger.
const (
	callEvery    = time.Minute      // how often a client's call from one address is written at most
	callLife     = 30 * day         // nobody waits for a client that has not called for so long
	strangerLife = time.Hour        // how long a fetch from an address that no known client uses is remembered
	maxStrangers = 10_000           // fetches remembered from addresses that no known client uses
	maxCalls     = 20_000           // addresses of all clients together
	usersEvery   = 30 * time.Second // how often the addresses of clients are read
)

// ledger holds the fetches and calls that a node has noted and not yet written. Noting touches memory only;
// Flush writes.
type ledger struct {
	mu        sync.Mutex
	calls     map[caller]*mark
	fetches   map[fetcher]*mark
	users     map[string][]string // address → the clients whose calls come from there
	usersRead time.Time           // when users was read
}

type caller struct{ client, address string }
type fetcher struct{ kid, address, named string }

// mark says when something was seen last, and the newest sighting that was written.
type mark struct{ seen, written time.Time }

// addressOf returns an address as the ledger keeps it: of an IPv6 address only the first half, because
// machines change the second half at will.
func addressOf(a netip.Addr) string {
	if a.Is6() && !a.Is4In6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.Unmap().String()
}

// Called notes that a client proved itself from an address.
func (k *Ring) Called(client string, a netip.Addr) {
	if !a.IsValid() {
		return
	}
	l := &k.ledger
	now := k.DB.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.calls == nil {
		l.calls = map[caller]*mark{}
	}
	c := caller{client, addressOf(a)}
	if m, known := l.calls[c]; known {
		m.seen = now
		return
	}
	l.calls[c] = &mark{seen: now}
}

// Fetched returns the published keys and notes that an address fetched them. agent is the request's
// User-Agent: a client that shares its address with others can name its client_id there.
func (k *Ring) Fetched(a netip.Addr, agent string) jwt.Set {
	h := k.published.Load()
	if h == nil {
		return jwt.Set{}
	}
	if a.IsValid() {
		k.ledger.fetched(h.kids, addressOf(a), agent, k.DB.Now())
	}
	return h.set
}

func (l *ledger) fetched(kids []string, address, agent string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	users := l.users[address]
	if len(users) == 0 && len(l.fetches) >= maxStrangers {
		return // too many fetches from strangers; those of known clients are still noted
	}
	if l.fetches == nil {
		l.fetches = map[fetcher]*mark{}
	}
	name := namedIn(agent, users)
	for _, kid := range kids {
		f := fetcher{kid, address, name}
		if _, known := l.fetches[f]; !known {
			l.fetches[f] = &mark{seen: now}
		}
	}
}

func namedIn(agent string, clients []string) string {
	for _, c := range clients {
		if strings.Contains(agent, c) {
			return c
		}
	}
	return ""
}

// Flush writes what was noted since the last Flush: calls first, because they decide which fetches matter.
// Fetches from addresses that no client uses stay in memory for a while and are never written, so that
// strangers cannot fill the table.
func (k *Ring) Flush(ctx context.Context) error {
	now := k.DB.Now()
	if err := k.flushCalls(ctx, now); err != nil {
		return err
	}
	if err := k.readUsers(ctx, now); err != nil {
		return err
	}
	return k.flushFetches(ctx, now)
}

const upsertCall = `INSERT INTO provider_key_call (client_id, address, last_at) VALUES ($1, $2, $3)
	ON CONFLICT (client_id, address) DO UPDATE SET last_at = $3`

func (k *Ring) flushCalls(ctx context.Context, now time.Time) error {
	due := k.ledger.dueCalls(now)
	if len(due) == 0 {
		return nil
	}
	err := k.DB.Keep(ctx, func(kp *db.K) error {
		for _, c := range due {
			if _, err := kp.Exec(ctx, upsertCall, c.Client, c.Address, c.Last); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note where clients call from: %w", err)
	}
	k.ledger.wroteCalls(due)
	return nil
}

// dueCalls returns the calls to write, in the same order on every node, and forgets old ones.
func (l *ledger) dueCalls(now time.Time) (due []Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c, m := range l.calls {
		switch {
		case m.seen.Sub(m.written) >= callEvery:
			due = append(due, Call{Client: c.client, Address: c.address, Last: m.seen})
		case now.Sub(m.seen) > callEvery:
			delete(l.calls, c)
		}
	}
	slices.SortFunc(due, func(a, b Call) int {
		return strings.Compare(a.Client+" "+a.Address, b.Client+" "+b.Address)
	})
	return due
}

func (l *ledger) wroteCalls(due []Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range due {
		if m := l.calls[caller{c.Client, c.Address}]; m != nil {
			m.written = c.Last
		}
	}
	l.usersRead = time.Time{} // there may be a new address
}

const selectCalls = `SELECT client_id, address, last_at FROM provider_key_call WHERE last_at > $1
	ORDER BY last_at DESC, client_id, address LIMIT $2`

// readCalls reads the addresses that clients have called from within callLife.
func readCalls(ctx context.Context, r db.R) ([]Call, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (c Call, err error) {
		err = scan(&c.Client, &c.Address, db.At(&c.Last))
		return c, err
	}, selectCalls, r.Now().Add(-callLife), maxCalls)
	if err != nil {
		return nil, fmt.Errorf("read where clients call from: %w", err)
	}
	return list, nil
}

func readFetches(ctx context.Context, r db.R) ([]Fetch, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (f Fetch, err error) {
		err = scan(&f.Key, &f.Address, &f.Named, db.At(&f.At))
		return f, err
	}, `SELECT kid, address, named, at FROM provider_key_fetch ORDER BY at, kid, address, named`)
	if err != nil {
		return nil, fmt.Errorf("read who fetched keys: %w", err)
	}
	return list, nil
}

func (k *Ring) readUsers(ctx context.Context, now time.Time) error {
	l := &k.ledger
	l.mu.Lock()
	fresh := now.Sub(l.usersRead) < usersEvery
	l.mu.Unlock()
	if fresh {
		return nil
	}
	calls, err := db.Read(ctx, k.DB, func(r db.R) ([]Call, error) { return readCalls(ctx, r) })
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.users = usersOf(calls)
	l.usersRead = now
	return nil
}

const insertFetch = `INSERT INTO provider_key_fetch (kid, address, named, at) VALUES ($1, $2, $3, $4)
	ON CONFLICT (kid, address, named) DO NOTHING`

func (k *Ring) flushFetches(ctx context.Context, now time.Time) error {
	h := k.published.Load()
	if h == nil {
		return nil
	}
	due := k.ledger.dueFetches(now, h.kids)
	if len(due) == 0 {
		return nil
	}
	err := k.DB.Keep(ctx, func(kp *db.K) error {
		for _, f := range due {
			if _, err := kp.Exec(ctx, insertFetch, f.Key, f.Address, f.Named, f.At); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note who fetched keys: %w", err)
	}
	k.ledger.wroteFetches(due)
	return nil
}

// dueFetches returns the fetches to write, each once. It forgets those of keys that are no longer published,
// and old ones of strangers.
func (l *ledger) dueFetches(now time.Time, kids []string) (due []Fetch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for f, m := range l.fetches {
		known := len(l.users[f.address]) > 0
		switch {
		case !slices.Contains(kids, f.kid), !known && now.Sub(m.seen) > strangerLife:
			delete(l.fetches, f)
		case known && m.written.IsZero():
			due = append(due, Fetch{Key: f.kid, Address: f.address, Named: f.named, At: m.seen})
		}
	}
	slices.SortFunc(due, func(a, b Fetch) int {
		return strings.Compare(a.Key+" "+a.Address+" "+a.Named, b.Key+" "+b.Address+" "+b.Named)
	})
	return due
}

func (l *ledger) wroteFetches(due []Fetch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range due {
		if m := l.fetches[fetcher{f.Key, f.Address, f.Named}]; m != nil {
			m.written = f.At
		}
	}
}
