// Package backchannel tells services that a sign-in has ended (OpenID Connect Back-Channel Logout 1.0)
// and keeps a ledger of whom it told, how often it tried, and what they answered.
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
	"signpost/internal/careid/provider/key"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/job"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

// Notice is the job that tells one service that a session has ended (back-channel logout).
type Notice struct{ NoticeID string }

// Kind names the job.
func (Notice) Kind() string { return "provider.notice" }

// Ledger is every notice to a service, given or still to give.
type Ledger struct {
	Issuer string
	DB     *db.DB
	Keys   *key.Ring
	Fetch  *fetch.Client
	Clock  clock.Clock
}

// Work registers the worker that gives notices.
func (l *Ledger) Work(ws *job.Workers) { job.Work(ws, l.deliver) }

const insertVisit = `INSERT INTO provider_visit (sid, client_id, uuid, at) VALUES ($1, $2, $3, $4) ON CONFLICT (sid, client_id) DO UPDATE SET at = $4`

// Visit notes that a session signed in to a service, as a part of an Update.
func Visit(ctx context.Context, w *db.W, sid, clientID, uuid string) error {
	if _, err := w.Exec(ctx, insertVisit, sid, clientID, uuid, w.Now()); err != nil {
		return fmt.Errorf("note service signed in to: %w", err)
	}
	return nil
}

// Visited lists the services that a session signed in to, in the order it did.
func Visited(ctx context.Context, r db.R, sid string) ([]client.Client, error) {
	ids, err := db.All(ctx, r, db.Column[string], `SELECT client_id FROM provider_visit WHERE sid = $1 ORDER BY at, client_id`, sid)
	if err != nil {
		return nil, fmt.Errorf("list services signed in to: %w", err)
	}
	var list []client.Client
	for _, id := range ids {
		c, err := client.ByID(ctx, r, id)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// Sweep forgets the visits before a time, as a part of an Update.
func Sweep(ctx context.Context, w *db.W, before time.Time) (int64, error) {
	n, err := w.Exec(ctx, `DELETE FROM provider_visit WHERE at <= $1`, before)
	if err != nil {
		return 0, fmt.Errorf("sweep visits: %w", err)
	}
	return n, nil
}

const insertNotice = `INSERT INTO provider_notice (id, client_id, sid, uuid, made_at, tries, last_error) VALUES ($1, $2, $3, $4, $5, 0, '')`

// Leave leaves a notice for each service that a session signed in to and that wants one, as a part of the
// Update that ends the session.
func Leave(ctx context.Context, w *db.W, sid, uuid string) error {
	clients, err := Visited(ctx, w, sid)
	if err != nil {
		return err
	}
	for _, c := range clients {
		if c.BackchannelLogoutURI == "" {
			continue
		}
		if err := leaveOne(ctx, w, c.ID, sid, uuid); err != nil {
			return err
		}
	}
	if _, err := w.Exec(ctx, `DELETE FROM provider_visit WHERE sid = $1`, sid); err != nil {
		return fmt.Errorf("forget services signed in to: %w", err)
	}
	return nil
}

func leaveOne(ctx context.Context, w *db.W, clientID, sid, uuid string) error {
	id := random.ID()
	if _, err := w.Exec(ctx, insertNotice, id, clientID, sid, uuid, w.Now()); err != nil {
		return fmt.Errorf("leave notice: %w", err)
	}
	return w.Enqueue(ctx, Notice{NoticeID: id})
}

type notice struct{ id, clientID, sid, uuid string }

const selectNotice = `SELECT id, client_id, sid, uuid FROM provider_notice WHERE id = $1 AND delivered_at IS NULL`

// deliver tells one service. If it does not answer well, the job is tried again later.
func (l *Ledger) deliver(ctx context.Context, j Notice) error {
	var n notice
	var c client.Client
	err := l.DB.View(ctx, func(r db.R) (err error) {
		n, err = db.One(ctx, r, func(scan db.Scanner) (n notice, err error) {
			err = scan(&n.id, &n.clientID, &n.sid, &n.uuid)
			return n, err
		}, selectNotice, j.NoticeID)
		if err != nil {
			return err
		}
		c, err = client.ByID(ctx, r, n.clientID)
		return err
	})
	if errors.Is(err, fault.NotFound) || err == nil && c.BackchannelLogoutURI == "" {
		return nil // told already, or there is nobody to tell any more
	}
	if err != nil {
		return fmt.Errorf("read notice: %w", err)
	}
	told := l.tell(ctx, c, n)
	return errors.Join(told, l.note(ctx, n.id, told))
}

// note keeps how the try went, for whoever looks after the client.
func (l *Ledger) note(ctx context.Context, id string, told error) error {
	said, at := "", l.Clock.Now()
	if told != nil {
		said, at = fmt.Sprintf("%.500s", strings.ToValidUTF8(told.Error(), "?")), time.Time{}
	}
	return l.DB.Keep(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, `UPDATE provider_notice SET tries = tries + 1, last_error = $2, delivered_at = $3 WHERE id = $1`, id, said, at)
		return err
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

func (l *Ledger) tell(ctx context.Context, c client.Client, n notice) error {
	key, _ := l.Keys.Current()
	now := l.Clock.Now()
	token, err := jwt.Sign(key, "logout+jwt", logoutClaims{
		Issuer: l.Issuer, Audience: c.ID, Subject: n.uuid, SID: n.sid, IssuedAt: now.Unix(), Expires: now.Add(noticeLife).Unix(), ID: random.ID(),
		Events: map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	})
	if err != nil {
		return err
	}
	body := url.Values{"logout_token": {token}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.BackchannelLogoutURI, strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("tell %s of a sign-out: %w", c.ID, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := l.Fetch.Do(req)
	if err != nil {
		return fmt.Errorf("tell %s of a sign-out: %w", c.ID, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusNoContent {
		said, _ := io.ReadAll(io.LimitReader(res.Body, 300))
		return fmt.Errorf("tell %s of a sign-out: it answered %d: %.300q", c.ID, res.StatusCode, said)
	}
	return nil
}

// Told is one notice to a client, for whoever looks after the client.
type Told struct {
	SID       string
	Made      time.Time
	Delivered time.Time // zero while it is not
	Tries     int64
	LastError string
}

// Of lists the newest notices to a client.
func Of(ctx context.Context, r db.R, clientID string, limit int) ([]Told, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (t Told, err error) {
		err = scan(&t.SID, db.At(&t.Made), db.At(&t.Delivered), &t.Tries, &t.LastError)
		return t, err
	}, `SELECT sid, made_at, delivered_at, tries, last_error FROM provider_notice WHERE client_id = $1 ORDER BY made_at DESC, id DESC LIMIT $2`, clientID, limit)
	if err != nil {
		return nil, fmt.Errorf("list notices: %w", err)
	}
	return list, nil
}
