package users

import (
	"cmp"

	"signpost/internal/dos/administration"
	"signpost/internal/dos/alias"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/audit"
)

// advice tells an administrator of a refusal: what happened, and what to tell the person who was refused.
type advice struct{ what, tell string }

// byOutcome words the refusals of logins with a Care Identity.
var byOutcome = map[signin.Outcome]advice{
	signin.NoAccount: {
		what: "No account is linked to the Care Identity",
		tell: "Enter the username and password of your own account on that page to link it. If you have none, " +
			"request one.",
	},
	signin.AccountInactive: {
		what: "The account that is linked to the Care Identity is not active",
		tell: "Ask your DoS user administrator whether you still need access.",
	},
	signin.Reactivated: {
		what: "The Care Identity was suspended or closed after it was linked, and nobody has approved the link again",
		tell: "Somebody who reviews links has to decide, under Link reviews. You are told by email; then log in again.",
	},
	signin.OrganisationUnknown: {
		what: "The organisation of the account is not known",
		tell: "Log in and choose the organisation that you work for. A DoS user administrator then confirms it.",
	},
	signin.OtherOrganisation: {
		what: "The position is held at another organisation than that of the account",
		tell: "Ask for an account at the other organisation, or for the account's organisation to be changed.",
	},
	signin.NoPosition: {
		what: "The Care Identity does not have the position for the Directory of Services",
		tell: "Ask your registration authority for the position ‘Directory of Services System’, with R8008 and B0166.",
	},
	signin.IdentityLow: {
		what: "The person's identity has not been checked to level 3",
		tell: "Ask your registration authority to check your identity documents.",
	},
}

// byRefusal words the links that were refused.
var byRefusal = map[linking.Refusal]advice{
	linking.SharedAccount: {
		what: "A shared account cannot be linked to one person's Care Identity",
		tell: "Request an account of your own.",
	},
	linking.ResetPassword: {
		what: "The password of the account was set by a code in an email, which does not show whose it is",
		tell: "Ask your DoS user administrator for a code to link the account.",
	},
	linking.TooEarly: {
		what: "Linking has not opened for the account yet",
		tell: "Keep logging in with your username and password. Your checklist says what you can prepare.",
	},
	linking.AlreadyLinked: {
		what: "The account or the Care Identity is linked already",
		tell: "Log in with the Care Identity that you linked. If you linked none, say so: somebody else did.",
	},
	linking.TeamMailbox: {
		what: "The email address of the account is a team's, so it cannot prove who somebody is",
		tell: "Change it to your own work address on your account page. You can link 3 days later.",
	},
	linking.HeldBack: {
		what: "A rule gave the link to an administrator, who has to look at it first",
		tell: "Wait for our email. If it takes long, ask your DoS user administrator to look at Link reviews.",
	},
	linking.NoPosition: {
		what: "The person's Care Identity does not have the position that opens the directory",
		tell: "Ask your registration authority for the position, then open your set-up link again.",
	},
	linking.IdentityWeak: {
		what: "The person's identity has not been checked to level 3",
		tell: "Ask your registration authority to check your identity documents.",
	},
	linking.Overtaken: {
		what: "The email address of the account was changed during the link",
		tell: "If you changed it, start again. If you did not, say so: somebody else did.",
	},
	linking.IdentityEnded: {
		what: "The Care Identity was suspended or closed during the link",
		tell: "Ask your registration authority why. You can link when it is active again.",
	},
}

const (
	tellNewestCode  = "Type the code from the newest email. After 5 wrong tries, ask for another one."
	tellTooManyAsks = "Wait 15 minutes, then ask for one code and use the newest email."
)

// byKind words the other refusals, by the kinds of their events.
var byKind = map[string]advice{
	"account.email-code-wrong": {what: "The code for a new email address was wrong", tell: tellNewestCode},
	"account.email-code-asked-too-often": {
		what: "Too many codes for a new email address were asked for", tell: tellTooManyAsks,
	},
	"account.link-code-wrong":           {what: "The code for a link was wrong", tell: tellNewestCode},
	"account.link-code-asked-too-often": {what: "Too many codes for a link were asked for", tell: tellTooManyAsks},
	"account.undo-code-wrong":           {what: "The code to undo a link was wrong", tell: tellNewestCode},
	"account.undo-code-asked-too-often": {
		what: "Too many codes to undo a link were asked for", tell: tellTooManyAsks,
	},
	"account.email-refused": {
		what: "The email address cannot be used for the account",
		tell: "Use your own work email address, and not one that a team shares.",
	},
	"account.email-taken": {
		what: "Another account has the email address",
		tell: "Use another address of your own, or ask your DoS user administrator which account has it.",
	},
	string(administration.Refused): {
		what: "An administrator tried to do something to the account that they may not do",
		tell: "Ask a DoS user administrator who looks after a wider area.",
	},
	"account.relink-refused": {
		what: "An administrator tried to let themselves link without a password",
		tell: "Ask another DoS user administrator to do it.",
	},
	"account.unlink-refused": {
		what: "The link could not be undone by that person",
		tell: "Ask a DoS user administrator to undo it.",
	},
	"link.refused": {
		what: "The account and the Care Identity cannot be linked",
		tell: "Check the username and password. If they are right, ask your DoS user administrator to look at the " +
			"account.",
	},
	"link.leave-wrong": {
		what: "The code from an administrator, or its username, was wrong",
		tell: "Check both. If the code was lost, ask your DoS user administrator for another one.",
	},
	"link.leave-locked": {
		what: "Wrong codes from administrators were entered too many times",
		tell: "Wait 15 minutes, then try again.",
	},
	string(review.Refused): {
		what: "An administrator tried to decide about a link that they may not decide about",
		tell: "Ask another DoS user administrator, who is not concerned by it.",
	},
	string(alias.Refused): {
		what: "An administrator tried to do something to a domain alias that they may not do",
		tell: "Ask another DoS user administrator who looks after everybody.",
	},
	"mailing.refused": {
		what: "Somebody tried to send or stop a mail that another administrator wrote",
		tell: "Ask whoever wrote it.",
	},
	"wave.fill-refused": {
		"Accounts were not put into the wave: its passwords have ended",
		"Move the wave back to Choose first, or put the accounts into another wave.",
	},
	"wave.undo-refused": {
		what: "The start of a wave was not undone: too late, not the last one, or its list had been changed",
		tell: "If the list was changed in the database, tell whoever runs the system. A wave can be moved back.",
	},
	"wave.move-refused": {
		what: "A wave was not moved: it is paused, it is night, or no administrator could have logged in after that",
		tell: "Resume it, do it in the daytime, or have an administrator of the wave link their Care Identity first.",
	},
	"merge.refused": {
		what: "Something about a merge of two accounts was refused",
		tell: "The page of the merge says what is in the way.",
	},
	"request.code-wrong": {what: "The code for a request for an account was wrong", tell: tellNewestCode},
	"request.code-asked-too-often": {
		what: "Too many codes for a request for an account were asked for", tell: tellTooManyAsks,
	},
	"breakglass.refused": {
		what: "Something about emergency rights was refused",
		tell: "The page says why. They are for people who came with their Care Identity, nobody opens or reviews " +
			"their own, and nobody asks more than 3 times in a day.",
	},
	"shared.refused": {
		what: "Something about a shared account was refused",
		tell: "The page says why. Nobody decides about themselves, and an account retires early only after 14 days " +
			"in which everybody who used it has said who they are.",
	},
	"request.refused": {
		what: "Something about a request for an account was refused",
		tell: "The page says why, and what to do. The link in the newest email leads to the request.",
	},
	"request.invitation-refused": {
		what: "The account may not invite colleagues to request accounts",
		tell: "Ask a DoS lead or a DoS user administrator to invite them.",
	},
	"service.change-refused": {
		what: "The account may not change that service",
		tell: "Ask the DoS lead of the organisation that runs the service to change it.",
	},
	"signin.locked-out": {
		what: "There were too many wrong passwords with this username",
		tell: "Wait 15 minutes, or log in with your Care Identity.",
	},
	"signin.not-in": {
		what: "The Care Identity was not let in",
		tell: "Log in again. The page says what is missing.",
	},
	"signin.password-over": {
		what: "The password was right, but no longer opens the account",
		tell: "Log in with your Care Identity. You are asked for the password once more, to link the account.",
	},
	"signin.password-wrong": {
		what: "The username or the password was wrong, or the account logs in with a Care Identity",
		tell: "Check both and try again. After 10 wrong tries, wait 15 minutes, or log in with your Care Identity.",
	},
}

// unknown is said of what no catalogue words, as events of a later release may be.
var unknown = advice{
	what: "Something was refused",
	tell: "Say what you wanted to do, and when. Those who run the system find it by this reference.",
}

// adviceOn words the event of a refusal.
func adviceOn(e audit.Entry) advice {
	var found advice
	if refused, known := signin.RefusedIn(e); known {
		found = byOutcome[refused.Outcome]
	}
	if refusal, named := linking.RefusalNamed(e.Reason); named {
		found = byRefusal[refusal]
	}
	return cmp.Or(found, byKind[string(e.Kind)], unknown)
}

// Words reports whether there are words for refusals of a kind.
func Words(kind audit.Kind) bool { return byKind[string(kind)] != advice{} }
