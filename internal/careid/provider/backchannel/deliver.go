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
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

// Pauses are what a service is given to recover, try after try; the last one again and again.
var Pauses = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour}

// GiveUp is when trying ends, counted from the beginning of a round.
const GiveUp = 24 * time.Hour

type notice struct {
	id, clientID, sid, uuid string
	round                   int64
	began                   time.Time // the round
	tries                   int64     // in this round
	tried                   time.Time // last, in whichever round
}

// stillWaits holds while nobody has sent the notice again: that begins a new round, on which the old one has no say.
const stillWaits = ` WHERE id = $1 AND round = $2 AND state = 'waiting'`

const selectNotice = `SELECT id, client_id, sid, uuid, round, round_at, tries, tried_at
	FROM provider_notice` + stillWaits

// deliver tells one service. If it does not answer well, the job comes back later.
func (l *Ledger) deliver(ctx context.Context, j Notice) error {
	n, c, err := l.read(ctx, j)
	if errors.Is(err, fault.NotFound) {
		return nil // told already, given up, or sent again in another round
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
	answer, told := l.timed(ctx, place, c, n)
	switch {
	case told:
		return l.told(ctx, n, answer)
	case ctx.Err() != nil:
		return ctx.Err() // this program ends; the try says nothing about the service
	}
	return l.failed(ctx, n, answer)
}

func (l *Ledger) read(ctx context.Context, j Notice) (n notice, c client.Client, err error) {
	err = l.DB.View(ctx, func(r db.R) error {
		n, err = db.One(ctx, r, func(scan db.Scanner) (n notice, err error) {
			err = scan(&n.id, &n.clientID, &n.sid, &n.uuid, &n.round, db.At(&n.began), &n.tries, db.At(&n.tried))
			return n, err
		}, selectNotice, j.NoticeID, j.Round)
		if err != nil {
			return err
		}
		c, err = client.ByID(ctx, r, n.clientID)
		return err
	})
	return n, c, err
}

// timed tells a service with the patience that it has earned.
func (l *Ledger) timed(ctx context.Context, p place, c client.Client, n notice) (answer string, told bool) {
	began := l.Clock.Now()
	ctx, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	answer, err := l.tell(ctx, c, n)
	took := l.Clock.Now().Sub(began)
	if errors.Is(err, context.DeadlineExceeded) {
		answer, took = fmt.Sprintf("No answer within %d seconds.", p.patience/time.Second), max(took, p.patience)
	} else if err != nil {
		answer = err.Error()
	}
	l.lanes.leave(p, took)
	return client.Plain(answer), err == nil
}

const (
	noteTold = `UPDATE provider_notice SET state = 'told', tries = tries + 1, tried_at = $3, answer = $4,
	next_at = NULL` + stillWaits
	noteTry  = `UPDATE provider_notice SET tries = tries + 1, tried_at = $3, answer = $4, next_at = $5` + stillWaits
	noteWait = `UPDATE provider_notice SET next_at = $3` + stillWaits
	noteOver = `UPDATE provider_notice SET state = 'given up', tries = $3, tried_at = $4, answer = $5,
	next_at = NULL` + stillWaits
)

func (l *Ledger) told(ctx context.Context, n notice, answer string) error {
	return l.note(ctx, noteTold, n.id, n.round, l.Clock.Now(), answer)
}

// wait puts a notice off while its service's lane is full.
func (l *Ledger) wait(ctx context.Context, n notice, away time.Duration) error {
	if err := l.note(ctx, noteWait, n.id, n.round, l.Clock.Now().Add(away)); err != nil {
		return err
	}
	return job.Later(away)
}

// failed puts the next try off, or gives up where that would come too late.
func (l *Ledger) failed(ctx context.Context, n notice, answer string) error {
	pauses := l.Pauses
	if pauses == nil {
		pauses = Pauses
	}
	now, pause := l.Clock.Now(), pauses[min(int(n.tries), len(pauses)-1)]
	if now.Add(pause).After(n.began.Add(GiveUp)) {
		n.tries, n.tried = n.tries+1, now
		return l.giveUp(ctx, n, answer)
	}
	if err := l.note(ctx, noteTry, n.id, n.round, now, answer, now.Add(pause)); err != nil {
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

// giveUp ends a round after the tries that the notice says it had.
func (l *Ledger) giveUp(ctx context.Context, n notice, answer string) error {
	return l.DB.Update(ctx, actor.ForJob(Notice{}.Kind(), n.id), func(w *db.W) error {
		given, err := w.Exec(ctx, noteOver, n.id, n.round, n.tries, n.tried, answer)
		if err != nil {
			return fmt.Errorf("give up notice: %w", err)
		}
		if given == 0 {
			return nil // sent again meanwhile
		}
		return w.Record(ctx, audit.Event{
			Kind: EventGivenUp, Subject: client.Ref(n.clientID), Reason: answer,
			After: map[string]any{"notice": n.id, "tries": n.tries},
		})
	})
}

// noticeLife is how long a logout token may be used.
const noticeLife = 2 * time.Minute

type logoutClaims struct {
	Issuer   string         `json:"iss"`
	Audience string         `json:"aud"`
	Subject  string         `json:"sub"`
	SID      string         `json:"sid"`
	IssuedAt int64          `json:"iat"`
	Expires  int64          `json:"exp"`
	ID       string         `json:"jti"`
	Events   map[string]any `json:"events"`
}

func (l *Ledger) token(c client.Client, n notice) (string, error) {
	key, there := l.Keys.For(c.IDTokenAlgorithm) // as its ID tokens (Back-Channel Logout §2.4)
	if !there {
		return "", fmt.Errorf("there is no key for %q", c.IDTokenAlgorithm)
	}
	now := l.Clock.Now()
	return jwt.Sign(key, jwt.TypeLogout, logoutClaims{
		Issuer: l.Issuer, Audience: c.ID, Subject: n.uuid, SID: n.sid, IssuedAt: now.Unix(), Expires: now.Add(noticeLife).Unix(), ID: random.ID(),
		Events: map[string]any{jwt.LogoutEvent: map[string]any{}},
	})
}

// tell posts a logout token and gives what the service answered; an error if that was not well.
func (l *Ledger) tell(ctx context.Context, c client.Client, n notice) (string, error) {
	token, err := l.token(c, n)
	if err != nil {
		return "", err
	}
	body := url.Values{"logout_token": {token}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.BackchannelLogoutURI, strings.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("tell of a sign-out: %w", err)
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
	said, _ := io.ReadAll(io.LimitReader(res.Body, 300)) // what came before it broke off will do
	return "", fmt.Errorf("status %s: %.300q", res.Status, said)
}
