package path

// steps decides, from settled facts, which steps are left, who does them, where, and which steps come first. The
// texts are added afterwards, from messages.go, and decide nothing.
func (f Facts) steps() []Step {
	l := make(list, 0, usualSteps)
	f.addAccount(&l)
	f.addIdentity(&l)
	f.addEmail(&l)
	f.addAccess(&l)
	f.addAuthenticator(&l)
	f.addProof(&l)
	f.addLink(&l)
	return l
}

func (f Facts) addAccount(l *list) {
	switch {
	case f.Account == AccountUnknown:
		l.ask(AskAccount, PlaceQuestions, nil, OwnAccount)
	case f.Account == Doubled:
		l.add(Step{What: ResolveAccounts, For: []Need{OwnAccount}, Owner: DoSAdministrator, Where: PlaceTicket})
	case f.Account == Shared && f.Requested == Yes:
		l.add(Step{What: AuthoriseAccount, For: []Need{OwnAccount}, Owner: DoSAdministrator, Where: PlaceAccountQueue})
	case f.Account == Shared:
		l.add(Step{What: RequestIndividualAccount, For: []Need{OwnAccount}, Owner: Person, Where: PlaceRequestAccount})
	}
}

func (f Facts) addIdentity(l *list) {
	switch f.Identity {
	case IdentityUnknown:
		l.ask(AskIdentity, PlaceQuestions, nil, f.answeredByLogin()...)
	case NoIdentity:
		l.add(Step{
			What: ObtainCareIdentity, For: []Need{CareIdentity}, Owner: Person, Where: PlaceApply, Also: PlaceFindRA,
		})
	case OneInactive:
		l.add(Step{
			What: ReactivateIdentity, For: []Need{CareIdentity}, Owner: RegistrationAuthority, Where: PlaceFindRA,
		})
	case SeveralIdentities:
		l.add(Step{What: ResolveSeveral, For: []Need{CareIdentity}, Owner: RegistrationAuthority, Where: PlaceFindRA})
	}
}

// answeredByLogin gives the needs about which nobody knows until the person has logged in with their Care Identity.
// One question stands for them all.
func (f Facts) answeredByLogin() []Need {
	needs := []Need{CareIdentity}
	if f.Email == EmailUnknown {
		needs = append(needs, SameEmail)
	}
	return append(needs, f.accessUnknown()...)
}

// accessUnknown gives which of position and authenticator are unknown.
func (f Facts) accessUnknown() (unknown []Need) {
	if f.Position == Unknown {
		unknown = append(unknown, AccessPosition)
	}
	if f.Authenticator == AuthenticatorUnknown || f.Authenticator == Sufficient && f.Approved == Unknown {
		unknown = append(unknown, WorkingAuthenticator)
	}
	return unknown
}

// addEmail adds the step for the email addresses. It comes after the steps for the individual account and the care
// identity, because until then there is nothing to compare ("once you receive your individual DoS username and Care
// Identity", guidance, 20 May 2025).
func (f Facts) addEmail(l *list) {
	after := l.acts(OwnAccount, CareIdentity)
	switch f.Email {
	case EmailUnknown:
		if f.Identity == IdentityUnknown {
			return
		}
		l.ask(AskEmail, PlaceQuestions, after, SameEmail)
	case EmailUnverified:
		l.add(Step{
			What: VerifyIdentityEmail, For: []Need{SameEmail}, Owner: Person, Where: PlaceProfileEmail, After: after,
		})
	case EmailDifferent:
		s := Step{
			What: MatchEmails, For: []Need{SameEmail}, Owner: Person, Where: PlaceAccountEmail, Also: PlaceProfileEmail,
			After: after,
		}
		if !f.PasswordWorks() && f.Linked != Yes {
			s.Where = PlaceProfileEmail
			s.Also = PlaceTicket
		}
		l.add(s)
	}
}

// addAccess adds the step for the position, and one question about everything that is not known about the position
// and the authenticator.
func (f Facts) addAccess(l *list) {
	after := l.acts(CareIdentity)
	if f.Position == No {
		l.add(Step{
			What: GetPosition, For: []Need{AccessPosition}, Owner: RegistrationAuthority, Where: PlaceFindRA,
			After: after,
		})
	}
	if unknown := f.accessUnknown(); len(unknown) > 0 && f.Identity != IdentityUnknown {
		l.ask(AskAccess, PlaceQuestions, after, unknown...)
	}
}

func (f Facts) addAuthenticator(l *list) {
	after := l.acts(CareIdentity)
	byAuthority := func(what What) {
		l.add(Step{
			What: what, For: []Need{WorkingAuthenticator}, Owner: RegistrationAuthority, Where: PlaceFindRA,
			After: after,
		})
	}
	switch {
	case f.Authenticator == NoAuthenticator:
		byAuthority(GetAuthenticator)
	case f.Authenticator == TooWeak:
		byAuthority(StrongerAuthenticator)
	case f.Authenticator == AuthenticatorUnknown:
	case f.Approved == No:
		byAuthority(ApproveAuthenticator) // another may be issued instead, so its device can wait
	case f.Working == Unknown:
		l.ask(CheckDevice, PlaceCheckDevice, after, WorkingAuthenticator)
	case f.Working == No:
		l.add(Step{
			What: FixDevice, For: []Need{WorkingAuthenticator}, Owner: LocalIT, Where: PlaceCheckDevice,
			Also: PlaceTicket, After: after,
		})
	}
}

// addProof adds the step that proves the DoS email address by a mailed code. The address of a new individual account
// is proved when the account is requested, and somebody whose password no longer works proves theirs during linking.
func (f Facts) addProof(l *list) {
	if f.MailProved == Yes || f.Account == Shared || (f.Linked != Yes && !f.PasswordWorks()) {
		return
	}
	s := Step{What: ProveEmail, For: []Need{SameEmail}, Owner: Person, Where: PlaceAccountEmail}
	if f.Linked == Yes {
		s.After = l.acts(CareIdentity, AccessPosition, WorkingAuthenticator)
	}
	l.add(s)
}

// addLink adds the step for linking, which comes last. Only individual accounts are linked, so if the kind of account
// is not known, the person answers that question first. Signing in answers every other question. An account of one's
// own in place of a shared one is linked when its request is approved, whatever the phase.
func (f Facts) addLink(l *list) {
	signIn := l.acts(OwnAccount, CareIdentity, AccessPosition, WorkingAuthenticator)
	switch {
	case f.Linked == Yes:
		f.addBrokenLink(l)
	case f.Linked == Unknown:
		l.ask(AskLink, PlaceLink, signIn, LinkedAccount)
	case f.Phase == Prepare && f.Account != Shared:
		l.add(Step{What: AwaitLinking, For: []Need{LinkedAccount}, Owner: ProgrammeTeam})
	default:
		for _, s := range *l {
			if s.What == AskAccount || s.What == ProveEmail {
				signIn = append(signIn, s.What)
			}
		}
		l.add(Step{What: Link, For: []Need{LinkedAccount}, Owner: Person, Where: PlaceLink, After: signIn})
	}
}

// addBrokenLink adds the steps for links that should not exist. People decide which half is wrong, never a program.
func (f Facts) addBrokenLink(l *list) {
	if f.Account == Shared {
		l.add(Step{What: ReportSharedLink, For: []Need{LinkedAccount}, Owner: ServiceDesk, Where: PlaceTicket})
	}
	if f.Identity == NoIdentity {
		l.add(Step{What: ReportLostLink, For: []Need{LinkedAccount}, Owner: ServiceDesk, Where: PlaceTicket})
	}
}

type list []Step

// usualSteps is the number of steps for which a new list has room.
const usualSteps = 8

func (l *list) add(s Step) { *l = append(*l, s) }

func (l *list) ask(what What, where Place, after []What, needs ...Need) {
	l.add(Step{What: what, For: needs, Question: true, Owner: Person, Where: where, After: after})
}

// acts names the steps so far, other than questions, that work towards the needs.
func (l *list) acts(needs ...Need) []What {
	var acts []What
	for _, s := range *l {
		if !s.Question && s.forAny(needs) {
			acts = append(acts, s.What)
		}
	}
	return acts
}
