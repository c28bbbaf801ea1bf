package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// probePath is a page of somebody who is signed in.
const probePath = "/my-sessions"

// probeEvery is how often the probe looks at it.
const probeEvery = 20 * time.Millisecond

// runProbe looks at a page of somebody who is signed in for a while, and prints how long that took each time. It is a
// program of its own, so that it does not wait for those who make the load.
func runProbe(args []string) error {
	var address, host, cookie string
	var span time.Duration
	flags := flag.NewFlagSet("probe", flag.ContinueOnError)
	flags.StringVar(&address, "address", "", "where the program answers")
	flags.StringVar(&host, "host", "", "as the browser names it")
	flags.StringVar(&cookie, "cookies", "", "of the browser, in JSON")
	flags.DurationVar(&span, "for", time.Second, "how long to look")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b := &browser{t: newTarget(address, host, ""), from: anyAddress()}
	if err := json.Unmarshal([]byte(cookie), &b.cookies); err != nil {
		return err
	}
	begun := time.Now()
	var seen []look
	for time.Since(begun) < span {
		l := look{At: time.Since(begun)}
		if _, err := b.reads(context.Background(), http.MethodGet, probePath, nil); err != nil {
			return err
		}
		l.Took = time.Since(begun) - l.At
		seen = append(seen, l)
		time.Sleep(probeEvery)
	}
	return json.NewEncoder(os.Stdout).Encode(seen)
}

// look is one look of the probe.
type look struct{ At, Took time.Duration }

// between gives how long those took that began within a time.
func between(seen []look, from, to time.Duration) (f figures) {
	for _, l := range seen {
		if l.At >= from && l.At < to {
			f.took = append(f.took, l.Took)
		}
	}
	return f
}

// probe begins to look, and gives what waits for its end and gives what was seen.
func (t *target) probe(
	ctx context.Context, cookies map[string]string, span time.Duration,
) (seen func() ([]look, error), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(cookies)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	//nolint:gosec // the program is this one
	command := exec.CommandContext(ctx, self, "probe", "-address", t.address, "-host", t.host,
		"-cookies", string(text), "-for", span.String())
	command.Stdout = &out
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start the probe: %w", err)
	}
	return func() (list []look, err error) {
		if err := command.Wait(); err != nil {
			return nil, fmt.Errorf("probe: %w", err)
		}
		return list, json.Unmarshal(out.Bytes(), &list)
	}, nil
}

// beside compares a page of somebody who is signed in alone with the same page beside many new logins.
func (w *world) beside(ctx context.Context, t *target) error {
	b := &browser{t: t, p: w.people[0], from: anyAddress(), cookies: map[string]string{}}
	if _, err := w.prove(ctx, b, "a verifier of forty-three characters, or more", "nonce"); err != nil {
		return err
	}
	const span = 10 * time.Second
	const start = 2 * time.Second // of the load
	seen, err := t.probe(ctx, b.cookies, 2*span+start)
	if err != nil {
		return err
	}
	time.Sleep(span)
	if err := goAfter(); err != nil {
		fmt.Println("the load is not made at a lower priority:", err)
	}
	made := w.newcomers(ctx, t, span+start)
	looks, err := seen()
	if err != nil {
		return err
	}
	idle := between(looks, 0, span)
	crowded := between(looks, span+start, 2*span+start)
	ratio := crowded.p99() / idle.p99()
	what := fmt.Sprintf("page of somebody signed in, p99 beside %d new logins (at most %d × idle)", newLogins,
		maxProbeRatio)
	figure := fmt.Sprintf("%.1f ms, idle %.1f ms: %.2f ×; %.0f logins/s, %d told to come again", crowded.p99(),
		idle.p99(), ratio, made.rate(), made.errors)
	return held(what, figure, ratio <= maxProbeRatio)
}

// newcomers lets many log in one after the other for a while. Who is told to come again does after a second.
func (w *world) newcomers(ctx context.Context, t *target, span time.Duration) (all figures) {
	until := time.Now().Add(span)
	parts := make([]figures, newLogins)
	var together sync.WaitGroup
	for i := range newLogins {
		together.Go(func() {
			for time.Now().Before(until) && ctx.Err() == nil {
				begun := time.Now()
				if err := w.signIn(ctx, t, w.people[i%len(w.people)]); err != nil {
					parts[i].errors++
					time.Sleep(time.Second)
					continue
				}
				parts[i].took = append(parts[i].took, time.Since(begun))
			}
		})
	}
	together.Wait()
	for _, part := range parts {
		all = all.and(part)
	}
	all.span = span
	return all
}

// niceness is the priority at which load is made that would come from other machines.
const niceness = 15

// goAfter lets the benchmark's own work go after that of the program that it measures.
func goAfter() error {
	threads, err := filepath.Glob("/proc/self/task/*")
	if err != nil {
		return err
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(filepath.Base(thread))
		if err != nil {
			return err
		}
		if err := syscall.Setpriority(syscall.PRIO_PROCESS, id, niceness); err != nil {
			return err
		}
	}
	return nil
}
