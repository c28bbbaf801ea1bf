package results

import (
	"cmp"

	"signpost/internal/dos/signin"
)

// reasonTitles say in a line why somebody was turned away.
var reasonTitles = map[signin.Outcome]string{
	signin.NoAccount:           "No account is linked to the Care Identity",
	signin.AccountInactive:     "The account is not active",
	signin.Reactivated:         "The Care Identity was suspended, and its link waits to be approved again",
	signin.NoPosition:          "The position R8008 with B0166 is missing",
	signin.IdentityLow:         "The identity is not checked to level 3",
	signin.OrganisationUnknown: "The organisation of the account is not known",
	signin.OtherOrganisation:   "The position is held at another organisation",
	"care-identity-required":   "A password, where the wave asks for Care Identity",
	"passwords-ended":          "A password, after passwords have ended",
	"shared-accounts-ended":    "A password of a shared account that has ended",
}

func reasonTitle(o signin.Outcome) string {
	return cmp.Or(reasonTitles[o], "Not known any more")
}
