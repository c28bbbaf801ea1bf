// Package totp is the authenticator app: an email address with a password, then a code of six digits
// that the app makes anew every 30 seconds (RFC 6238, SHA-1, as every app has it).
//
// It shows no pages.
package totp

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"signpost/internal/careid/authenticator"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/password"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

const (
	period      = 30 * time.Second
	skew        = 1  // steps by which the phone's clock may differ either way
	secretBytes = 20 // RFC 4226 §4 recommends 160 bits
)

// Keeper binds and proves authenticator apps.
type Keeper struct {
	Hasher *password.Hasher
	Box    *seal.Box
}

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewSecret makes a secret for an app, as text to type.
func NewSecret() string { return encoding.EncodeToString(random.Bytes(secretBytes)) }

// URL is what an app reads from the QR code.
func URL(issuer, account, secret string) string {
	label := url.PathEscape(issuer + ":" + account)
	return "otpauth://totp/" + label + "?" + url.Values{"secret": {secret}, "issuer": {issuer}}.Encode()
}

// CodeAt is the code that an app with the secret shows at a time.
func CodeAt(secret string, at time.Time) (string, error) { return code(secret, stepOf(at)) }

func stepOf(at time.Time) int64 { return at.Unix() / int64(period/time.Second) }

func code(secret string, step int64) (string, error) {
	if step < 0 {
		return "", errors.New("a code before 1970")
	}
	options := hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}
	c, err := hotp.GenerateCodeCustom(secret, uint64(step), options)
	if err != nil {
		return "", fmt.Errorf("make code: %w", err)
	}
	return c, nil
}

// Match gives the step whose code was typed, if that is near now and later than the last one used.
func Match(secret, typed string, now time.Time, last int64) (step int64, ok bool) {
	typed = strings.ReplaceAll(strings.TrimSpace(typed), " ", "")
	for s := stepOf(now) - skew; s <= stepOf(now)+skew; s++ {
		c, err := code(secret, s)
		if err == nil && s > last && subtle.ConstantTimeCompare([]byte(c), []byte(typed)) == 1 {
			step = s
			ok = true
		}
	}
	return step, ok
}

// One sentence for every reason: somebody who guesses must not learn who has an account, or whether it
// is locked.
var errPassword = fault.Keyed("app-password", fault.SayCure(fault.Unauthenticated,
	"Your email address or password is not right, or there were too many tries",
	"Try again, or use another authenticator. If you cannot sign in, ask your registration authority."))

var errCode = fault.Keyed("app-code",
	fault.OfField("code", "Enter the 6 digits your app shows now. A code can be used only once"))

var errSecond = fault.Keyed("second-app", fault.SayCure(fault.Conflict,
	"You already have an authenticator app.", "Ask your registration authority to remove it first."))

const selectSecret = `SELECT s.authenticator_id, s.sealed, s.password_hash, s.last_step
	FROM totp_secret s JOIN authenticator a ON a.id = s.authenticator_id`

type stored struct {
	id   string
	seal []byte
	hash string
	last int64
}

func scanStored(scan db.Scanner) (s stored, err error) {
	err = scan(&s.id, &s.seal, &s.hash, &s.last)
	return s, err
}

// CheckPassword checks the password of the one app that the care identities of an email address have,
// and gives the authenticator's id. Where there is none, or more than one, it costs and answers the same
// as a wrong password. emailKey is the address in canonical form.
func (k *Keeper) CheckPassword(
	ctx context.Context, d *db.DB, who actor.Actor, uuids []string, emailKey, plain string,
) (string, error) {
	s, err := k.onlyApp(ctx, d, uuids)
	if err != nil {
		return "", err
	}
	if s.id == "" {
		s.id = "unknown-" + hex.EncodeToString(k.Box.Digest("totp/" + emailKey)[:16])
	}
	fits, _, err := k.Hasher.Check(ctx, s.hash, plain)
	if err != nil {
		return "", err
	}
	// Read after the check, so that guesses made side by side cannot outrun the counter.
	locked, err := isLocked(ctx, d, s.id)
	if err != nil {
		return "", err
	}
	if fits && !locked {
		return s.id, nil
	}
	return "", d.Update(ctx, who, func(w *db.W) error {
		return w.Refuse(ctx, authenticator.Wrong(s.id, "email address or password"), errPassword)
	})
}

// onlyApp gives the app if there is exactly one; two identities with one address are told apart by no
// guess of ours.
func (k *Keeper) onlyApp(ctx context.Context, d *db.DB, uuids []string) (s stored, err error) {
	var found []stored
	err = d.View(ctx, func(r db.R) error {
		for _, uuid := range uuids {
			list, err := db.All(ctx, r, scanStored, selectSecret+` WHERE s.uuid = $1 AND a.status = 'active'`, uuid)
			if err != nil {
				return fmt.Errorf("read authenticator app: %w", err)
			}
			found = append(found, list...)
		}
		return nil
	})
	if len(found) == 1 {
		s = found[0]
	}
	return s, err
}

func isLocked(ctx context.Context, d *db.DB, subject string) (locked bool, err error) {
	err = d.View(ctx, func(r db.R) error {
		locked, err = authenticator.Locked(ctx, r, subject)
		return err
	})
	return locked, err
}

const useStep = `UPDATE totp_secret SET last_step = $2 WHERE authenticator_id = $1 AND last_step < $2`

// Proof accepts a code of the app, each at most once.
func (k *Keeper) Proof(id, typed string) authenticator.Proof {
	return func(ctx context.Context, w *db.W) (authenticator.Proven, error) {
		a, err := authenticator.MayProve(ctx, w, id)
		// Whoever is here gave the right password, so it may be said that the app is locked.
		if errors.Is(err, authenticator.Unusable) {
			return authenticator.Proven{}, w.Refuse(ctx, authenticator.Wrong(id, "suspended, removed or locked"), err)
		}
		if err != nil {
			return authenticator.Proven{}, err
		}
		s, secret, err := k.secret(ctx, w, id)
		if err != nil {
			return authenticator.Proven{}, err
		}
		step, ok := Match(secret, typed, w.Now(), s.last)
		if !ok {
			return authenticator.Proven{}, w.Refuse(ctx, authenticator.Wrong(id, "code"), errCode)
		}
		if err := w.Change(ctx, useStep, id, step); err != nil {
			return authenticator.Proven{}, err
		}
		return authenticator.Accept(ctx, w, a)
	}
}

func (k *Keeper) secret(ctx context.Context, r db.R, id string) (stored, string, error) {
	s, err := db.One(ctx, r, scanStored, selectSecret+` WHERE s.authenticator_id = $1`, id)
	if err != nil {
		return s, "", fmt.Errorf("read authenticator app: %w", err)
	}
	plain, err := k.Box.Open(s.seal, sealedAs(id))
	return s, string(plain), err
}

func sealedAs(id string) string { return "totp/" + id }

// App is what an authenticator app is bound with.
type App struct {
	UUID         string
	Name         string
	Secret       string
	PasswordHash string
	LastStep     int64 // of the code that showed the app works; 0 for none
}

const insertSecret = `INSERT INTO totp_secret (authenticator_id, uuid, sealed, password_hash, last_step)
	VALUES ($1, $2, $3, $4, $5)`

const otherApps = `SELECT COUNT(*) FROM totp_secret s JOIN authenticator a ON a.id = s.authenticator_id
	WHERE s.uuid = $1 AND a.status <> 'removed'`

// Bind adds an authenticator app to a care identity, which may have one at a time. It is a part of the
// Update that redeems the invitation.
func (k *Keeper) Bind(ctx context.Context, w *db.W, app App) (string, error) {
	n, err := db.Value[int64](ctx, w, otherApps, app.UUID)
	if err != nil {
		return "", fmt.Errorf("count authenticator apps: %w", err)
	}
	if n > 0 {
		return "", errSecond
	}
	id, err := authenticator.Bind(ctx, w, authenticator.New{
		UUID: app.UUID, Kind: authn.AuthenticatorApp, Level: authn.AAL2, Name: app.Name,
	})
	if err != nil {
		return "", err
	}
	sealed := k.Box.Seal([]byte(app.Secret), sealedAs(id))
	if _, err := w.Exec(ctx, insertSecret, id, app.UUID, sealed, app.PasswordHash, app.LastStep); err != nil {
		return "", fmt.Errorf("keep secret of authenticator app: %w", err)
	}
	return id, nil
}
