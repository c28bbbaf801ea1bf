package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

// Notice is the job that tells one service that a session has ended (back-channel logout).
type Notice struct{ NoticeID string }

// Kind names the job.
func (Notice) Kind() string { return "provider.notice" }

// SweepJob is the periodic job that clears away codes, tokens and notes that are over.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "provider.sweep" }

// sweepEvery is how often what is over is cleared away.
const sweepEvery = 10 * time.Minute

// Work registers the provider's workers: notices to services, the end of sign-ins whose identity or
// authenticator ended, and the sweep.
func (p *Provider) Work(ws *job.Workers) {
	job.Work(ws, p.deliver)
	job.Work(ws, func(ctx context.Context, j identity.Ended) error {
		return p.EndAll(ctx, actor.ForJob(j.Kind(), j.UUID), j.UUID, "the care identity is not active any more")
	})
	job.Work(ws, func(ctx context.Context, j authenticator.Ended) error {
		proved := func(s Session) bool { return s.State.Proven.AuthenticatorID == j.AuthenticatorID }
		return p.endWhere(ctx, actor.ForJob(j.Kind(), j.AuthenticatorID), j.UUID, "the authenticator may not be used any more", proved)
	})
	job.Work(ws, func(ctx context.Context, _ SweepJob) error { return p.sweep(ctx) })
	job.Every(ws, sweepEvery, SweepJob{})
}

const insertNotice = `INSERT INTO provider_notice (id, client_id, sid, uuid, made_at, tries, last_error) VALUES ($1, $2, $3, $4, $5, 0, '')`

const selectVisits = `SELECT v.client_id FROM provider_visit v JOIN provider_client c ON c.client_id = v.client_id
	WHERE v.sid = $1 AND c.backchannel_logout_uri <> '' ORDER BY v.client_id`

// notifyAll leaves a notice for each service that a session signed in to and that wants one.
func (p *Provider) notifyAll(ctx context.Context, w *db.W, s Session) error {
	clients, err := db.All(ctx, w, db.Column[string], selectVisits, s.SID)
	if err != nil {
		return fmt.Errorf("list services to tell: %w", err)
	}
	for _, client := range clients {
		id := random.ID()
		if _, err := w.Exec(ctx, insertNotice, id, client, s.SID, s.Subject, w.Now()); err != nil {
			return fmt.Errorf("leave notice: %w", err)
		}
		if err := w.Enqueue(ctx, Notice{NoticeID: id}); err != nil {
			return err
		}
	}
	if _, err := w.Exec(ctx, `DELETE FROM provider_visit WHERE sid = $1`, s.SID); err != nil {
		return fmt.Errorf("forget services signed in to: %w", err)
	}
	return nil
}

type notice struct{ id, clientID, sid, uuid string }

const selectNotice = `SELECT id, client_id, sid, uuid FROM provider_notice WHERE id = $1 AND delivered_at IS NULL`

// deliver tells one service. If it does not answer well, the job is tried again later.
func (p *Provider) deliver(ctx context.Context, j Notice) error {
	var n notice
	var c Client
	err := p.o.DB.View(ctx, func(r db.R) (err error) {
		n, err = db.One(ctx, r, func(scan db.Scanner) (n notice, err error) {
			err = scan(&n.id, &n.clientID, &n.sid, &n.uuid)
			return n, err
		}, selectNotice, j.NoticeID)
		if err != nil {
			return err
		}
		c, err = ClientByID(ctx, r, n.clientID)
		return err
	})
	if errors.Is(err, fault.NotFound) || err == nil && c.BackchannelLogoutURI == "" {
		return nil // told already, or there is nobody to tell any more
	}
	if err != nil {
		return fmt.Errorf("read notice: %w", err)
	}
	told := p.tell(ctx, c, n)
	return errors.Join(told, p.note(ctx, n.id, told))
}

// note keeps how the try went, for whoever looks after the client.
func (p *Provider) note(ctx context.Context, id string, told error) error {
	said, at := "", p.o.Clock.Now()
	if told != nil {
		said, at = fmt.Sprintf("%.500s", strings.ToValidUTF8(told.Error(), "?")), time.Time{}
	}
	return p.o.DB.Keep(ctx, func(k *db.K) error {
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

func (p *Provider) tell(ctx context.Context, c Client, n notice) error {
	key, _ := p.keys.current()
	now := p.o.Clock.Now()
	token, err := jwt.Sign(key, "logout+jwt", logoutClaims{
		Issuer: p.o.Issuer, Audience: c.ID, Subject: n.uuid, SID: n.sid, IssuedAt: unix(now), Expires: unix(now.Add(noticeLife)), ID: random.ID(),
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
	res, err := p.o.Fetch.Do(req)
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

// Notices lists the newest notices to a client.
func Notices(ctx context.Context, r db.R, clientID string, limit int) ([]Told, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (t Told, err error) {
		err = scan(&t.SID, db.At(&t.Made), db.At(&t.Delivered), &t.Tries, &t.LastError)
		return t, err
	}, `SELECT sid, made_at, delivered_at, tries, last_error FROM provider_notice WHERE client_id = $1 ORDER BY made_at DESC, id DESC LIMIT $2`, clientID, limit)
	if err != nil {
		return nil, fmt.Errorf("list notices: %w", err)
	}
	return list, nil
}

// keepOver is how long codes and tokens stand after their end, so that a replay is still known for one.
const keepOver = time.Hour

func (p *Provider) sweep(ctx context.Context) error {
	err := p.o.DB.Keep(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, `DELETE FROM provider_jti WHERE ends_at <= $1`, k.Now())
		return err
	})
	if err != nil {
		return fmt.Errorf("sweep assertions: %w", err)
	}
	return p.o.DB.Update(ctx, actor.ForJob("provider.sweep", ""), func(w *db.W) error {
		swept := map[string]int64{}
		for what, sql := range map[string]string{
			"codes": `DELETE FROM provider_code WHERE ends_at <= $1`, "tokens": `DELETE FROM provider_token WHERE ends_at <= $1`,
		} {
			n, err := w.Exec(ctx, sql, w.Now().Add(-keepOver))
			if err != nil {
				return fmt.Errorf("sweep %s: %w", what, err)
			}
			swept[what] = n
		}
		n, err := w.Exec(ctx, `DELETE FROM provider_visit WHERE at <= $1`, w.Now().Add(-ssoMost))
		if err != nil {
			return fmt.Errorf("sweep visits: %w", err)
		}
		swept["visits"] = n
		return w.Record(ctx, audit.Event{Kind: "provider.swept", After: swept})
	})
}
