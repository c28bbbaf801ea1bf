package backchannel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
)

// Pauses are the times between one try and the next, so that a service can recover. The last one repeats.
var Pauses = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour,
}

// GiveUp is how long after the beginning of a round the ledger goes on trying.
const GiveUp = 24 * time.Hour

// delivery is a notice that waits to be sent, as the worker reads it.
type delivery struct {
	id, clientID, sid, uuid string
	round                   int64
	began                   time.Time // when the round began
	tries                   int64     // in this round
	tried                   time.Time // the last try, of any round
	test                    bool
}

// whereWaiting matches a notice while it is in the worker's round. Sending it again begins a new round, which
// the worker of the old one must not change.
const whereWaiting = ` WHERE id = $1 AND round = $2 AND state = 'waiting'`

const selectDelivery = `SELECT id, client_id, sid, uuid, round, round_at, tries, tried_at, test
	FROM provider_notice` + whereWaiting

// deliver sends one notice to its service. If that fails, the job runs again later.
func (l *Ledger) deliver(ctx context.Context, j DeliverJob) error {
	n, c, err := l.read(ctx, j)
	if errors.Is(err, fault.NotFound) {
		return nil // delivered already, given up, or sent again in another round
	}
	if err != nil {
		return fmt.Errorf("read notice: %w", err)
	}
	if c.BackchannelLogoutURI == "" {
		return l.giveUp(ctx, n, "The service has no address for notices any more.")
	}
	place, away := l.lanes.enter(ctx, c.ID, l.Clock.Now())
	if away > 0 {
		return l.wait(ctx, n, away)
	}
	answer, ok := l.postWithin(ctx, place, c, n)
	switch {
	case ok:
		return l.delivered(ctx, n, answer)
	case ctx.Err() != nil:
		return ctx.Err() // this program is stopping, which is not the service's failure
	}
	return l.failed(ctx, n, answer)
}

func (l *Ledger) read(ctx context.Context, j DeliverJob) (n delivery, c client.Client, err error) {
	type both struct {
		notice delivery
		client client.Client
	}
	found, err := db.Read(ctx, l.DB, func(r db.R) (found both, err error) {
		found.notice, err = db.One(ctx, r, scanDelivery, selectDelivery, j.NoticeID, j.Round)
		if err != nil {
			return found, err
		}
		found.client, err = client.ByID(ctx, r, found.notice.clientID)
		if found.notice.test {
			found.client = found.client.Wanted()
		}
		return found, err
	})
	return found.notice, found.client, err
}

func scanDelivery(scan db.Scanner) (n delivery, err error) {
	err = scan(&n.id, &n.clientID, &n.sid, &n.uuid, &n.round, db.At(&n.began), &n.tries, db.At(&n.tried), &n.test)
	return n, err
}

// postWithin sends the notice and waits for the answer as long as the service's place allows.
func (l *Ledger) postWithin(ctx context.Context, p place, c client.Client, n delivery) (answer string, ok bool) {
	began := l.Clock.Now()
	ctx, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	answer, err := l.post(ctx, c, n)
	took := l.Clock.Now().Sub(began)
	if errors.Is(err, context.DeadlineExceeded) {
		answer = fmt.Sprintf("No answer within %d seconds.", p.patience/time.Second)
		took = max(took, p.patience)
	} else if err != nil {
		answer = err.Error()
	}
	l.lanes.leave(p, took)
	return client.Plain(answer), err == nil
}

const (
	markDelivered = `UPDATE provider_notice SET state = 'told', tries = tries + 1, tried_at = $3, answer = $4,
	next_at = NULL` + whereWaiting
	markTry = `UPDATE provider_notice SET tries = tries + 1, tried_at = $3, answer = $4, next_at = $5` +
		whereWaiting
	markWait    = `UPDATE provider_notice SET next_at = $3` + whereWaiting
	markGivenUp = `UPDATE provider_notice SET state = 'given up', tries = $3, tried_at = $4, answer = $5,
	next_at = NULL` + whereWaiting
)

func (l *Ledger) delivered(ctx context.Context, n delivery, answer string) error {
	return l.note(ctx, markDelivered, n.id, n.round, l.Clock.Now(), answer)
}

// wait puts a notice off while its service's lane is full.
func (l *Ledger) wait(ctx context.Context, n delivery, away time.Duration) error {
	if err := l.note(ctx, markWait, n.id, n.round, l.Clock.Now().Add(away)); err != nil {
		return err
	}
	return job.Later(away)
}

// failed schedules the next try, or gives up if that would come after GiveUp. A test is tried once.
func (l *Ledger) failed(ctx context.Context, n delivery, answer string) error {
	pauses := l.Pauses
	if pauses == nil {
		pauses = Pauses
	}
	now := l.Clock.Now()
	pause := pauses[min(int(n.tries), len(pauses)-1)]
	if n.test || now.Add(pause).After(n.began.Add(GiveUp)) {
		n.tries++
		n.tried = now
		return l.giveUp(ctx, n, answer)
	}
	if err := l.note(ctx, markTry, n.id, n.round, now, answer, now.Add(pause)); err != nil {
		return err
	}
	return job.Later(pause)
}

func (l *Ledger) note(ctx context.Context, sql string, args ...any) error {
	err := l.DB.Keep(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, sql, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("note how a notice went: %w", err)
	}
	return nil
}

// giveUp ends a round and records the number of tries and the last answer.
func (l *Ledger) giveUp(ctx context.Context, n delivery, answer string) error {
	return l.DB.Update(ctx, actor.ForJob(DeliverJob{}.Kind(), n.id), func(w *db.W) error {
		changed, err := w.Exec(ctx, markGivenUp, n.id, n.round, n.tries, n.tried, answer)
		if err != nil {
			return fmt.Errorf("give up notice: %w", err)
		}
		if changed == 0 {
			return nil // sent again meanwhile
		}
		return w.Record(ctx, audit.Event{
			Kind: EventGivenUp, Subject: client.Ref(n.clientID), Reason: answer,
			After: map[string]any{"notice": n.id, "tries": n.tries},
		})
	})
}

// token signs with the service's algorithm, as its ID tokens are (Back-Channel Logout §2.4).
func (l *Ledger) token(c client.Client, n delivery) (string, error) {
	key, found := l.Keys.For(c.IDTokenAlgorithm)
	if !found {
		return "", fmt.Errorf("no key signs with %q", c.IDTokenAlgorithm)
	}
	return Logout{Issuer: l.Issuer, Client: c.ID, Subject: n.uuid, SID: n.sid}.Token(key, l.Clock.Now())
}

// post sends a logout token and returns the service's answer, or an error if it did not accept the token.
func (l *Ledger) post(ctx context.Context, c client.Client, n delivery) (string, error) {
	token, err := l.token(c, n)
	if err != nil {
		return "", err
	}
	body := url.Values{"logout_token": {token}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.BackchannelLogoutURI, strings.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("post a logout token: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := l.Fetch.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK || res.StatusCode == http.StatusNoContent {
		return "Status " + res.Status, nil
	}
	answer, _ := io.ReadAll(io.LimitReader(res.Body, 300)) // a broken-off answer is good enough for a message
	return "", fmt.Errorf("status %s: %.300q", res.Status, answer)
}
