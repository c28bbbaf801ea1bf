package signin

import (
	"context"
	"errors"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/national/cis2"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/tries"
)

// Why no password opens an account, for whoever looks at it. Its cure is with whoever tells it.
var (
	ErrNoPassword = fault.Say(fault.Forbidden, "The account has no password.")
	ErrForProgram = fault.Say(fault.Forbidden, "The account is for a program, which never uses the pages.")
	ErrNotActive  = fault.Say(fault.Forbidden, "The account is not active.")
)

// PasswordProblem gives the reason why the right password of an account does not open it now, or nil, as WithPassword
// decides. What strangers tried does not keep out whoever logs in on a browser that is known to the account.
func PasswordProblem(ctx context.Context, r db.R, a account.Account) (problem, failed error) {
	count, err := wrongPasswords.Of(ctx, r, tries.At{Subject: account.Ref(a.ID)})
	if err != nil {
		return nil, err
	}
	current, err := wave.Of(ctx, r, a.ID)
	switch {
	case err != nil:
		return nil, err
	case count.Locked(r.Now()):
		return ErrTooManyTries, nil
	case a.Kind == account.Machine:
		return ErrForProgram, nil
	case !usable(a, r.Now()):
		return ErrNotActive, nil
	case a.PasswordHash == "":
		return ErrNoPassword, nil
	}
	decided, err := atLogin(ctx, r, a, current)
	return decided.Problem, err
}

// WrongPasswords says how many wrong passwords were tried with an account since the last right one, and until when that
// locks it; zero if it does not.
func WrongPasswords(ctx context.Context, r db.R, accountID string) (n int64, locked time.Time, err error) {
	count, err := wrongPasswords.Of(ctx, r, tries.At{Subject: account.Ref(accountID)})
	if !count.Locked(r.Now()) {
		count.Until = time.Time{}
	}
	return count.N, count.Until, err
}

// Believed decides about the Care Identity that is linked to an account, as at the door, if CIS2 says all of it that
// the directory asks for: level 3, and the position at the organisation of the account. What CIS2 says is known at a
// login alone.
func Believed(ctx context.Context, r db.R, a account.Account) (Outcome, error) {
	link, err := account.LinkOf(ctx, r, a.ID)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return "", err
	}
	position := cis2.NationalRole{OrgCode: a.Organisation, RoleCode: rbac.AdminClinicalSupport,
		ActivityCodes: cis2.List[string]{rbac.DirectoryUIAccess}}
	_, decided, err := (&Door{}).decide(ctx, r, Visitor{Person: cis2.Person{Issuer: link.Issuer, Subject: link.Subject,
		IdentityLevel: MinIdentityLevel, Roles: []cis2.NationalRole{position}}})
	return decided.Outcome, err
}

// maxRefusals is how many refusals are read of a Care Identity.
const maxRefusals = 1

// LastRefusal gives the newest refusal of a Care Identity at the door, or fault.NotFound.
func LastRefusal(ctx context.Context, r db.R, link account.Link) (audit.Entry, error) {
	subject := CareIdentity(cis2.Person{Issuer: link.Issuer, Subject: link.Subject})
	list, err := audit.Of(ctx, r, subject, maxRefusals, NotIn)
	switch {
	case err != nil:
		return audit.Entry{}, err
	case len(list) == 0:
		return audit.Entry{}, fault.NotFound
	}
	return list[0], nil
}
