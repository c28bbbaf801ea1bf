package readiness

import (
	"signpost/internal/national/authn"
	"signpost/internal/national/path"
)

// minLevel is the authentication level that the directory asks for (AAL2_OR_AAL3_ANY).
const minLevel = int(authn.AAL2)

// factsOf gives the facts about an account, of its class, and of the Care Identities that were found for it. What no
// list says is not known.
func (l *lists) factsOf(a Account, class Class, found []int) path.Facts {
	f := path.Facts{Account: path.Individual, Linked: a.Linked, Phase: l.phase, MailProved: a.EmailConfirmed}
	switch {
	case a.Kind == Shared:
		f.Account = path.Shared
		f.Requested = path.Is(a.Requested)
	case class == RoleMailbox:
		f.Account = path.AccountUnknown // one person's account with a team's address, or a shared one
	case class == DuplicateAccounts:
		f.Account = path.Doubled
	}
	switch {
	case class == DuplicateIdentities, class == DuplicateAccounts && len(found) > 1:
		f.Identity = path.SeveralIdentities
	case class == None, class == DuplicateAccounts && len(found) == 0 && l.compared:
		f.Identity = path.NoIdentity
	case (class == Exact || class == Drifted || class == DuplicateAccounts) && len(found) == 1:
		l.addIdentity(&f, class, l.identities.identities[found[0]])
	}
	return f
}

// addIdentity adds what is known of the one Care Identity that was found.
func (l *lists) addIdentity(f *path.Facts, class Class, one Identity) {
	f.Identity = path.OneInactive
	if one.Active {
		f.Identity = path.OneActive
	}
	f.Email = path.EmailDifferent
	if class != Drifted {
		f.Email = emailOf(one, l.identities.has)
	}
	l.addAccess(f, one)
}

// emailOf compares an address that is equal. Where the list does not say whether addresses were confirmed, equal ones
// count: the guidance asks that they agree.
func emailOf(one Identity, has hasColumns) path.Email {
	if has.verified && one.Verified == path.No {
		return path.EmailUnverified
	}
	return path.EmailAgrees
}

// addAccess adds what a Care Identity can be used for.
func (l *lists) addAccess(f *path.Facts, one Identity) {
	has := l.identities.has
	if has.position {
		f.Position = one.Position
	}
	if !has.authenticators && !has.level || one.Level < 0 {
		return
	}
	switch {
	case one.Level == 0:
		f.Authenticator = path.NoAuthenticator
	case one.Level < minLevel:
		f.Authenticator = path.TooWeak
	default:
		f.Authenticator = path.Sufficient
		f.Working = path.Yes // the login that linking asks for will show it
		f.Approved = l.approved(one)
	}
}

// approved says whether the organisation approves of the authenticators: as the list says, or by their kinds.
func (l *lists) approved(one Identity) path.Known {
	if l.identities.has.approved && one.Approved != path.Unknown {
		return one.Approved
	}
	if l.approvedKinds == 0 || one.kinds == 0 {
		return path.Unknown
	}
	return path.Is(l.approvedKinds&one.kinds != 0)
}
