package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/request"
	"signpost/internal/careid/provider/session"
	"signpost/internal/careid/schema"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/mail"
)

const (
	waitingMails       = 1000
	revoked            = 100 // idle, and as many beside the mails
	revokedAtOnce      = 10
	maxRevocationRatio = 2 // p99 from a suspension to the end of the session, to the idle one
	maxRevocation      = 30 * time.Second
)

// revocation measures how soon sessions end after their identities were suspended: first while nothing else is to be
// done, and then while many mails wait for a mail server that accepts connections and never answers. The suspensions
// come from another program than the one that ends the sessions, so until that one looks for work is in both figures.
func revocation(ctx context.Context, o options) (err error) {
	folder, err := os.MkdirTemp("", "signpost-revocation-")
	if err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	o.people = 1 + 2*revoked // the first one shows that the program has started
	w, err := makeWorld(ctx, o, "SQLite", signing{jwt.ES256, 0}, folder)
	if err != nil {
		return err
	}
	server, err := startSilent(ctx)
	if err != nil {
		return err
	}
	w.mail = server.port()
	program, err := startProgram(ctx, o, w, "cis2,cim")
	if err != nil {
		return errors.Join(err, server.close())
	}
	defer func() { err = errors.Join(err, server.close(), program.stop()) }()
	desk, err := openDesk(ctx, w)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, desk.d.Close()) }()
	return w.revoke(ctx, program, desk, server)
}

// revoke compares the ends of sessions with and without mails that wait.
func (w *world) revoke(ctx context.Context, t *target, k *desk, server *silent) error {
	for _, p := range w.people[1:] {
		if err := w.signIn(ctx, t, p); err != nil {
			return err
		}
	}
	idle := k.suspendAll(ctx, w.people[1:1+revoked])
	if err := k.sendMails(ctx); err != nil {
		return err
	}
	if err := server.kept(ctx); err != nil {
		return err
	}
	beside := k.suspendAll(ctx, w.people[1+revoked:])
	if waiting, err := k.jobs.Waiting(ctx); err != nil || waiting == 0 {
		return errors.Join(errors.New("no mails wait any more"), err)
	}
	ratio := beside.p99() / idle.p99()
	what := fmt.Sprintf("suspended to session ended, p99, %d mails waiting (at most %d × idle)", waitingMails,
		maxRevocationRatio)
	figure := fmt.Sprintf("%.0f ms, idle %.0f ms: %.2f ×, %d errors", beside.p99(), idle.p99(), ratio,
		beside.errors+idle.errors)
	holds := ratio <= maxRevocationRatio && beside.errors+idle.errors == 0
	return errors.Join(beside.first, idle.first, held(what, figure, holds))
}

// eventMailed says that mails were left to wait.
const eventMailed audit.Kind = "bench.mailed"

// desk is a program of its own beside the one that is measured, as those of an operator are: it suspends
// identities and sends mails, and leaves the work that follows to the other.
type desk struct {
	d        *db.DB
	post     *mail.Post
	sessions *session.Sessions
	jobs     *job.Queue
}

func openDesk(ctx context.Context, w *world) (*desk, error) {
	d, err := db.Open(ctx, db.Options{Source: filepath.Join(w.folder, "careid.db"), Migrations: schema.Files,
		Clock: clock.System{}})
	if err != nil {
		return nil, err
	}
	workers := job.Elsewhere()
	k := &desk{d: d, post: mail.New(d, w.box, &mail.Mailbox{}, workers)}
	k.sessions = session.New(d, request.Reader{})
	if k.jobs, err = job.Open(ctx, d, workers, slog.New(slog.DiscardHandler)); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return k, nil
}

// suspendAll suspends people, some at once, and gives how long it took each time until their sessions had ended.
func (k *desk) suspendAll(ctx context.Context, people []*person) (all figures) {
	for begin := 0; begin < len(people); begin += revokedAtOnce {
		parts := make([]figures, revokedAtOnce)
		var together sync.WaitGroup
		for i, p := range people[begin : begin+revokedAtOnce] {
			together.Go(func() {
				took, err := k.suspend(ctx, p)
				parts[i] = figures{took: []time.Duration{took}, first: err}
				if err != nil {
					parts[i].errors = 1
				}
			})
		}
		together.Wait()
		for _, part := range parts {
			all = all.and(part)
		}
		if all.errors > 0 {
			return all // the others would wait as long
		}
	}
	return all
}

// suspend suspends somebody who is signed in and waits until no session of theirs is left.
func (k *desk) suspend(ctx context.Context, p *person) (time.Duration, error) {
	if n, err := k.live(ctx, p); err != nil || n == 0 {
		return 0, errors.Join(fmt.Errorf("%d sessions to end", n), err)
	}
	if err := identity.Move(ctx, k.d, bench, p.uuid, identity.Suspend, "measured"); err != nil {
		return 0, err
	}
	begun := time.Now()
	for time.Since(begun) < maxRevocation {
		if n, err := k.live(ctx, p); err != nil || n == 0 {
			return time.Since(begun), err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return maxRevocation, fmt.Errorf("a session is still there %s after its identity was suspended", maxRevocation)
}

// live counts somebody's sessions.
func (k *desk) live(ctx context.Context, p *person) (int, error) {
	list, err := db.Glance(ctx, k.d, func(r db.R) ([]session.Session, error) { return k.sessions.Of(ctx, r, p.uuid) })
	return len(list), err
}

// sendMails lets many mails wait.
func (k *desk) sendMails(ctx context.Context) error {
	return k.d.Update(db.Patient(ctx, time.Minute), bench, func(w *db.W) error {
		for n := range waitingMails {
			m := mail.Message{Kind: "bench.mail", To: fmt.Sprintf("person%d@bench.example", n), Subject: "Mail",
				Text: "This never arrives."}
			if err := k.post.Send(ctx, w, m); err != nil {
				return err
			}
		}
		return w.Record(ctx, audit.Event{Kind: eventMailed})
	})
}

// silent is a mail server that accepts connections and never answers.
type silent struct {
	socket   net.Listener
	accepted atomic.Int64
	mu       sync.Mutex
	open     []net.Conn
}

func startSilent(ctx context.Context) (*silent, error) {
	socket, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the silent mail server: %w", err)
	}
	s := &silent{socket: socket}
	go s.accept()
	return s, nil
}

func (s *silent) accept() {
	for {
		c, err := s.socket.Accept()
		if err != nil {
			return // it was closed
		}
		s.mu.Lock()
		s.open = append(s.open, c)
		s.mu.Unlock()
		s.accepted.Add(1)
	}
}

func (s *silent) port() int { return s.socket.Addr().(*net.TCPAddr).Port }

// kept waits until somebody waits for an answer.
func (s *silent) kept(ctx context.Context) error {
	for begun := time.Now(); s.accepted.Load() == 0; time.Sleep(10 * time.Millisecond) {
		if time.Since(begun) > maxRevocation || ctx.Err() != nil {
			return errors.New("the program hands no mail to the mail server")
		}
	}
	return nil
}

// close ends the server and all its connections.
func (s *silent) close() error {
	err := s.socket.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.open {
		_ = c.Close()
	}
	return err
}
