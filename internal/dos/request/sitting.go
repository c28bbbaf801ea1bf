package request

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/request/invitation"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/random"
	"signpost/internal/platform/session"
)

// Sitting is the work of an asker on their request, in one browser.
type Sitting struct {
	RequestID string
	Confirmed bool   // a code was typed in it that went to the request's address
	Network   string // by which its codes are counted
	Own       bool   // it began by an invitation or a link of the asker's own, which have codes of their own
}

// SittingLasts is how long a sitting lasts.
const SittingLasts = time.Hour

var sittings = session.Flows[Sitting]{Name: "dos.request", Life: SittingLasts}

// ForRequest is the purpose of codes that show that an asker reads the mailbox of their request. Anybody can ask for
// them, for any address, so each network may for a few only, and few are mailed in a day. Whoever was invited, or has a
// link of their own, gets theirs on any day.
var ForRequest = mailcode.Purpose{
	Name: "request", Life: 15 * time.Minute, MaxAsks: 5, MaxWrong: 5,
	MaxOfNetwork: 5, MaxOfNetworkAll: 60, MaxOfDay: 20,
	AskedTooOften: audit.Event{Kind: eventCodeTooOften},
	WrongTry:      audit.Event{Kind: eventCodeWrong},
	ErrAsks: fault.SayCure(fault.TooMany, "Too many codes were asked for, for this address or from your network.",
		"Use the newest code we sent you, or wait 15 minutes and ask again. If others in your building use them up, "+
			"ask from another network, such as your phone’s, or have a DoS user administrator invite you."),
	ErrDay: fault.SayCure(fault.TooMany, "Too many codes were asked for today, for this address.",
		"Open the link in an email that you have from us, ask from another network, such as your phone’s, have a DoS "+
			"user administrator invite you, or come back tomorrow."),
	ErrWrong: fault.OfField("code", "Enter the code from the newest email. Codes sent before it do not work"),
}

// The faults of sittings.
var (
	errSittingOver = fault.SayCure(fault.Expired,
		"Your request was not started in this browser, or was left for more than an hour.",
		"If you had an email that we received your request, open the link in it. If not, start again.")
	errNoRequest = fault.SayCure(fault.NotFound, "There is no such request.", "Go back to the list of requests.")
	errOwnLink   = fault.SayCure(fault.Expired, "This link does not work any more.",
		"Use the link in the newest email about your request. If that is this one, request an account again.")
)

// abandonedAfter is how long a request is kept of which nobody confirmed the address. After Overdue it is marked.
const abandonedAfter = 56 * 24 * time.Hour

// Overdue is how long somebody has to confirm their address before an administrator may end the request.
const Overdue = 28 * 24 * time.Hour

const insertRequest = `INSERT INTO request (id, state, first_name, last_name, email, email_key, phone, organisation,
	profession, region, reason, asked_by, invited_by, own_digest, created_at, ends_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`

// Begin keeps what somebody filled in and mails a code to their address. It gives the cookie of the sitting. Whether
// the address has an account or a request makes no difference that the asker could see (rule R13).
func (q *Requests) Begin(
	ctx context.Context, by actor.Actor, typed Typed, invited invitation.Invitation,
) (string, error) {
	typed, address, err := typed.checked()
	if err != nil {
		return "", err
	}
	key, _ := address.Canonical()
	asked := Request{Typed: typed, ID: random.ID(), EmailKey: key}
	if by.Kind == actor.Person {
		asked.AskedBy = by.ID
	}
	isInvited := SameAddress(invited.Email, typed.Email)
	if isInvited { // an invitation speaks for the address that it was sent to, and for no other
		asked.InvitedBy = invited.InvitedBy
		by.Network = "invitation " + invited.ID // whoever holds it has codes of their own, whatever others do
	}
	return db.Write(ctx, q.DB, by, func(w *db.W) (string, error) {
		if err := regionProblem(ctx, w, typed.Region); err != nil {
			return "", err
		}
		_, err := w.Exec(ctx, insertRequest, asked.ID, string(Unconfirmed), typed.FirstName, typed.LastName,
			typed.Email, key, typed.Phone, typed.Organisation, typed.Profession, typed.Region, typed.Reason,
			asked.AskedBy, asked.InvitedBy, []byte{}, w.Now(), w.Now().Add(abandonedAfter))
		if err != nil {
			return "", fmt.Errorf("begin request: %w", err)
		}
		sitting := Sitting{RequestID: asked.ID, Network: by.Network, Own: isInvited}
		id, secret, err := sittings.Start(ctx, w, sitting)
		if err != nil {
			return "", err
		}
		if err := q.mailCode(ctx, w, asked, sitting, id); err != nil {
			return "", err
		}
		return session.Cookie(id, secret), w.Record(ctx, audit.Event{Kind: eventBegun, Subject: Ref(asked.ID),
			After: typed})
	})
}

// addressRef stands for an address in limits and in events, without telling it.
func (q *Requests) addressRef(key string) audit.Ref {
	return audit.Ref{Kind: "request-address", ID: hex.EncodeToString(q.Post.Digest("request of " + key)[:16])}
}

// mailCode mails the code of a sitting. Where the address has an account, its owner is told with it.
func (q *Requests) mailCode(ctx context.Context, w *db.W, asked Request, sitting Sitting, flow string) error {
	owner, err := account.ByEmail(ctx, w, asked.EmailKey)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return err
	}
	write := func(code string) mail.Message { return codeMail(asked, owner, code) }
	purpose := ForRequest.Within(flow)
	if sitting.Own || !asked.Confirmed.IsZero() {
		purpose.MaxOfDay = 0
	}
	return mailcode.Ask(ctx, w, q.Post, purpose, q.addressRef(asked.EmailKey), write)
}

// SendCodeAgain mails another code of a sitting.
func (q *Requests) SendCodeAgain(ctx context.Context, by actor.Actor, cookie string) error {
	network, err := db.Read(ctx, q.DB, func(r db.R) (string, error) {
		flow, _, err := q.load(ctx, r, cookie)
		return flow.State.Network, err
	})
	if err != nil {
		return err
	}
	by.Network = network
	return q.DB.Update(ctx, by, func(w *db.W) error {
		flow, asked, err := q.load(ctx, w, cookie)
		if err != nil {
			return err
		}
		if err := q.mailCode(ctx, w, asked, flow.State, flow.ID); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventCodeAsked, Subject: Ref(asked.ID)})
	})
}

func (q *Requests) load(ctx context.Context, r db.R, cookie string) (session.Flow[Sitting], Request, error) {
	id, secret := session.Split(cookie)
	flow, err := sittings.Load(ctx, r, id, secret)
	if errors.Is(err, fault.Expired) {
		return flow, Request{}, errSittingOver
	}
	if err != nil {
		return flow, Request{}, err
	}
	asked, err := ByID(ctx, r, flow.State.RequestID)
	if errors.Is(err, fault.NotFound) {
		err = errSittingOver
	}
	return flow, asked, err
}

// confirmed is load for a sitting in which a code was typed.
func (q *Requests) confirmed(ctx context.Context, r db.R, cookie string) (Request, error) {
	flow, asked, err := q.load(ctx, r, cookie)
	if err == nil && !flow.State.Confirmed {
		err = errSittingOver
	}
	return asked, err
}

// Awaiting gives the request of a sitting in which a code is still to be typed, or has been.
func (q *Requests) Awaiting(ctx context.Context, cookie string) (Request, error) {
	return db.Read(ctx, q.DB, func(r db.R) (Request, error) {
		_, asked, err := q.load(ctx, r, cookie)
		return asked, err
	})
}

// Mine gives the request of a sitting in which a code was typed.
func (q *Requests) Mine(ctx context.Context, cookie string) (Request, error) {
	return db.Read(ctx, q.DB, func(r db.R) (Request, error) { return q.confirmed(ctx, r, cookie) })
}

// Confirm takes the code that was mailed in a sitting. The first time it sends the request to the administrators;
// unless the address has an account already, or another request, which the sitting is then about.
func (q *Requests) Confirm(ctx context.Context, by actor.Actor, cookie, code string) error {
	return q.DB.Update(ctx, by, func(w *db.W) error {
		flow, asked, err := q.load(ctx, w, cookie)
		if err != nil {
			return err
		}
		purpose := ForRequest.Within(flow.ID)
		if _, err := mailcode.Use(ctx, w, q.Post, purpose, q.addressRef(asked.EmailKey), code); err != nil {
			return err
		}
		flow.State.Confirmed = true
		if asked.State == Unconfirmed {
			if flow.State.RequestID, err = q.send(ctx, w, asked); err != nil {
				return err
			}
		}
		if err := sittings.Save(ctx, w, &flow); err != nil {
			return fmt.Errorf("confirm request: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventConfirmed, Subject: Ref(flow.State.RequestID)})
	})
}

const (
	selectOther = selectRequest + ` WHERE email_key = $1 AND id <> $2 AND state IN ('open', 'asked', 'set-up')
		ORDER BY created_at LIMIT 1`
	confirmRequest = `UPDATE request SET state = $2, confirmed_at = $3, own_digest = $4, ends_at = NULL
		WHERE id = $1 AND state = 'unconfirmed'`
	replaceOthers = `UPDATE request SET state = 'replaced', ends_at = NULL, decided_at = $3
		WHERE email_key = $1 AND id <> $2 AND state = 'unconfirmed'`
)

// send opens a request whose address was just confirmed, and gives its id, or that of the one which is there already.
func (q *Requests) send(ctx context.Context, w *db.W, asked Request) (id string, err error) {
	other, err := db.One(ctx, w, scanRequest, selectOther, asked.EmailKey, asked.ID)
	if err == nil {
		return other.ID, q.close(ctx, w, asked, Replaced)
	}
	if !errors.Is(err, fault.NotFound) {
		return "", fmt.Errorf("look for another request: %w", err)
	}
	_, err = account.ByEmail(ctx, w, asked.EmailKey)
	if err == nil {
		return asked.ID, q.close(ctx, w, asked, Needless)
	}
	if !errors.Is(err, fault.NotFound) {
		return "", err
	}
	secret := random.Secret()
	if err := w.Change(ctx, confirmRequest, asked.ID, string(Open), w.Now(), random.Digest(secret)); err != nil {
		return "", fmt.Errorf("confirm request: %w", err)
	}
	if _, err := w.Exec(ctx, replaceOthers, asked.EmailKey, asked.ID, w.Now()); err != nil {
		return "", fmt.Errorf("end earlier requests: %w", err)
	}
	return asked.ID, q.Post.Send(ctx, w, receivedMail(asked, q.ownLink(asked.ID, secret)))
}

// close ends a request that nobody has to decide.
func (q *Requests) close(ctx context.Context, w *db.W, asked Request, state State) error {
	const end = `UPDATE request SET state = $2, decided_at = $3, ends_at = NULL WHERE id = $1`
	if err := w.Change(ctx, end, asked.ID, string(state), w.Now()); err != nil {
		return fmt.Errorf("end request: %w", err)
	}
	return nil
}

// OwnPath begins the path of the link by which an asker comes back. The id of the request and a secret follow.
const OwnPath = "/my-request/"

// newLink makes another link of an asker's own. The former one ends.
func (q *Requests) newLink(ctx context.Context, w *db.W, id string) (string, error) {
	secret := random.Secret()
	err := w.Change(ctx, `UPDATE request SET own_digest = $2 WHERE id = $1`, id, random.Digest(secret))
	if err != nil {
		return "", fmt.Errorf("make link of request: %w", err)
	}
	return q.ownLink(id, secret), nil
}

func (q *Requests) ownLink(id, secret string) string { return q.Home + OwnPath + id + "/" + secret }

const selectByOwnLink = selectRequest + ` WHERE id = $1 AND own_digest = $2`

// Own gives the request that an asker's own link is for. It changes nothing, so that whatever follows links in mails
// may follow it.
func (q *Requests) Own(ctx context.Context, id, secret string) (Request, error) {
	return db.Read(ctx, q.DB, func(r db.R) (Request, error) { return own(ctx, r, id, secret) })
}

func own(ctx context.Context, r db.R, id, secret string) (Request, error) {
	asked, err := db.One(ctx, r, scanRequest, selectByOwnLink, id, random.Digest(secret))
	if errors.Is(err, fault.NotFound) {
		return asked, errOwnLink
	}
	return asked, err
}

// Return begins another sitting by an asker's own link, and mails the code that it takes besides: whoever has the link
// alone, from a mail that was passed on, sees and changes nothing.
func (q *Requests) Return(ctx context.Context, by actor.Actor, id, secret string) (cookie string, err error) {
	by.Network = "link of " + id // whoever holds it has codes of their own, whatever others do
	return db.Write(ctx, q.DB, by, func(w *db.W) (string, error) {
		asked, err := own(ctx, w, id, secret)
		if err != nil {
			return "", err
		}
		sitting := Sitting{RequestID: asked.ID, Network: by.Network, Own: true}
		flow, bound, err := sittings.Start(ctx, w, sitting)
		if err != nil {
			return "", err
		}
		if err := q.mailCode(ctx, w, asked, sitting, flow); err != nil {
			return "", err
		}
		return session.Cookie(flow, bound), w.Record(ctx, audit.Event{Kind: eventCodeAsked, Subject: Ref(asked.ID)})
	})
}
