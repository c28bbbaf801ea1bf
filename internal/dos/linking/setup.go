package linking

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/wave"
	"signpost/internal/national/ods"
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
		"They see everybody under Users. If they cannot log in with their Care Identity, they undo their link at "+
			"/undo-link, and then this command makes a set-up link for them.")
	errSetUpLink = fault.SayCure(fault.Expired,
		"This set-up link has been used, is older than 7 days, or a newer one was made.",
		"Ask whoever runs the system for another: signpost admin first-link --site dos.")
	errAdministratorThere = fault.SayCure(fault.Conflict,
		"This set-up link has ended: the directory has a user administrator by now.",
		"Ask them to let you in.")
	errAnotherAccount = fault.SayCure(fault.Conflict, "There is an account with that email address already.",
		"Name another address, or let its holder log in with it.")
	errOrganisation = fault.OfField("organisation", "Enter an ODS code of 3 to 12 letters and digits, such as RXK")
)

// FirstAdministrator is the account of a directory's first user administrator, as it was made.
type FirstAdministrator struct {
	Account account.Account
	Path    string // of their set-up link
}

// MakeFirstAdministrator makes the account of the directory's first user administrator, who may do everything, and a
// link by which they link it to their Care Identity: once, within 7 days. No password is ever made. Asked again before
// anybody came in, it mends whose the account is and makes another link; the former ends. A directory with an
// administrator who can come in gets no other.
func (l *Linker) MakeFirstAdministrator(
	ctx context.Context, by actor.Actor, n account.New,
) (FirstAdministrator, error) {
	n.Username, _, _ = strings.Cut(n.Email, "@")
	n.Grants = account.Everywhere.Of(account.All()...)
	code, err := ods.Parse(n.Organisation)
	if err != nil {
		return FirstAdministrator{}, errOrganisation
	}
	n.Organisation = string(code)
	return db.Write(ctx, l.DB, by, func(w *db.W) (made FirstAdministrator, err error) {
		if there, err := administration.Administered(ctx, w, ""); err != nil || there {
			return made, errors.Join(err, only(there, errHasAdministrator))
		}
		if made.Account, err = firstAccount(ctx, w, n); err != nil {
			return made, err
		}
		secret := random.Secret()
		made.Path = SetUpPath + made.Account.ID + "/" + secret
		return made, account.AllowRelink(ctx, w, made.Account.ID, l.setUpDigest(made.Account.ID, secret))
	})
}

// only gives an error where a condition holds.
func only(holds bool, err error) error {
	if holds {
		return err
	}
	return nil
}

// firstAccount gives the account of the first administrator: the one that has the address, or the one that was made for
// somebody else and that nobody came in by, or a new one.
func firstAccount(ctx context.Context, w *db.W, n account.New) (account.Account, error) {
	address, err := email.ParseNew(n.Email)
	if err != nil {
		return account.Account{}, err
	}
	key, _ := address.Canonical()
	unused, err := account.NeverEntered(ctx, w)
	begun := err == nil
	if err != nil && !errors.Is(err, fault.NotFound) {
		return unused, err
	}
	known, err := account.ByEmail(ctx, w, key)
	switch {
	case err == nil && known.ID != unused.ID:
		return known, administratesUsers(ctx, w, known)
	case err != nil && !errors.Is(err, fault.NotFound):
		return known, err
	case begun:
		return account.Amend(ctx, w, unused.ID, n)
	}
	made, err := account.Add(ctx, w, n)
	if err != nil {
		return made, err
	}
	return made, wave.JoinWithoutPassword(ctx, w, made.ID)
}

// administratesUsers refuses an account that was made for something else.
func administratesUsers(ctx context.Context, r db.R, a account.Account) error {
	err := account.RequireFor(ctx, r, a.ID, account.ManageUsers)
	if errors.Is(err, fault.Forbidden) {
		return errAnotherAccount
	}
	return err
}

// setUpDigest is kept where the digest of a relink code is, and is made so that neither opens what the other does.
func (l *Linker) setUpDigest(id, secret string) []byte {
	return l.Post.Digest(strings.Join([]string{"set-up link", id, secret}, "\n"))
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
	if subtle.ConstantTimeCompare(digest, l.setUpDigest(id, secret)) != 1 {
		return account.Account{}, errSetUpLink
	}
	if there, err := administration.Administered(ctx, r, id); err != nil || there {
		return account.Account{}, errors.Join(err, only(there, errAdministratorThere))
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
		proof, err := l.proof(ctx, w, a, BySetUp)
		if err != nil {
			return Claim{}, err
		}
		flow, cookie, err := claims.Start(ctx, w, shown{AccountID: a.ID, Proof: proof})
		return Claim{AccountID: a.ID, Control: BySetUp, Session: session.Cookie(flow, cookie)}, err
	})
}
