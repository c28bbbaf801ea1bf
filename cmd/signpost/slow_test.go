package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/platform/haproxytest"
)

// slowClients are more than both nodes have connections for.
const slowClients = 2600

// Forms that do not arrive keep nobody from the pages behind HAProxy as docs/running.md sets it up. Those of which only
// a little came do not even reach a node.
func TestFormsThatDoNotArriveKeepNobodyOutBehindHAProxy(t *testing.T) {
	haproxytest.Need(t)
	front := haproxytest.FreeAddress(t)
	nodes := twoNodes(t, front)
	haproxytest.Start(t, example(t, front, nodes), front)
	awaitBehind(t, front, nodes...)
	const little = "/sign-in"
	for path, sent := range map[string]int{little: 1, "/forgotten": 40_000} {
		t.Run(fmt.Sprint(sent, " bytes"), func(t *testing.T) {
			stop := slowForms(t, front, path, sent)
			defer stop()
			for range 5 {
				asksAll(t, front)
			}
		})
	}
	for _, n := range nodes {
		if _, err := n.stop(); err != nil {
			t.Error(err)
		}
		if strings.Contains(n.log.String(), `"route":"POST `+little) {
			t.Error("forms of which little came reached a node")
		}
	}
}

// Nor do they without a proxy.
func TestFormsThatDoNotArriveKeepNobodyOut(t *testing.T) {
	t.Parallel()
	n := newNode(t, settings{data: t.TempDir(), wait: 0, finish: 1})
	n.start()
	defer slowForms(t, n.listen, "/sign-in", 1)()
	for range 5 {
		asksAll(t, n.listen)
	}
}

// slowForms sends so many bytes of each of many forms from one address, and keeps them waiting.
func slowForms(t *testing.T, front, path string, bytes int) (stop func()) {
	t.Helper()
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 3, 1)}, Timeout: 5 * time.Second}
	request := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: dos.localhost:%s\r\nContent-Length: 100000\r\n\r\n%s", path,
		portOf(front), strings.Repeat("a", bytes))
	open := make(chan net.Conn, slowClients)
	var sending sync.WaitGroup
	for range slowClients {
		sending.Go(func() {
			c, err := from.DialContext(context.Background(), "tcp", front)
			if err != nil {
				t.Error(err)
				return
			}
			open <- c
			_ = c.SetWriteDeadline(time.Now().Add(time.Second))
			_, _ = io.WriteString(c, request) // some are closed for others
		})
	}
	sending.Wait()
	close(open)
	return func() {
		for c := range open {
			_ = c.Close()
		}
	}
}

// asksAll asks each question from an address of its own, and gives none of them long.
func asksAll(t *testing.T, front string) {
	t.Helper()
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 3, 2)}}
	client := &http.Client{
		Timeout: 5 * time.Second, Transport: &http.Transport{DialContext: from.DialContext, DisableKeepAlives: true},
	}
	l := load{front: front}
	for _, q := range questions {
		if err := l.put(client, q); err != nil {
			t.Errorf("%s %s%s: %v", q.method, q.host, q.path, err)
		}
	}
}
