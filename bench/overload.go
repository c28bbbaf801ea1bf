package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"signpost/internal/dos/account"
	dosschema "signpost/internal/dos/schema"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/password"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
)

// What is held while more is asked than the machine can do.
const (
	maxMiB        = 200 // resident, after each
	maxKnownRatio = 3   // p99 of a known browser's password login beside guesses, to the idle one
	maxNewRatio   = 8   // p99 of a newcomer's password login beside a crowd of known browsers, to the idle one
	maxProbeRatio = 5   // p99 of a page of somebody who is signed in beside new logins, to the idle one
)

const (
	username  = "honest"
	plainText = "a password of the benchmark"

	passwordsAtOnce = 64
	idleConnections = 10_000
	newLogins       = 500
	crowd           = 16 // known browsers that log in again and again
	guessers        = 80 // from half as many addresses, each below its limit
)

// overload asks more of the program than the machine can do, and prints what it does then.
func overload(ctx context.Context, o options) (err error) {
	folder, err := os.MkdirTemp("", "signpost-overload-")
	if err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	w, err := makeWorld(ctx, o, "SQLite", signing{jwt.ES256, 0}, folder)
	if err != nil {
		return err
	}
	if err := w.fillDirectory(ctx); err != nil {
		return err
	}
	program, err := startProgram(ctx, o, w, "dos,cis2,cim")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, program.stop()) }()
	fmt.Printf("resident at the start %d MiB\n", program.resident())
	missed := errors.Join(w.guesses(ctx, program, o), w.newcomersBeside(ctx, program, o), w.storm(ctx, program),
		w.connect(ctx, program))
	return errors.Join(missed, w.beside(ctx, program)) // at last: from here on we go after the program
}

// fillDirectory makes the account that logs in by password.
func (w *world) fillDirectory(ctx context.Context) (err error) {
	source := filepath.Join(w.folder, "dos.db")
	d, err := db.Open(ctx, db.Options{Source: source, Migrations: dosschema.Files, Clock: clock.System{}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	h, err := password.New(password.Usual)
	if err != nil {
		return err
	}
	hash, err := h.Hash(ctx, password.Asker{}, plainText)
	if err != nil {
		return err
	}
	return d.Update(ctx, bench, func(dw *db.W) error {
		_, err := account.Add(ctx, dw, account.New{
			Username: username, FirstName: "Honest", Email: "honest@bench.example", PasswordHash: hash,
		})
		return err
	})
}

// held prints a figure beside what it must not pass, and gives an error if it does.
func held(what, figure string, holds bool) error {
	verdict := "held"
	var err error
	if !holds {
		verdict = "NOT HELD"
		err = fmt.Errorf("%s: %s", what, figure)
	}
	fmt.Printf("%-64s %-48s %s\n", what, figure, verdict)
	return err
}

// dos gives the program as its directory's visitors see it.
func (w *world) dos(t *target) *target {
	d := *t
	d.host = fmt.Sprintf("dos.localhost:%d", w.port)
	return &d
}

// logIn sends the form of a password login, and gives the status.
func logIn(ctx context.Context, box *seal.Box, b *browser, name, plain string) (int, error) {
	sealed, err := web.Seal(box, "dos", "/sign-in", web.Author{})
	if err != nil {
		return 0, err
	}
	form := url.Values{"username": {name}, "password": {plain}, web.SealField: {sealed}}
	a, err := b.do(ctx, http.MethodPost, "/sign-in", form)
	return a.status, err
}

// logIns logs a known browser in so often, one after the other, each time without its session.
func (w *world) logIns(ctx context.Context, d *target, known map[string]string, n int) (f figures) {
	for range n {
		b := &browser{t: d, from: anyAddress(), cookies: map[string]string{}}
		for name, value := range known {
			b.cookies[name] = value
		}
		begun := time.Now()
		status, err := logIn(ctx, w.box, b, username, plainText)
		if err != nil || status != http.StatusSeeOther {
			f.errors++
			f.first = cmp.Or(f.first, err, fmt.Errorf("a login: %d", status))
			continue
		}
		f.took = append(f.took, time.Since(begun))
	}
	return f
}

// known gives the cookie of a browser that logged in before.
func (w *world) known(ctx context.Context, d *target) (map[string]string, error) {
	b := &browser{t: d, from: anyAddress(), cookies: map[string]string{}}
	if _, err := logIn(ctx, w.box, b, username, plainText); err != nil {
		return nil, err
	}
	const name = "__Host-dos-known"
	return map[string]string{name: b.cookies[name]}, nil
}

// guesses compares a known browser's password logins alone with those beside strangers' guesses.
func (w *world) guesses(ctx context.Context, t *target, o options) error {
	d := w.dos(t)
	known, err := w.known(ctx, d)
	if err != nil {
		return err
	}
	const logins = 40
	idle := w.logIns(ctx, d, known, logins)
	guessing, stop := context.WithCancel(ctx)
	defer stop()
	var strangers sync.WaitGroup
	for n := range guessers {
		strangers.Go(func() { w.guess(guessing, d, fmt.Sprintf("10.200.0.%d", n/2)) })
	}
	time.Sleep(o.each)
	beside := w.logIns(ctx, d, known, logins)
	stop()
	strangers.Wait()
	ratio := beside.p99() / idle.p99()
	what := fmt.Sprintf("password login, known browser, p99 beside %d guessers (at most %d × idle)", guessers,
		maxKnownRatio)
	figure := fmt.Sprintf("%.0f ms, idle %.0f ms: %.2f ×, %d errors", beside.p99(), idle.p99(), ratio,
		beside.errors+idle.errors)
	return errors.Join(beside.first, idle.first, held(what, figure, ratio <= maxKnownRatio))
}

// guess tries passwords for nobody from an address, as often as its limit allows.
func (w *world) guess(ctx context.Context, d *target, from string) {
	for n := 0; ctx.Err() == nil; n++ {
		b := &browser{t: d, from: from, cookies: map[string]string{}}
		begun := time.Now()
		_, _ = logIn(ctx, w.box, b, fmt.Sprint("nobody", n, from), "a guess") // whatever it is told
		time.Sleep(2*time.Second - time.Since(begun))
	}
}

// storm logs many in by password at once.
func (w *world) storm(ctx context.Context, t *target) error {
	d := w.dos(t)
	var together sync.WaitGroup
	for range passwordsAtOnce {
		together.Go(func() {
			b := &browser{t: d, from: anyAddress(), cookies: map[string]string{}}
			_, _ = logIn(ctx, w.box, b, username, plainText) // some are told to come again
		})
	}
	together.Wait()
	return heldMemory(t, fmt.Sprintf("%d password logins at once", passwordsAtOnce))
}

// heldMemory holds what the program has, and has had, in memory.
func heldMemory(t *target, what string) error {
	return held(fmt.Sprintf("resident after %s (at most %d MiB)", what, maxMiB),
		fmt.Sprintf("%d MiB, at most %d MiB", t.resident(), t.peak()), t.resident() <= maxMiB)
}

// connect opens many connections, each of which asks for a page and then nothing more.
func (w *world) connect(ctx context.Context, t *target) error {
	var open []net.Conn
	defer func() {
		for _, c := range open {
			_ = c.Close()
		}
	}()
	request := fmt.Sprintf("GET / HTTP/1.1\r\nHost: %s\r\n\r\n", t.host)
	refused := 0
	for range idleConnections {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", w.port))
		if err != nil {
			refused++
			continue
		}
		open = append(open, c)
		_, _ = c.Write([]byte(request)) // it may have been closed for another
	}
	time.Sleep(time.Second)
	if refused > 0 {
		fmt.Printf("%d connections could not be opened: the benchmark may not open more files\n", refused)
	}
	return heldMemory(t, fmt.Sprintf("%d connections, idle after one page", len(open)))
}
