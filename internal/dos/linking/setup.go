package linking

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/session"
)

// SetUpPath begins the path of set-up links. The id of the account and a secret follow.
const SetUpPath = "/set-up/"

var (
	errHasAdministrator = fault.SayCure(fault.Conflict, "The directory has a user administrator already.",
		"They see everybody under Users. If they cannot log in, they undo their own link at /undo-link and link anew.")
	errSetUpLink = fault.SayCure(fault.Expired,
		"This set-up link has been used, is older than 7 days, or a newer one was made.",
		"Ask whoever runs the system for another: signpost admin first-link --site dos.")
	errAnotherAccount = fault.SayCure(fault.Conflict, "There is an account with that email address already.",
		"Name another address, or let its holder log in with it.")
)

// FirstAdministrator makes the account of the directory's first user administrator, who may do everything, and gives
// the path of the link by which they link it to their Care Identity: once, within 7 days. No password is ever made.
// Asked again about an account that nobody has linked yet, it makes another link, and the former ends. A directory with
// an administrator who could come in gets no other.
func (l *Linker) FirstAdministrator(ctx context.Context, by actor.Actor, n account.New) (path string, err error) {
	n.Username, _, _ = strings.Cut(n.Email, "@")
	n.Permissions = account.All()
	return db.Write(ctx, l.DB, by, func(w *db.W) (string, error) {
		others, err := account.Administrators(ctx, w)
		if err != nil {
			return "", err
		}
		if len(others) > 0 {
			return "", errHasAdministrator
		}
		id, err := firstAccount(ctx, w, n)
		if err != nil {
			return "", err
		}
		secret := random.Secret()
		return SetUpPath + id + "/" + secret, account.AllowRelink(ctx, w, id, l.relinkDigest(id, secret))
	})
}

// firstAccount gives the account of the first administrator, and makes it the first time.
func firstAccount(ctx context.Context, w *db.W, n account.New) (id string, err error) {
	address, err := email.ParseNew(n.Email)
	if err != nil {
		return "", err
	}
	key, _ := address.Canonical()
	known, err := account.ByEmail(ctx, w, key)
	if err == nil {
		return known.ID, unlinkedAdministrator(ctx, w, known)
	}
	if !errors.Is(err, fault.NotFound) {
		return "", err
	}
	made, err := account.Add(ctx, w, n)
	if err != nil {
		return "", err
	}
	return made.ID, wave.JoinWithoutPassword(ctx, w, made.ID)
}

// unlinkedAdministrator refuses an account that was made for something else. Those of administrators who can come in
// were refused before.
func unlinkedAdministrator(ctx context.Context, r db.R, a account.Account) error {
	err := account.RequireFor(ctx, r, a.ID, account.ManageUsers)
	if errors.Is(err, fault.Forbidden) {
		return errAnotherAccount
	}
	return err
}

// SetUp reads the account that a set-up link is for. It changes nothing, so mail scanners may follow the link.
func (l *Linker) SetUp(ctx context.Context, id, secret string) (account.Account, error) {
	return db.Read(ctx, l.DB, func(r db.R) (account.Account, error) { return l.setUp(ctx, r, id, secret) })
}

func (l *Linker) setUp(ctx context.Context, r db.R, id, secret string) (account.Account, error) {
	digest, err := account.RelinkDigest(ctx, r, id)
	if errors.Is(err, fault.NotFound) {
		return account.Account{}, errSetUpLink
	}
	if err != nil {
		return account.Account{}, err
	}
	if subtle.ConstantTimeCompare(digest, l.relinkDigest(id, secret)) != 1 {
		return account.Account{}, errSetUpLink
	}
	return account.ByID(ctx, r, id)
}

// ClaimBySetUp begins to link the account that a set-up link is for.
func (l *Linker) ClaimBySetUp(ctx context.Context, by actor.Actor, id, secret string) (Claim, error) {
	return db.Write(ctx, l.DB, by, func(w *db.W) (Claim, error) {
		a, err := l.setUp(ctx, w, id, secret)
		if err != nil {
			return Claim{}, err
		}
		proof, err := l.proof(ctx, w, a, ByMailbox)
		if err != nil {
			return Claim{}, err
		}
		flow, cookie, err := claims.Start(ctx, w, shown{AccountID: a.ID, Proof: proof})
		return Claim{AccountID: a.ID, Control: ByMailbox, Session: session.Cookie(flow, cookie)}, err
	})
}
