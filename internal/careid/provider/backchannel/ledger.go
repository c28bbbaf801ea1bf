// Package backchannel tells services that a session has ended (OpenID Connect Back-Channel Logout 1.0).
// Its ledger shows which services were told, how often each was tried, what it answered and when the next
// try is.
//
// A notice is a row and a job, both made by the Update that ends the session. The worker counts its own
// tries: it pauses longer each time, and gives up a day after the notice was made, when no session that
// a service may keep (12 hours) can still be alive. An operator may send any notice again. That begins
// a new round, and a job of an older round then does nothing.
package backchannel

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/key"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/queue"
	"signpost/internal/platform/random"
)

// DeliverJob is the job that delivers one notice in one of its rounds.
type DeliverJob struct {
	NoticeID string
	Round    int64
}

// Kind names the job.
func (DeliverJob) Kind() string { return "provider.notice" }

// Queue is where the job waits.
func (DeliverJob) Queue() queue.Name { return queue.Notices }

// Ledger keeps every notice to a service and delivers those that wait.
type Ledger struct {
	Issuer string
	DB     *db.DB
	Keys   *key.Ring
	Fetch  *fetch.Client
	Clock  clock.Clock
	Pauses []time.Duration // between tries; the last one repeats. If nil, the package's Pauses

	lanes lanes
}

// Work registers the worker that delivers notices.
func (l *Ledger) Work(ws *job.Workers) { job.Work(ws, l.deliver) }

const insertVisit = `INSERT INTO provider_visit (sid, client_id, uuid, at) VALUES ($1, $2, $3, $4)
	ON CONFLICT (sid, client_id) DO UPDATE SET at = $4`

// Visit notes, as a part of an Update, that a session signed in to a service.
func Visit(ctx context.Context, w *db.W, sid, clientID, uuid string) error {
	if err := w.Soon(ctx, insertVisit, sid, clientID, uuid, w.Now()); err != nil {
		return fmt.Errorf("note service signed in to: %w", err)
	}
	return nil
}

// Visited lists the services that each of several sessions signed in to, in that order, by the sessions' sids.
func Visited(ctx context.Context, r db.R, sids []string) (map[string][]client.Client, error) {
	type visit struct{ sid, client string }
	var args db.Arguments
	visits, err := db.All(ctx, r, func(scan db.Scanner) (v visit, err error) {
		err = scan(&v.sid, &v.client)
		return v, err
	}, `SELECT sid, client_id FROM provider_visit WHERE sid IN (`+db.AddEach(&args, sids)+`) ORDER BY at, client_id`,
		args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list services signed in to: %w", err)
	}
	var ids []string
	for _, v := range visits {
		ids = append(ids, v.client)
	}
	clients, err := client.ByIDs(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	found := map[string][]client.Client{}
	for _, v := range visits {
		found[v.sid] = append(found[v.sid], clients[v.client])
	}
	return found, nil
}

// noticeLife is how long the ledger keeps a notice, for people who look into a complaint.
const noticeLife = 90 * 24 * time.Hour

// Sweeps are the visits of sessions that lasted as long as sessions may, and the notices past noticeLife.
func Sweeps(sessionLife time.Duration) []db.Sweep {
	return []db.Sweep{
		{Table: "provider_visit", Key: "sid, client_id", Over: "at", Keep: sessionLife},
		{Table: "provider_notice", Key: "id", Over: "round_at", Keep: noticeLife},
	}
}

const insertNotice = `INSERT INTO provider_notice (id, client_id, sid, uuid, made_at, round, round_at, state, tries,
	answer, next_at, test)
	VALUES ($1, $2, $3, $4, $5, 1, $5, 'waiting', 0, '', $5, $6)`

// Notify puts a notice in the ledger for each service that a session signed in to and that has an address for notices.
// It is a part of the Update that ends the session.
func Notify(ctx context.Context, w *db.W, sid, uuid string) error {
	visited, err := Visited(ctx, w, []string{sid})
	if err != nil {
		return err
	}
	for _, c := range visited[sid] {
		if c.BackchannelLogoutURI == "" {
			continue
		}
		if _, err := addNotice(ctx, w, Notice{Client: c.ID, SID: sid}, uuid); err != nil {
			return err
		}
	}
	if _, err := w.Exec(ctx, `DELETE FROM provider_visit WHERE sid = $1`, sid); err != nil {
		return fmt.Errorf("forget services signed in to: %w", err)
	}
	return nil
}

// addNotice puts a notice about somebody's session in the ledger and gives its id. Of the notice it takes the client,
// the session and whether it is a test.
func addNotice(ctx context.Context, w *db.W, n Notice, uuid string) (id string, err error) {
	id = random.ID()
	if _, err := w.Exec(ctx, insertNotice, id, n.Client, n.SID, uuid, w.Now(), n.Test); err != nil {
		return "", fmt.Errorf("add notice: %w", err)
	}
	return id, w.Enqueue(ctx, DeliverJob{NoticeID: id, Round: 1})
}
