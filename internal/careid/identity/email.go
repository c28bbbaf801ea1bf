package identity

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
)

// A code for a new address lives this long and may be mistyped this often. So many may be asked for one
// after another; then the last must end first, so that nobody can be sent mail without end.
const (
	codeLife  = 15 * time.Minute
	mostTries = 5
	mostAsks  = 5
)

// wrongCode is the refusal that is counted for each identity.
const wrongCode audit.Kind = "identity.email-code-wrong"

const keepCode = `INSERT INTO identity_email_code (uuid, email, email_canonical, code_digest, made_at, ends_at, asks) VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (uuid) DO UPDATE SET email = $2, email_canonical = $3, code_digest = $4, made_at = $5, ends_at = $6, asks = $7`

var errAsks = fault.SayCure(fault.TooMany, "You asked for too many codes.", "Use the newest code we sent you, or wait 15 minutes and ask again.")

// AskEmail mails a code to a new address of an identity. Nothing changes until the code is typed back.
func AskEmail(ctx context.Context, d *db.DB, who actor.Actor, post *mail.Post, uuid, to string) error {
	address, err := email.Parse(to)
	if err != nil {
		return err
	}
	canonical, _ := address.Canonical()
	code := random.Code()
	return d.Update(ctx, who, func(w *db.W) error {
		if _, err := ByUUID(ctx, w, uuid); err != nil {
			return err
		}
		last, err := askedOf(ctx, w, uuid)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
		if last.asks >= mostAsks {
			return w.Refuse(ctx, audit.Event{Kind: eventEmailAskedTooOften, Subject: Ref(uuid)}, errAsks)
		}
		_, err = w.Exec(ctx, keepCode, uuid, address.String(), canonical, codeDigest(uuid, code), w.Now(), w.Now().Add(codeLife), last.asks+1)
		if err != nil {
			return fmt.Errorf("keep email code: %w", err)
		}
		if err := db.ClearCount(ctx, w, wrongCode, uuid); err != nil {
			return err
		}
		if err := post.Send(ctx, w, codeMail(address.String(), code)); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventEmailAsked, Subject: Ref(uuid), After: address.String()})
	})
}

// asked is a change of address for which a code was mailed.
type asked struct {
	email, canonical string
	digest           []byte // empty once the code is spent; its row stays until it ends, for the count
	ends             time.Time
	asks             int64 // how many codes were asked for one after another, this the last
}

// AskedEmail gives the address that waits for its code, or fault.NotFound.
func AskedEmail(ctx context.Context, r db.R, uuid string) (string, error) {
	a, err := waitingOf(ctx, r, uuid)
	return a.email, err
}

// waitingOf is what was asked if its code can still be typed, or fault.NotFound.
func waitingOf(ctx context.Context, r db.R, uuid string) (asked, error) {
	a, err := askedOf(ctx, r, uuid)
	if err == nil && len(a.digest) == 0 {
		return asked{}, fault.NotFound
	}
	return a, err
}

func askedOf(ctx context.Context, r db.R, uuid string) (asked, error) {
	a, err := db.One(ctx, r, func(scan db.Scanner) (a asked, err error) {
		err = scan(&a.email, &a.canonical, &a.digest, db.At(&a.ends), &a.asks)
		return a, err
	}, `SELECT email, email_canonical, code_digest, ends_at, asks FROM identity_email_code WHERE uuid = $1`, uuid)
	if err != nil {
		return a, fmt.Errorf("read email code: %w", err)
	}
	if !r.Now().Before(a.ends) {
		return asked{}, fault.NotFound
	}
	return a, nil
}

var (
	errNoCode    = fault.SayCure(fault.Expired, "The code has expired or has been used.", "Enter your new email address again to get another code.")
	errWrongCode = fault.OfField("code", "Enter the code from the email. Check the newest one, codes sent before it do not work")
)

// ConfirmEmail makes the address that waits the identity's own, verified now, if the code is the one that
// was mailed. Both addresses are told.
func ConfirmEmail(ctx context.Context, d *db.DB, who actor.Actor, post *mail.Post, uuid, code string) error {
	return d.Update(ctx, who, func(w *db.W) error {
		a, err := waitingOf(ctx, w, uuid)
		if errors.Is(err, fault.NotFound) {
			return errNoCode
		}
		if err != nil {
			return err
		}
		if err := checkCode(ctx, w, uuid, a, code); err != nil {
			return err
		}
		return setEmail(ctx, w, post, uuid, a)
	})
}

func checkCode(ctx context.Context, w *db.W, uuid string, a asked, code string) error {
	tries, err := db.Counted(ctx, w, wrongCode, uuid)
	if err != nil {
		return err
	}
	refused := audit.Event{Kind: wrongCode, Subject: Ref(uuid)}
	if tries.N >= mostTries {
		return w.Refuse(ctx, refused, errNoCode)
	}
	if string(codeDigest(uuid, code)) != string(a.digest) {
		return w.Refuse(ctx, refused, errWrongCode)
	}
	return db.ClearCount(ctx, w, wrongCode, uuid)
}

const updateEmail = `UPDATE identity SET email = $2, email_canonical = $3, email_since = $4, email_verified_at = $4, email_verified_how = $5 WHERE uuid = $1`

func setEmail(ctx context.Context, w *db.W, post *mail.Post, uuid string, a asked) error {
	before, err := ByUUID(ctx, w, uuid)
	if err != nil {
		return err
	}
	if err := w.Change(ctx, updateEmail, uuid, a.email, a.canonical, w.Now(), "code mailed and typed back"); err != nil {
		return fmt.Errorf("change email: %w", err)
	}
	if _, err := w.Exec(ctx, `UPDATE identity_email_code SET code_digest = $2 WHERE uuid = $1`, uuid, []byte{}); err != nil {
		return fmt.Errorf("use email code: %w", err)
	}
	for _, to := range toldOf(before.Email, a.email) {
		if err := post.Send(ctx, w, changedMail(to, a.email)); err != nil {
			return err
		}
	}
	return w.Record(ctx, audit.Event{Kind: eventEmailChanged, Subject: Ref(uuid), Before: before.Email, After: a.email})
}

// toldOf lists the addresses that hear of a change, each once.
func toldOf(before, after string) []string {
	if before == "" || before == after {
		return []string{after}
	}
	return []string{before, after}
}

// codeDigest is made of the code as a person types it: case, spaces and hyphens do not count.
func codeDigest(uuid, code string) []byte {
	plain := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
	sum := sha256.Sum256([]byte(uuid + " " + plain))
	return sum[:]
}

func codeMail(to, code string) mail.Message {
	return mail.Message{Kind: "identity.email-code", To: to, Subject: "Your Care Identity code", Text: "Your code is " + code + "\n\n" +
		"Type it on the page where you asked to change your email address. It works once, for 15 minutes.\n\n" +
		"If you did not ask for it, ignore this email: nothing changes.\n"}
}

func changedMail(to, now string) mail.Message {
	return mail.Message{Kind: "identity.email-changed", To: to, Subject: "Your Care Identity email address was changed", Text: "The email address of your Care Identity is now " + now + ".\n\n" +
		"If you did not change it, contact your registration authority at once.\n"}
}
