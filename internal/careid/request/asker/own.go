package asker

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"signpost/internal/careid/request"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var (
	errOwnLink = fault.SayCure(fault.Expired, "This link does not work any more.", "Ask your registration authority.")
	errDecided = fault.SayCure(fault.Conflict, "That cannot be done with your request any more.",
		"This page says what became of it.")
)

// OwnPath begins the path of the link by which somebody follows what they asked. The id of the request and a secret
// follow.
const OwnPath = "/my-ask/"

// link gives the link of a request. Its secret is made of the keys of this system and kept nowhere.
func (d *Desk) link(id string) string { return d.Address + OwnPath + id + "/" + d.secret(id) }

func (d *Desk) secret(id string) string {
	return hex.EncodeToString(d.Post.Digest("link of ra-request\n" + id)[:16])
}

// Kept is how long a link leads to a request that is over.
const Kept = 90 * 24 * time.Hour

// Own gives the request that a link leads to. It changes nothing, so that whatever follows links in mails may follow
// it.
func (d *Desk) Own(ctx context.Context, r db.R, id, secret string) (request.Request, error) {
	if subtle.ConstantTimeCompare([]byte(secret), []byte(d.secret(id))) != 1 {
		return request.Request{}, errOwnLink
	}
	q, err := request.ByID(ctx, r, id)
	if errors.Is(err, fault.NotFound) || err == nil && q.State.Over() && !r.Now().Before(q.Decided.Add(Kept)) {
		return q, errOwnLink
	}
	return q, err
}

// Withdraw ends the request of a link.
func (d *Desk) Withdraw(ctx context.Context, by actor.Actor, id, secret string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		q, err := d.Own(ctx, w, id, secret)
		if err != nil {
			return err
		}
		if q.State.Over() {
			return errDecided
		}
		return request.WithdrawFor(ctx, w, q)
	})
}

// SendAgain fixes what was said in the rejected request of a link, and sends it again with its number.
func (d *Desk) SendAgain(ctx context.Context, by actor.Actor, id, secret, text string) error {
	a, err := Answers{Text: text}.checked(Details)
	if err != nil {
		return err
	}
	return d.DB.Update(ctx, by, func(w *db.W) error {
		q, err := d.Own(ctx, w, id, secret)
		if err != nil {
			return err
		}
		if q.State != request.Rejected {
			return errDecided
		}
		return request.SendAgainFor(ctx, w, q, a.Text)
	})
}

// tell mails whoever asked what became of their request.
func (d *Desk) tell(ctx context.Context, j request.Decided) error {
	return d.DB.Update(ctx, actor.ForJob(j.Kind(), j.ID), func(w *db.W) error {
		q, err := request.ByID(ctx, w, j.ID)
		if errors.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil || q.Sent != j.Sent || strings.TrimSpace(q.Subject.Email) == "" {
			return err
		}
		message, is := decidedMail(q, d.link(q.ID))
		if !is {
			return nil
		}
		if err := d.Post.Send(ctx, w, message); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventTold, Subject: request.Ref(q.ID)})
	})
}
