// Package totp binds and proves authenticator apps. To log in with one, people enter their email address and a
// password, and then the code of six digits that the app makes anew every 30 seconds (RFC 6238 with SHA-1, as every
// app does it).
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

// newSecret makes a secret for an app, as text to type.
func newSecret() string { return encoding.EncodeToString(random.Bytes(secretBytes)) }

// URL gives the address that an app reads from the QR code.
func URL(issuer, account, secret string) string {
	label := url.PathEscape(issuer + ":" + account)
	return "otpauth://totp/" + label + "?" + url.Values{"secret": {secret}, "issuer": {issuer}}.Encode()
}

// CodeAt gives the code that an app with the secret shows at a time. The demo shows it beside its
// people, and tests type it.
func CodeAt(secret string, at time.Time) (string, error) { return code(secret, stepOf(at)) }

func stepOf(at time.Time) int64 { return at.Unix() / int64(period/time.Second) }

// Digits is how many digits a code has.
const Digits = 6

func code(secret string, step int64) (string, error) {
	if step < 0 {
		return "", errors.New("a code before 1970")
	}
	options := hotp.ValidateOpts{Digits: Digits, Algorithm: otp.AlgorithmSHA1}
	c, err := hotp.GenerateCodeCustom(secret, uint64(step), options)
	if err != nil {
		return "", fmt.Errorf("make code: %w", err)
	}
	return c, nil
}

// match gives the step of the code that was typed, if the step is near the time and later than the last step used.
func match(secret, typed string, now time.Time, lastStep int64) (step int64, ok bool) {
	typed = strings.ReplaceAll(strings.TrimSpace(typed), " ", "")
	for s := stepOf(now) - skew; s <= stepOf(now)+skew; s++ {
		c, err := code(secret, s)
		if err == nil && s > lastStep && subtle.ConstantTimeCompare([]byte(c), []byte(typed)) == 1 {
			step = s
			ok = true
		}
	}
	return step, ok
}

// errPassword says the same whatever the reason: somebody who guesses must not learn who has an account, or whether
// it is locked.
var errPassword = fault.Keyed("app-password", fault.SayCure(fault.Unauthenticated,
	"Your email address or password is not right, or there were too many attempts",
	"Try again, or use another authenticator. After too many, wait an hour or ask your registration authority."))

var errCode = fault.Keyed("app-code",
	fault.OfField("code", "Enter the 6 digits that your authenticator app shows now. A code can be used only once"))

const selectSecret = `SELECT s.authenticator_id, s.uuid, s.sealed, s.password_hash, s.last_step
	FROM totp_secret s JOIN authenticator a ON a.id = s.authenticator_id`

// secretRow is a row of totp_secret.
type secretRow struct {
	authenticatorID string
	uuid            string
	sealed          []byte
	passwordHash    string
	lastStep        int64
}

func scanSecretRow(scan db.Scanner) (s secretRow, err error) {
	err = scan(&s.authenticatorID, &s.uuid, &s.sealed, &s.passwordHash, &s.lastStep)
	return s, err
}

// checkPassword checks the password of the one app that the care identities with an email address have, and gives the
// authenticator's id. Where there is no app, or more than one, it takes as long and answers the same as for a wrong
// password. emailKey is the address in canonical form.
func (k *Keeper) checkPassword(
	ctx context.Context, a authenticator.Attempt, uuids []string, emailKey, plain string,
) (string, error) {
	s, err := k.onlyApp(ctx, a.DB, uuids)
	if err != nil {
		return "", err
	}
	at := authenticator.At(s.authenticatorID, a.Browser)
	if s.authenticatorID == "" {
		at.Nobody = true
		at.Subject = authenticator.Ref("unknown-" + hex.EncodeToString(k.Box.Digest("totp/" + emailKey)[:16]))
	}
	asker := password.Asker{Network: a.Actor.Network, Browser: at.Browser}
	matches, _, err := k.Hasher.Check(ctx, asker, s.passwordHash, plain)
	if err != nil {
		return "", err
	}
	// Read after the check, so that guesses made side by side cannot outrun the counter.
	locked, err := db.Read(ctx, a.DB, func(r db.R) (bool, error) { return authenticator.Locked(ctx, r, at) })
	if err != nil {
		return "", err
	}
	if matches && !locked {
		return s.authenticatorID, nil
	}
	return "", authenticator.NewWrongTry(at, "email address or password", errPassword)
}

// onlyApp gives the active app that care identities have, or no row if they have none or more than one: where two
// identities share an address, nothing says which of them is meant.
func (k *Keeper) onlyApp(ctx context.Context, d *db.DB, uuids []string) (secretRow, error) {
	apps, err := db.Read(ctx, d, func(r db.R) ([]secretRow, error) { return activeApps(ctx, r, uuids) })
	if err != nil || len(apps) != 1 {
		return secretRow{}, err
	}
	return apps[0], nil
}

func activeApps(ctx context.Context, r db.R, uuids []string) (apps []secretRow, err error) {
	for _, uuid := range uuids {
		list, err := db.All(ctx, r, scanSecretRow, selectSecret+` WHERE s.uuid = $1 AND a.status = 'active'`, uuid)
		if err != nil {
			return nil, fmt.Errorf("read authenticator app: %w", err)
		}
		apps = append(apps, list...)
	}
	return apps, nil
}

const useStep = `UPDATE totp_secret SET last_step = $2 WHERE authenticator_id = $1 AND last_step < $2`

// proof accepts a code of the app whose password was right, each at most once.
func (k *Keeper) proof(id string, attempt authenticator.Attempt) authenticator.Proof {
	at := authenticator.At(id, attempt.Browser)
	return authenticator.Proof{Accept: func(ctx context.Context, w *db.W) (authenticator.Proven, error) {
		a, err := authenticator.MayProve(ctx, w, id, attempt.Browser)
		// The person gave the right password, so the answer may say that the app is locked.
		if errors.Is(err, authenticator.Unusable) {
			return authenticator.Proven{}, authenticator.NewBarred(at, err)
		}
		if err != nil {
			return authenticator.Proven{}, err
		}
		s, secret, err := k.secret(ctx, w, id)
		if err != nil {
			return authenticator.Proven{}, err
		}
		step, ok := match(secret, attempt.Form.Get("code"), w.Now(), s.lastStep)
		if !ok {
			wrong := authenticator.NewWrongTry(at, "code", errCode)
			wrong.State = attempt.State // the password stays right
			return authenticator.Proven{}, wrong
		}
		if err := w.Change(ctx, useStep, id, step); err != nil {
			return authenticator.Proven{}, err
		}
		return authenticator.Accept(ctx, w, a)
	}}
}

func (k *Keeper) secret(ctx context.Context, r db.R, id string) (secretRow, string, error) {
	s, err := db.One(ctx, r, scanSecretRow, selectSecret+` WHERE s.authenticator_id = $1`, id)
	if err != nil {
		return s, "", fmt.Errorf("read authenticator app: %w", err)
	}
	plain, err := k.Box.Open(s.sealed, sealedAs(id))
	return s, string(plain), err
}

func sealedAs(id string) string { return "totp/" + id }

// app describes an authenticator app that is to be bound.
type app struct {
	uuid         string
	name         string
	secret       string
	passwordHash string
	lastStep     int64 // of the code that showed the app works; 0 for none
}

const insertSecret = `INSERT INTO totp_secret (authenticator_id, uuid, sealed, password_hash, last_step)
	VALUES ($1, $2, $3, $4, $5)`

// Make makes an app with the password and the secret of a description. A hash is computed within the Update, so large
// populations bring it with them.
func (k *Keeper) Make(ctx context.Context, w *db.W, uuid string, d authenticator.Description) (id string, err error) {
	hash := d.PasswordHash
	if hash == "" {
		if hash, err = k.Hasher.Hash(ctx, password.Asker{}, d.Password); err != nil {
			return "", err
		}
	}
	return k.bind(ctx, w, app{uuid: uuid, name: d.Name, secret: d.Secret, passwordHash: hash})
}

// bind adds an authenticator app to a care identity. It runs within the Update that
// redeems the invitation.
func (k *Keeper) bind(ctx context.Context, w *db.W, a app) (string, error) {
	id, err := authenticator.Bind(ctx, w, authenticator.New{
		UUID: a.uuid, Kind: authn.AuthenticatorApp, Level: authn.AAL2, Name: a.name,
	})
	if err != nil {
		return "", err
	}
	sealed := k.Box.Seal([]byte(a.secret), sealedAs(id))
	if _, err := w.Exec(ctx, insertSecret, id, a.uuid, sealed, a.passwordHash, a.lastStep); err != nil {
		return "", fmt.Errorf("keep secret of authenticator app: %w", err)
	}
	return id, nil
}
