package key_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/key"
	"signpost/internal/careid/schema"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

var operator = actor.ForCommand("keys")

// house is a database with two nodes on it and two clients.
type house struct {
	t     *testing.T
	clock *clocktest.Manual
	d     *db.DB
	box   *seal.Box
	here  *key.Ring
	there *key.Ring
}

const (
	first  = "100000000001.apps.first"
	second = "100000000002.apps.second"
)

var (
	firstFrom  = netip.MustParseAddr("192.0.2.1")
	secondFrom = netip.MustParseAddr("192.0.2.2")
	anywhere   = netip.MustParseAddr("198.51.100.9")
)

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, clock: clocktest.At(noon)}
	h.d = dbtest.Open(t, schema.Files, h.clock)
	box, err := seal.New(random.Bytes(32))
	h.must(err)
	h.box = box
	h.here = &key.Ring{DB: h.d, Box: box}
	h.there = &key.Ring{DB: h.d, Box: box}
	h.must(h.d.Update(t.Context(), operator, func(w *db.W) error {
		for _, id := range []string{first, second} {
			c := client.Client{
				ID: id, Name: id, AuthMethod: client.ClientSecretPost, RedirectURIs: []string{"https://rp.example/cb"},
				Scopes: []string{"openid"}, Active: true,
			}
			if err := client.Register(t.Context(), w, box, c, "a secret of some length"); err != nil {
				return err
			}
		}
		return nil
	}))
	h.must(h.here.Load(t.Context(), operator))
	h.must(h.there.Load(t.Context(), operator))
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// after moves the clock, lets one node do what is due, and both read the keys.
func (h *house) after(d time.Duration) []key.Step {
	h.t.Helper()
	h.clock.Advance(d)
	done, err := h.here.Turn(h.t.Context(), operator)
	h.must(err)
	h.refresh()
	return done
}

func (h *house) refresh() {
	h.t.Helper()
	h.must(h.here.Refresh(h.t.Context()))
	h.must(h.there.Refresh(h.t.Context()))
}

func (h *house) flush() {
	h.t.Helper()
	h.must(h.here.Flush(h.t.Context()))
	h.must(h.there.Flush(h.t.Context()))
}

// sign makes a token as a node does.
func (h *house) sign(r *key.Ring, a jwt.Algorithm) string {
	h.t.Helper()
	k, found := r.For(a)
	if !found {
		h.t.Fatalf("no key signs with %s", a)
	}
	token, err := jwt.Sign(k, "JWT", map[string]any{"iat": h.clock.Now().Unix()})
	h.must(err)
	return token
}

func verify(t *testing.T, token string, keys jwt.Keys) error {
	t.Helper()
	_, err := jwt.Verify(t.Context(), token, keys, jwt.Expect{Algorithms: key.Algorithms, Types: []string{"JWT"}})
	return err
}

func (h *house) states(a jwt.Algorithm) string {
	h.t.Helper()
	list, err := h.here.Report(h.t.Context())
	h.must(err)
	var states []string
	for _, s := range list {
		if s.Algorithm == a {
			states = append(states, string(s.State))
		}
	}
	slices.Sort(states)
	return strings.Join(states, " ")
}

func (h *house) count(sql string, args ...any) (n int64) {
	h.t.Helper()
	h.must(h.d.View(h.t.Context(), func(r db.R) (err error) {
		n, err = db.Value[int64](h.t.Context(), r, sql, args...)
		return err
	}))
	return n
}

func TestRotationWithOverlap(t *testing.T) {
	h := open(t)
	old := h.sign(h.here, jwt.RS256)
	h.here.Called(first, firstFrom)
	h.flush()
	h.after(89 * day)
	if got := h.states(jwt.RS256); got != "published signing" {
		t.Fatalf("a day before the time: %s", got)
	}
	late := h.sign(h.here, jwt.RS256) // still by the old key
	h.here.Called(first, firstFrom)
	h.there.Fetched(firstFrom, "curl")
	h.flush()
	if done := h.after(23 * time.Hour); len(done) != 0 {
		t.Errorf("before it was announced for a day: %+v", done)
	}
	h.after(time.Hour)
	if got := h.states(jwt.RS256); got != "retiring signing" {
		t.Fatalf("after a day's announcement, seen by everybody: %s", got)
	}
	fresh := h.sign(h.there, jwt.RS256)
	for name, token := range map[string]string{"of 90 days ago": old, "of yesterday": late, "new": fresh} {
		for _, node := range []*key.Ring{h.here, h.there} {
			if err := verify(t, token, node.Set()); err != nil {
				t.Errorf("token %s: %v", name, err)
			}
		}
	}
	h.after(day - time.Minute)
	if err := verify(t, late, h.there.Set()); err != nil {
		t.Errorf("a minute before the overlap ends: %v", err)
	}
	h.after(time.Minute)
	if got := h.states(jwt.RS256); got != "retired signing" {
		t.Fatalf("after the overlap: %s", got)
	}
	if err := verify(t, late, h.there.Set()); err == nil {
		t.Error("a retired key is still published")
	}
	if n := h.count(`SELECT count(*) FROM provider_key WHERE state = 'retired' AND sealed IS NOT NULL`); n != 0 {
		t.Errorf("%d retired keys keep their private part", n)
	}
	if n := h.count(`SELECT count(*) FROM provider_key WHERE state = 'retired'`); n != 2 {
		t.Errorf("%d retired keys, want one of each algorithm", n)
	}
}

func TestRotationWaitsForProof(t *testing.T) {
	h := open(t)
	h.after(89 * day)
	for _, c := range []struct {
		client string
		from   netip.Addr
	}{{first, firstFrom}, {second, secondFrom}} {
		h.here.Called(c.client, c.from)
	}
	h.here.Fetched(firstFrom, "")
	h.here.Fetched(anywhere, "my agent is "+second) // a stranger that pretends
	h.flush()
	if h.after(2 * day); h.states(jwt.RS256) != "published signing" {
		t.Fatalf("signs though the second client was not seen: %s", h.states(jwt.RS256))
	}
	list, err := h.here.Report(t.Context())
	h.must(err)
	for _, s := range list {
		if s.State == key.Published && (s.Next.Act != key.Sign || !slices.Equal(s.Next.Waits, []string{second}) ||
			len(s.Clients) != 2) {
			t.Errorf("the report says %+v, %+v", s.Next, s.Clients)
		}
	}
	h.there.Fetched(secondFrom, "")
	h.flush()
	if h.after(0); h.states(jwt.RS256) != "retiring signing" {
		t.Errorf("seen by everybody: %s", h.states(jwt.RS256))
	}
}

func TestRotationGoesOnAfterTheLongestWait(t *testing.T) {
	h := open(t)
	h.after(89 * day)
	h.here.Called(second, secondFrom)
	h.flush()
	if h.after(7*day - time.Minute); h.states(jwt.RS256) != "published signing" {
		t.Fatalf("a minute before the longest wait is over: %s", h.states(jwt.RS256))
	}
	done := h.after(time.Minute)
	if len(done) != 2 || !slices.Equal(done[0].Waits, []string{second}) {
		t.Errorf("done %+v", done)
	}
	if n := h.count(`SELECT count(*) FROM event_detail WHERE reason LIKE 'the longest wait is over%'`); n != 2 {
		t.Errorf("%d events say that the longest wait was over, want one for each algorithm", n)
	}
}

func TestSharedAddressNeedsTheClientsName(t *testing.T) {
	h := open(t)
	h.here.Called(first, firstFrom)
	h.here.Called(second, firstFrom)
	h.flush()
	h.after(89 * day)
	h.here.Called(first, firstFrom)
	h.here.Called(second, firstFrom)
	h.flush()
	h.here.Fetched(firstFrom, "okhttp/4")
	h.here.Fetched(firstFrom, "signpost ("+first+")")
	h.flush()
	list, err := h.here.Report(t.Context())
	h.must(err)
	tried := 0
	for _, s := range list {
		for _, sight := range s.Clients {
			if s.State != key.Published {
				continue
			}
			tried++
			if sight.Seen != (sight.Client == first) {
				t.Errorf("%+v", sight)
			}
		}
	}
	if tried != 4 {
		t.Errorf("%d sightings looked at, want two for each algorithm", tried)
	}
}

func TestLedgerIsSmall(t *testing.T) {
	h := open(t)
	for i := range 20_000 {
		h.here.Fetched(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), "a stranger")
	}
	h.here.Called(first, firstFrom)
	h.flush()
	if n := h.count(`SELECT count(*) FROM provider_key_fetch`); n != 0 {
		t.Errorf("%d fetches of strangers were written", n)
	}
	for range 1000 {
		h.here.Fetched(firstFrom, "")
		h.here.Called(first, firstFrom)
		h.flush()
	}
	if n := h.count(`SELECT count(*) FROM provider_key_fetch WHERE address = $1`, firstFrom.String()); n != 2 {
		t.Errorf("%d fetches of a known client, want one for each key, though strangers filled the memory", n)
	}
	noted := h.count(`SELECT last_at FROM provider_key_call WHERE client_id = $1`, first)
	h.clock.Advance(59 * time.Second)
	h.here.Called(first, firstFrom)
	h.flush()
	if h.count(`SELECT last_at FROM provider_key_call WHERE client_id = $1`, first) != noted {
		t.Error("a call was written twice within a minute")
	}
	h.clock.Advance(time.Second)
	h.here.Called(first, firstFrom)
	h.flush()
	if h.count(`SELECT last_at FROM provider_key_call WHERE client_id = $1`, first) == noted {
		t.Error("a call after a minute was not written")
	}
}

// Of two nodes that find the same to do at the same moment, one does it.
func TestTwoNodesAtOnceMakeOneKey(t *testing.T) {
	h := open(t)
	for _, pass := range []time.Duration{89 * day, day, day} {
		h.clock.Advance(pass)
		var wg sync.WaitGroup
		for _, node := range []*key.Ring{h.here, h.there, h.here, h.there} {
			wg.Go(func() {
				if _, err := node.Turn(context.Background(), operator); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	for _, a := range key.Algorithms {
		if got := h.states(a); got != "retired signing" {
			t.Errorf("%s: %s", a, got)
		}
	}
	if n := h.count(`SELECT count(*) FROM event WHERE kind IN ('key.made', 'key.published', 'key.signing',
		'key.retired')`); n != 8 {
		t.Errorf("%d events, want each step once for each algorithm", n)
	}
}
