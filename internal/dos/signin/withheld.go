package signin

import (
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/platform/fault"
)

// ErrWithheld is why somebody may not do what their account lets them do.
var ErrWithheld = fault.SayCure(fault.Forbidden,
	"You cannot do this with a password that was set by a code we emailed: such a code only shows that somebody reads "+
		"your email.",
	"Link the account to your Care Identity, with a code from another DoS user administrator. If there is no other, "+
		"ask those who run the Directory of Services for a set-up link.")

// needsMore reports whether a permission lets somebody decide about other people and their way in. That takes more
// than control of a mailbox.
func needsMore(g account.Grant) bool {
	switch g.Permission {
	case account.ManageWaves, account.BreakGlass:
		return true
	}
	return g.Permission.OverAccounts()
}

// withhold takes from somebody on the last day of their password all that changes something, and from who came by one
// that was set by mail what needs more.
func withhold(c Current) Current {
	if c.Days.ReadingOnly {
		c.Withheld = c.Grants
		c.Grants = nil
		return c
	}
	if !c.Session.State.ByMail {
		return c
	}
	for _, g := range c.Grants {
		if needsMore(g) {
			c.Withheld = append(c.Withheld, g)
		}
	}
	c.Grants = slices.DeleteFunc(c.Grants, needsMore)
	return c
}
