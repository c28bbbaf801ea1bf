package linking

import (
	"context"
	"errors"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// errCannotLinkNow is what an administrator is told of an account that cannot be linked at all; its holder is not told
// which of the reasons it is.
var errCannotLinkNow = fault.SayCure(fault.Forbidden,
	"The account is not active, is for a program, or is past the date until which it can be linked by its password.",
	"Look at its kind, its state and its wave. A code for linking without the password works after that date too.")

// Problem gives the reason why an account cannot be linked now by somebody who shows that it is theirs, to a Care
// Identity that is linked to no other and of which CIS2 says all that the directory asks for; nil if it can. It decides
// as Begin and Link do.
func (l *Linker) Problem(ctx context.Context, r db.R, a account.Account, c Control) (problem, failed error) {
	somebody := cis2.Person{IdentityLevel: signin.MinIdentityLevel}
	problem, err := l.obstacle(ctx, r, a, somebody, c)
	if errors.Is(problem, errCannotLink) {
		problem = errCannotLinkNow
	}
	return problem, err
}
