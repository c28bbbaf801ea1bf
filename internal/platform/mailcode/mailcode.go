// Package mailcode mails a code to somebody and takes it back once, which shows that they read the mailbox.
//
// Whoever mails codes declares a Purpose: how long a code lives, how many may be asked for and mistyped, and
// what is said of each refusal. A code belongs to the flow of one browser, and so do the tries at it: whoever else
// asks for a code of the same subject has their own, and neither uses up what the other needs. The package keeps a
// keyed digest of the code, never the code, and does not know what the mailbox is proved for.
package mailcode

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
)

// Purpose says what codes are mailed for. A code for one purpose is worth nothing for another.
type Purpose struct {
	Name string // in the database
	Life time.Duration

	MaxAsks  int64 // codes one after another in one flow, after which the last must end first; 0 for no limit
	MaxWrong int64 // wrong tries in one flow, after which its code does not work

	// Codes that one network may ask for in all flows, for one subject and for all, while the codes before are not
	// over; 0 for no limit.
	MaxOfNetwork    int64
	MaxOfNetworkAll int64

	// Codes that are mailed for one subject in a day, from whatever networks they are asked for; 0 for no limit. Beyond
	// it each network gets three, so that strangers keep nobody out (see day.go).
	MaxOfDay int64

	// Events of refusals, to which the subject is added. Wrong tries are also counted by theirs.
	AskedTooOften audit.Event
	WrongTry      audit.Event

	ErrAsks  error // too many codes were asked for
	ErrDay   error // too many were on this day
	ErrOver  error // there is no code, or no longer; which of those is said unless it is given
	ErrWrong error // it is another code

	flow string
}

// Nobody is the subject of codes that somebody asked for by a name that stands for nobody. The key tells such names
// apart; no event says of them.
func Nobody(key string) audit.Ref { return audit.Ref{ID: key} }

func isNobody(subject audit.Ref) bool { return subject.Kind == "" }

// ErrRepeated answers a code that did its work already, most often for a second click.
var ErrRepeated = errUsed

// The faults of codes that do not work any more, unless a purpose has its own.
var (
	errUsed = fault.Keyed("code-used", fault.SayOfField("code", fault.Expired,
		"This code has been used. Send another code if you still need one"))
	errExpired = fault.Keyed("code-expired", fault.SayOfField("code", fault.Expired,
		"This code has expired. Send another code"))
	errTooWrong = fault.Keyed("code-tries", fault.SayOfField("code", fault.Expired,
		"Wrong codes were entered too many times, so no code works any more. Send another code"))
	errEarlier = fault.Keyed("code-earlier", fault.SayOfField("code", fault.Invalid,
		"This is an older code. Enter the code from the newest email, or send another code"))
)

// over gives the purpose's own fault of a code that does not work any more, or the usual one.
func (p Purpose) over(usual error) error {
	if p.ErrOver != nil {
		return p.ErrOver
	}
	return usual
}

// Within is the purpose in the flow of one browser, to which a code belongs.
func (p Purpose) Within(flow string) Purpose {
	p.flow = flow
	return p
}

const putCode = `INSERT INTO mailed_code
	(purpose, subject, flow, address, digest, ends_at, asks, asked, wrong, network, earlier)
	VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 0, $8, $9)
	ON CONFLICT (purpose, subject, flow) DO UPDATE
	SET address = $4, digest = $5, ends_at = $6, asks = $7, asked = mailed_code.asked + 1, wrong = 0, tried = NULL,
		network = $8, used_at = NULL, earlier = $9`

// Ask makes a code for a subject, in place of any before it in the flow, and mails what write makes of it, in two
// groups as people copy it. It is a part of an Update; too many codes are refused with an event, and those that were
// mailed still work.
func Ask(
	ctx context.Context, w *db.W, post *mail.Post, p Purpose, subject audit.Ref, write func(code string) mail.Message,
) error {
	code := random.Code()
	message := write(random.Grouped(code))
	if err := put(ctx, w, post, p, subject, message.To, code); err != nil {
		return err
	}
	return post.Send(ctx, w, message)
}

// Pretend keeps a code that is mailed to nobody: whoever named a mailbox that is not the subject's sees the
// same as others, and no code they type is right.
func Pretend(ctx context.Context, w *db.W, post *mail.Post, p Purpose, subject audit.Ref) error {
	return put(ctx, w, post, p, subject, "", random.Code())
}

func put(ctx context.Context, w *db.W, post *mail.Post, p Purpose, subject audit.Ref, address, code string) error {
	if p.flow == "" {
		return fmt.Errorf("a %s code that belongs to no flow", p.Name)
	}
	last, err := newest(ctx, w, p, subject)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return err
	}
	network := networkOf(w, post)
	often, err := p.tooOften(ctx, w, subject, last.asks, network)
	if err != nil {
		return err
	}
	if often {
		return p.refuseAsk(ctx, w, subject)
	}
	if err := p.dayProblem(ctx, w, subject, network); err != nil {
		return err
	}
	digest := p.digest(post, subject, code)
	ends := w.Now().Add(p.Life)
	_, err = w.Exec(ctx, putCode, p.Name, subject.ID, p.flow, address, digest, ends, last.asks+1, network,
		slices.Concat(last.earlier, last.digest))
	if err != nil {
		return fmt.Errorf("keep %s code: %w", p.Name, err)
	}
	return nil
}

const countAsks = `SELECT CAST(COALESCE(SUM(asks), 0) AS BIGINT) FROM mailed_code
	WHERE purpose = $1 AND network = $2 AND ends_at > $3`

// tooOften reports whether no more codes are made: in this flow, for the subject in all flows of the network that asks,
// or for whomever from there.
func (p Purpose) tooOften(ctx context.Context, r db.R, subject audit.Ref, asks int64, network string) (bool, error) {
	if p.MaxAsks > 0 && asks >= p.MaxAsks {
		return true, nil
	}
	if network == "" {
		return false, nil
	}
	if p.MaxOfNetwork > 0 {
		n, err := db.Value[int64](ctx, r, countAsks+` AND subject = $4`, p.Name, network, r.Now(), subject.ID)
		if err != nil || n >= p.MaxOfNetwork {
			return true, err
		}
	}
	if p.MaxOfNetworkAll == 0 {
		return false, nil
	}
	n, err := db.Value[int64](ctx, r, countAsks, p.Name, network, r.Now())
	return n >= p.MaxOfNetworkAll, err
}

// refuseAsk refuses one more code, with one event while the codes before live: strangers may ask for ever.
func (p Purpose) refuseAsk(ctx context.Context, w *db.W, subject audit.Ref) error {
	before, err := db.Counted(ctx, w, p.AskedTooOften.Kind, subject.ID)
	if err != nil {
		return err
	}
	if isNobody(subject) || before.N > 0 && w.Now().Before(before.Last.Add(p.Life)) {
		return p.ErrAsks
	}
	return refuse(ctx, w, subject, p.AskedTooOften, p.ErrAsks, func(context.Context) error { return nil })
}

// networkOf names the network that asks, by a keyed digest.
func networkOf(w *db.W, post *mail.Post) string {
	if w.Actor().Network == "" {
		return ""
	}
	return hex.EncodeToString(post.Digest("network of mailed codes\n" + w.Actor().Network)[:16])
}

// refuse refuses what somebody does about a subject with an event, and about nobody without one. What leave does
// stands.
func refuse(ctx context.Context, w *db.W, subject audit.Ref, e audit.Event, problem error,
	leave func(ctx context.Context) error) error {
	e.Subject = subject
	return w.RefuseLeaving(ctx, problem, func(ctx context.Context) error {
		if err := leave(ctx); err != nil || isNobody(subject) {
			return err
		}
		if err := w.RecordRefusal(ctx, e); err != nil {
			return err
		}
		return w.CountRefusal(ctx, e)
	})
}

// digest is made of the code as a person types it: case, spaces and hyphens do not count.
func (p Purpose) digest(post *mail.Post, subject audit.Ref, code string) []byte {
	parts := []string{"mailed code", p.Name, subject.Kind, subject.ID, p.flow, random.Ungrouped(code)}
	return post.Digest(strings.Join(parts, "\n"))
}
