package desk

import (
	"cmp"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
)

// advice tells the service desk of a refusal: what happened, and what to tell the person who was refused.
type advice struct{ what, tell string }

// byReason words the refusals of logins, by their reasons.
var byReason = map[provider.Reason]advice{
	provider.NoAuthenticator: {
		what: "The service accepts only ways of logging in that are not offered here",
		tell: "You have done nothing wrong. Report it to the help desk of the service you wanted to use.",
	},
	provider.Inactive: {
		what: "The Care Identity is not active",
		tell: "Ask your registration authority to look at your Care Identity. Once it is active, log in again.",
	},
	provider.LevelTooLow: {
		what: "The authenticator's level is too low for the service",
		tell: "Log in with a stronger authenticator: " + authn.Phrases(authn.AAL3) + ". " +
			"If you have none, ask your registration authority for one.",
	},
	provider.NotApproved: {
		what: "The organisation has not approved this kind of authenticator",
		tell: "Log in with another authenticator, or ask your registration authority which ones are approved.",
	},
	provider.WrongPerson: {
		what: "The service asked for another person",
		tell: "Log out of everything on that computer, start again at the service, and log in as yourself.",
	},
	provider.Cancelled: {
		what: "The person cancelled, or the authenticator did not answer",
		tell: "Try again, and follow the instructions from your browser until the page goes on by itself.",
	},
	provider.Locked: {
		what: "The authenticator is locked",
		tell: "The lock ends by itself, after an hour at most. You can use another authenticator meanwhile. The " +
			"service desk can end the lock on the person's page, once it knows who is calling.",
	},
	provider.Unusable: {
		what: "The authenticator is suspended or removed",
		tell: "Use another authenticator, or ask your registration authority for a new one.",
	},
	provider.UnknownKey: {
		what: "The authenticator is not registered here",
		tell: "Use the authenticator that your registration authority gave you or that you added yourself.",
	},
	provider.NoScript: {
		what: "JavaScript is switched off or did not load",
		tell: "Switch JavaScript on, or ask your local IT to allow it for this address, then try again.",
	},
	provider.Unsupported: {
		what: "The browser cannot use this authenticator",
		tell: "Use a current Microsoft Edge, Chrome, Firefox or Safari, or log in with another authenticator.",
	},
	provider.OnTrial: {
		what: "The service is on trial: only the team that connects it can log in to it",
		tell: "Your Care Identity is in order. Ask the team of the service, which the page named, to have it approved.",
	},
}

// byTry words the wrong tries at an authenticator, by their reasons.
var byTry = map[string]advice{
	"email address or password": {
		what: "The email address or the password of an authenticator app was wrong",
		tell: "Check the email address on your profile and try again. After 10 wrong tries the app is locked for a " +
			"while, an hour at most. The service desk can end the lock on the person's page.",
	},
	"code": {
		what: "The code of the authenticator app was wrong",
		tell: "Type the code that the app shows now, and check that the clock of the phone is right.",
	},
	"assertion": {
		what: "The answer of the authenticator was wrong",
		tell: "Try again with the same authenticator. If it is refused once more, ask for a new one.",
	},
	"code for another password": {
		what: "The code of the authenticator app was wrong, where another password was to be set",
		tell: "Type the code that the app shows now, and check that the clock of the phone is right.",
	},
	"account elsewhere": {
		what: "An account elsewhere, such as at NHS.net Connect, was not accepted",
		tell: "The page said why: it is not connected to a Care Identity, the organisation does not take part yet, " +
			"or what came back was not right. Log in with another authenticator meanwhile.",
	},
	"suspended, removed or locked": {
		what: "The authenticator is suspended, removed or locked",
		tell: "Use another authenticator. A lock ends by itself, after an hour at most; the person's page says which " +
			"it is.",
	},
	"card-missing": {
		what: "The browser showed no smartcard",
		tell: "Put the card in its reader, close all windows of the browser, and log in again.",
	},
	"card-unreadable": {
		what: "A proxy in front of the smartcard door hands on what is no certificate",
		tell: "You have done nothing wrong. Tell those who run the system.",
	},
	"card-not-yet": {
		what: "The smartcard's certificate is not valid yet",
		tell: "Log in another way, and ask your registration authority from when the card can be used.",
	},
	"card-expired": {
		what: "The smartcard's certificate has expired",
		tell: "Log in another way, and ask your registration authority to renew the card.",
	},
	"card-authority": {
		what: "The certificate is of no authority whose smartcards are accepted",
		tell: "Close all windows of the browser, log in again, and choose the smartcard's certificate.",
	},
	"card-purpose": {
		what: "The certificate is not for logging in",
		tell: "Close all windows of the browser, log in again, and choose the smartcard's certificate for logging in.",
	},
	"card-revoked": {
		what: "The smartcard was cancelled",
		tell: "Ask your registration authority for another one, and tell them if you did not expect this.",
	},
	"card-unconfirmed": {
		what: "The authority of the smartcard did not say whether it is still valid",
		tell: "Nothing is wrong with the card. Log in another way, or again in a few minutes.",
	},
	"card-unbound": {
		what: "The smartcard is registered to no Care Identity here",
		tell: "Ask your registration authority to register it.",
	},
	"card-late": {
		what: "The smartcard's answer came after more than a minute, or from another login",
		tell: "Start again at the service, and use the card once.",
	},
	"mailed code": {
		what: "The code from the email was wrong",
		tell: "Type the code from the newest email, or ask for another code.",
	},
}

// byKind words the other refusals, by the kinds of their events.
var byKind = map[string]advice{
	"authenticator.pass-refused": {
		what: "A temporary access pass was wrong",
		tell: "Ask your registration authority to read it out again. After 20 wrong tries they make another one.",
	},
	"authenticator.password-asked-too-often": {
		what: "Too many codes to set another password for an authenticator app were asked for",
		tell: "Wait 15 minutes, then ask for one code and use the newest email. Another authenticator works meanwhile.",
	},
	"authenticator.password-code-wrong": {
		what: "The code from the email was wrong, where another password for an authenticator app was to be set",
		tell: "Type the code from the newest email. After 5 wrong tries, ask for another one.",
	},
	"authenticator.not-approved": {
		what: "The organisation has not approved the authenticator that was about to be added",
		tell: "Open the link again and use another authenticator. Your registration authority knows which ones are " +
			"approved.",
	},
	"cim.not-in": {
		what: "The Care Identity is not active, so it does not open Care Identity Management",
		tell: "Ask your registration authority to look at your Care Identity.",
	},
	"client.refused": {
		what: "A service's own key or secret was wrong",
		tell: "You have done nothing wrong. Report it to the help desk of the service you wanted to use.",
	},
	"client.not-national": {
		what: "Somebody who is no operator tried to register a client of a national service",
		tell: "Register it as a supplier's, or invite an operator to the team.",
	},
	"client.own-approval": {
		what: "An operator tried to approve a client of their own team",
		tell: "Ask another operator, or those who run the system.",
	},
	"signin.service-changed": {
		what: "The service was suspended or changed while somebody logged in to it",
		tell: "You have done nothing wrong. Start again at the service, and if it happens again, report it to its " +
			"help desk.",
	},
	"token.refused": {
		what: "A service sent something that was used already or is not its own",
		tell: "Start again at the service. If it happens again, report it to the service's help desk.",
	},
	"desk.refused": {
		what: "Somebody without a role of the service desk tried to end another person's session or lock",
		tell: "Only registration authority managers and agents, and systems support, may do that.",
	},
	"extract.refused": {
		what: "The Directory of Services could not prove who it is",
		tell: "You have done nothing wrong. Tell those who run the system: a key or a clock is wrong.",
	},
	"extract.replayed": {
		what: "The Directory of Services sent the same question twice",
		tell: "You have done nothing wrong. Tell those who run the system.",
	},
	"identity.email-asked-too-often": {
		what: "Too many codes for a new email address were asked for",
		tell: "Wait 15 minutes, then ask for one code and use the newest email.",
	},
	"identity.email-code-wrong": {
		what: "The code for a new email address was wrong",
		tell: "Type the code from the newest email. After 5 wrong tries, ask for another one.",
	},
	"correction.refused": {
		what: "A detail of a Care Identity could not be changed",
		tell: "A closed Care Identity is reopened first. What documents show is changed once somebody has seen them.",
	},
	"correction.same-ni": {
		what: "Another Care Identity has the National Insurance number",
		tell: "The registration authority searches for the number to see whose it is. It may be the same person.",
	},
	"identity.move-refused": {
		what: "The status of a Care Identity could not be changed in this way",
		tell: "Look at the status that it has now: somebody may have changed it in the meantime.",
	},
	"life.refused": {
		what: "Somebody tried to move a Care Identity in a way that nobody does by hand",
		tell: "Look at the profile again, and use its buttons.",
	},
	"position.end-refused": {
		what: "The last registration authority manager of an organisation cannot be taken away",
		tell: "Give the role to somebody else first.",
	},
	"registration.looked-for": {
		what: "A person was not made, as others who are there may be the same",
		tell: "Look at the people who are listed. If none of them is this person, tick the box below them.",
	},
	"smartcard.refused": {
		what: "The code for a smartcard at its reader is not right, was used, or has ended",
		tell: "Ask your registration authority for another code. One to unlock a card works for 15 minutes.",
	},
	"ra-ask.code-asked-too-often": {
		what: "Too many codes were asked for, to confirm an address for a request to a registration authority",
		tell: "Use the newest code, or wait 15 minutes. The registration authority can be telephoned too.",
	},
	"ra-ask.code-wrong": {
		what: "The code that confirms an address for a request to a registration authority was not right",
		tell: "Enter the code from the newest email.",
	},
	"ra-ask.too-many": {
		what: "A request to a registration authority was not sent, as 200 came from the same network in a day",
		tell: "Telephone or write to the registration authority, or send it from another network.",
	},
	"ra-request.refused": {
		what: "A request to a registration authority was not decided or changed",
		tell: "Whoever asked and whoever it is about cannot decide it, and one person looks at it at a time. Only " +
			"whoever asked can fix or withdraw it.",
	},
	"apply.refused": {
		what: "Somebody tried to do with an application for a Care Identity what they may not: they did not invite " +
			"the applicant, or did, or too many numbers were tried",
		tell: "Whoever invited the applicant sends links and withdraws. Somebody else of the registration authority " +
			"decides.",
	},
	"apply.code-wrong": {
		what: "A wrong code was entered, or too many were asked for, for an application for a Care Identity",
		tell: "The code is in the newest text message. After six wrong ones, whoever invited them sends another link.",
	},
	"apply.phone-locked": {
		what: "Too many codes were asked for, or entered wrongly, for an application for a Care Identity",
		tell: "Whoever invited the applicant checks the mobile number and sends another link. Their address is in " +
			"the mail with the link.",
	},
	"registration.refused": {
		what: "Somebody tried to do what only a registration authority does, for people whom theirs does not look " +
			"after, or for themselves",
		tell: "Find your registration authority says who looks after whom. Nobody gives themselves a position.",
	},
	"team.refused": {
		what: "Somebody tried to change a team's clients or members without belonging to it",
		tell: "Ask a member of the team to invite you.",
	},
}

// unknown is said of what no catalogue words, as events of a later release may be.
var unknown = advice{
	what: "Something was refused",
	tell: "Say what you wanted to do, and when. Those who run the system find it by this reference.",
}

// adviceOn words the event of a refusal.
func adviceOn(e audit.Entry) advice {
	found := byKind[string(e.Kind)]
	switch e.Kind {
	case provider.Refused:
		found = byReason[provider.Reason(e.Reason)]
	case authenticator.WrongTry:
		found = byTry[e.Reason]
	}
	return cmp.Or(found, unknown)
}

// Words reports whether the service desk has words for refusals of a kind.
func Words(kind audit.Kind) bool {
	return kind == provider.Refused || kind == authenticator.WrongTry || byKind[string(kind)] != advice{}
}
