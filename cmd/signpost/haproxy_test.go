package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"signpost/internal/national/cis2"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/haproxytest"
)

// Two nodes behind HAProxy as docs/running.md sets it up are stopped and started in turn while people and services ask
// for pages and tokens: every request is answered. make prove stops them 30 times.
func TestNoRequestIsLostBehindHAProxy(t *testing.T) {
	haproxytest.Need(t)
	stops := 5
	if os.Getenv("PROVE") != "" {
		stops = 30
	}
	front := haproxytest.FreeAddress(t)
	nodes := twoNodes(t, front)
	haproxytest.Start(t, example(t, front, nodes), front)
	awaitBehind(t, front, nodes...)
	load := begin(t, front)
	for i := range stops {
		n := nodes[i%len(nodes)]
		if took, err := n.stop(); err != nil {
			t.Errorf("stop %d ended after %v with %v: %s", i+1, took, err, n.log.String())
		}
		n.start()
		awaitBehind(t, front, n)
	}
	answered, broken := load.end()
	t.Logf("%d stops under load: %d requests answered, %d broken", stops, answered, len(broken))
	if answered < stops*100 {
		t.Errorf("only %d requests: the test would prove nothing", answered)
	}
	for _, problem := range broken[:min(len(broken), 10)] {
		t.Error(problem)
	}
}

// twoNodes starts two nodes: on PostgreSQL they share their databases, on SQLite each has its own.
func twoNodes(t *testing.T, front string) []*node {
	t.Helper()
	s := settings{data: t.TempDir(), front: front, wait: 3, finish: 5}
	if dbtest.Server() != "" {
		s.dos = dbtest.Empty(t, dbtest.Plain)
		s.careid = dbtest.Empty(t, dbtest.Plain)
	}
	var nodes []*node
	for range 2 {
		if s.dos == "" {
			s.data = t.TempDir()
		}
		n := newNode(t, s)
		n.start()
		nodes = append(nodes, n)
	}
	return nodes
}

// awaitBehind waits until each of the nodes has answered for a page behind HAProxy.
func awaitBehind(t *testing.T, front string, nodes ...*node) {
	t.Helper()
	page := question{"cim", "GET", "/find-your-ra", "", http.StatusOK}
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	l := load{front: front}
	for _, n := range nodes {
		for begun := time.Now(); !n.answeredFor(page); time.Sleep(50 * time.Millisecond) {
			if time.Since(begun) > time.Minute {
				t.Fatalf("HAProxy sends nothing to the node at %s", n.listen)
			}
			_ = l.put(client, page) // until HAProxy has seen the node, it may refuse
		}
	}
}

// answeredFor reports whether the node has answered for a page of a site since it was started.
func (n *node) answeredFor(q question) bool {
	_, metrics := get("http://" + n.operations + "/metrics")
	return slices.ContainsFunc(strings.Split(metrics, "\n"), func(line string) bool {
		return strings.HasPrefix(line, "signpost_http_request_seconds_count") &&
			strings.Contains(line, fmt.Sprintf("route=%q,site=%q,status=\"%d\"", q.method+" "+q.path, q.host, q.want))
	})
}

var (
	haproxyBlock = regexp.MustCompile("(?s)```haproxy\n(.*?)```")
	bindLine     = regexp.MustCompile(`bind :443 .*`)
	serverLine   = regexp.MustCompile(`(server (?:one|two)) \S+ port \d+`)
)

// example is the configuration of HAProxy in docs/running.md, with the addresses of this test.
func example(t *testing.T, front string, nodes []*node) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/running.md")
	if err != nil {
		t.Fatal(err)
	}
	block := haproxyBlock.FindStringSubmatch(string(text))
	if block == nil {
		t.Fatal("docs/running.md shows no configuration of HAProxy")
	}
	configuration := bindLine.ReplaceAllString(block[1], "bind "+front)
	i := 0
	configuration = serverLine.ReplaceAllStringFunc(configuration, func(line string) string {
		n := nodes[i]
		i++
		return fmt.Sprintf("%s %s port %s", serverLine.FindStringSubmatch(line)[1], n.listen, portOf(n.operations))
	})
	if i != len(nodes) || !strings.Contains(configuration, "bind "+front) {
		t.Fatalf("the configuration in docs/running.md names no two nodes: %s", configuration)
	}
	return configuration
}

// question is a request that must be answered in one way.
type question struct {
	host, method, path, form string
	want                     int
}

var questions = []question{
	{"dos", "GET", "/", "", http.StatusOK},
	{"cis2", "GET", cis2.Realm + "/.well-known/openid-configuration", "", http.StatusOK},
	{"cim", "GET", "/find-your-ra", "", http.StatusOK},
	{"cis2", "POST", cis2.Realm + "/access_token", "grant_type=authorization_code&code=x", http.StatusUnauthorized},
}

// load is clients that ask without an end.
type load struct {
	front    string
	over     context.CancelFunc
	clients  sync.WaitGroup
	answered atomic.Int64

	mu     sync.Mutex
	broken []string
}

// begin starts clients, each from an address of its own. Half of them keep their connections.
func begin(t *testing.T, front string) *load {
	t.Helper()
	ctx, over := context.WithCancel(t.Context())
	l := &load{front: front, over: over}
	for i := range 8 {
		from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+i))}}
		client := &http.Client{
			Timeout:   20 * time.Second,
			Transport: &http.Transport{DialContext: from.DialContext, DisableKeepAlives: i%2 == 1},
		}
		l.clients.Go(func() { l.ask(ctx, client, i) })
	}
	return l
}

// ask asks one question after the other.
func (l *load) ask(ctx context.Context, client *http.Client, first int) {
	for i := first; ctx.Err() == nil; i++ {
		q := questions[i%len(questions)]
		if err := l.put(client, q); err != nil {
			l.mu.Lock()
			l.broken = append(l.broken, fmt.Sprintf("%s %s%s: %v", q.method, q.host, q.path, err))
			l.mu.Unlock()
			continue
		}
		l.answered.Add(1)
		time.Sleep(15 * time.Millisecond) // less than an address may ask
	}
}

// put asks one question, and reads the answer whole.
func (l *load) put(client *http.Client, q question) error {
	r, err := http.NewRequest(q.method, "http://"+l.front+q.path, strings.NewReader(q.form))
	if err != nil {
		return err
	}
	r.Host = q.host + ".localhost:" + portOf(l.front)
	if q.form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != q.want {
		return fmt.Errorf("%s, want %d", res.Status, q.want)
	}
	return nil
}

// end ends the load, and gives how many requests were answered and what became of the others.
func (l *load) end() (answered int, broken []string) {
	l.over()
	l.clients.Wait()
	return int(l.answered.Load()), l.broken
}
