// Package advice words refusals for whoever helps the person who was refused: what happened, and what to tell them.
package advice

import (
	"cmp"

	"signpost/internal/dos/administration"
	"signpost/internal/dos/alias"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/audit"
)

// Advice tells an administrator or the service desk of a refusal: what happened, and what to tell the person.
type Advice struct {
	What, Tell string
	Authority  bool // their registration authority can help
}

// byOutcome words the refusals of logins with a Care Identity.
var byOutcome = map[signin.Outcome]Advice{
	signin.NoAccount: {
		What: "No account is linked to the Care Identity",
		Tell: "Enter the username and password of your own account on that page to link it. If you have none, " +
			"request one.",
	},
	signin.AccountInactive: {
		What: "The account that is linked to the Care Identity is not active",
		Tell: "Ask your DoS user administrator whether you still need access.",
	},
	signin.Reactivated: {
		What: "The Care Identity was suspended or closed after it was linked, and nobody has approved the link again",
		Tell: "Somebody who reviews links has to decide, under Link reviews. You are told by email; then log in again.",
	},
	signin.OrganisationUnknown: {
		What: "The organisation of the account is not known",
		Tell: "Log in and choose the organisation that you work for. A DoS user administrator then confirms it.",
	},
	signin.OtherOrganisation: {
		What: "The position is held at another organisation than that of the account",
		Tell: "Ask for an account at the other organisation, or for the account's organisation to be changed.",
	},
	signin.NoPosition: {
		What: "The Care Identity does not have the position for the Directory of Services",
		Tell: "Ask your registration authority for the position ‘Directory of Services System’, with R8008 and " +
			"B0166.",
		Authority: true,
	},
	signin.IdentityLow: {
		What:      "The person's identity has not been checked to level 3",
		Tell:      "Ask your registration authority to check your identity documents.",
		Authority: true,
	},
}

// byRefusal words the links that were refused.
var byRefusal = map[linking.Refusal]Advice{
	linking.SharedAccount: {
		What: "A shared account cannot be linked to one person's Care Identity",
		Tell: "Request an account of your own.",
	},
	linking.ResetPassword: {
		What: "The password of the account was set by a code in an email, which does not show whose it is",
		Tell: "Ask your DoS user administrator for a code to link the account.",
	},
	linking.TooEarly: {
		What: "Linking has not opened for the account yet",
		Tell: "Keep logging in with your username and password. Your checklist says what you can prepare.",
	},
	linking.AlreadyLinked: {
		What: "The account or the Care Identity is linked already",
		Tell: "Log in with the Care Identity that you linked. If you linked none, say so: somebody else did.",
	},
	linking.TeamMailbox: {
		What: "The email address of the account is a team's, so it cannot prove who somebody is",
		Tell: "Change it to your own work address on your account page. You can link 3 days later.",
	},
	linking.HeldBack: {
		What: "A rule gave the link to an administrator, who has to look at it first",
		Tell: "Wait for our email. If it takes long, ask your DoS user administrator to look at Link reviews.",
	},
	linking.NoPosition: {
		What:      "The person's Care Identity does not have the position that opens the directory",
		Tell:      "Ask your registration authority for the position, then open your set-up link again.",
		Authority: true,
	},
	linking.PositionFirst: {
		What: "The person's Care Identity does not have the position that opens the directory, and their password " +
			"still lets them in: linked, they would have been locked out",
		Tell: "Log in with your password as before. Ask your registration authority for the position, then link " +
			"your account.",
		Authority: true,
	},
	linking.IdentityWeak: {
		What:      "The person's identity has not been checked to level 3",
		Tell:      "Ask your registration authority to check your identity documents.",
		Authority: true,
	},
	linking.Overtaken: {
		What: "The email address of the account was changed during the link",
		Tell: "If you changed it, start again. If you did not, say so: somebody else did.",
	},
	linking.IdentityEnded: {
		What:      "The Care Identity was suspended or closed during the link",
		Tell:      "Ask your registration authority why. You can link when it is active again.",
		Authority: true,
	},
}

const (
	tellNewestCode  = "Type the code from the newest email. After 5 wrong tries, ask for another one."
	tellTooManyAsks = "Wait 15 minutes, then ask for one code and use the newest email."
)

// byKind words the other refusals, by the kinds of their events.
var byKind = map[string]Advice{
	"account.email-code-wrong": {What: "The code for a new email address was wrong", Tell: tellNewestCode},
	"account.email-code-asked-too-often": {
		What: "Too many codes for a new email address were asked for", Tell: tellTooManyAsks,
	},
	"account.link-code-wrong":           {What: "The code for a link was wrong", Tell: tellNewestCode},
	"account.link-code-asked-too-often": {What: "Too many codes for a link were asked for", Tell: tellTooManyAsks},
	"account.undo-code-wrong":           {What: "The code to undo a link was wrong", Tell: tellNewestCode},
	"account.undo-code-asked-too-often": {
		What: "Too many codes to undo a link were asked for", Tell: tellTooManyAsks,
	},
	"account.email-refused": {
		What: "The email address cannot be used for the account",
		Tell: "Use your own work email address, and not one that a team shares.",
	},
	"account.email-taken": {
		What: "Another account has the email address",
		Tell: "Use another address of your own, or ask your DoS user administrator which account has it.",
	},
	string(administration.Refused): {
		What: "An administrator tried to do something to the account that they may not do",
		Tell: "Ask a DoS user administrator who looks after a wider area.",
	},
	"account.relink-refused": {
		What: "An administrator tried to let themselves link without a password",
		Tell: "Ask another DoS user administrator to do it.",
	},
	"account.unlink-refused": {
		What: "The link could not be undone by that person",
		Tell: "Ask a DoS user administrator to undo it.",
	},
	"link.refused": {
		What: "The account and the Care Identity cannot be linked",
		Tell: "Check the username and password. If they are right, ask your DoS user administrator to look at the " +
			"account.",
	},
	"link.leave-wrong": {
		What: "The code from an administrator, or its username, was wrong",
		Tell: "Check both. If the code was lost, ask your DoS user administrator for another one.",
	},
	"link.leave-locked": {
		What: "Wrong codes from administrators were entered too many times",
		Tell: "Wait 15 minutes, then try again.",
	},
	string(review.Refused): {
		What: "An administrator tried to decide about a link that they may not decide about",
		Tell: "Ask another DoS user administrator, who is not concerned by it.",
	},
	string(alias.Refused): {
		What: "An administrator tried to do something to a domain alias that they may not do",
		Tell: "Ask another DoS user administrator who looks after everybody.",
	},
	"mailing.refused": {
		What: "Somebody tried to send or stop a mail that another administrator wrote",
		Tell: "Ask whoever wrote it.",
	},
	"wave.fill-refused": {
		What: "Accounts were not put into the wave: its passwords have ended",
		Tell: "Move the wave back to Choose first, or put the accounts into another wave.",
	},
	"wave.undo-refused": {
		What: "The start of a wave was not undone: too late, not the last one, or its list had been changed",
		Tell: "If the list was changed in the database, tell whoever runs the system. A wave can be moved back.",
	},
	"wave.move-refused": {
		What: "A wave was not moved: it is paused, it is night, too many of its people have a problem, not everybody " +
			"has had guidance for long enough, or no administrator could have logged in after that",
		Tell: "See on the page of the wave what stops it.",
	},
	"merge.refused": {
		What: "Something about a merge of two accounts was refused",
		Tell: "The page of the merge says what is in the way.",
	},
	"request.code-wrong": {What: "The code for a request for an account was wrong", Tell: tellNewestCode},
	"request.code-asked-too-often": {
		What: "Too many codes for a request for an account were asked for", Tell: tellTooManyAsks,
	},
	"breakglass.refused": {
		What: "Something about emergency rights was refused",
		Tell: "The page says why. They are for people who came with their Care Identity, nobody opens or reviews " +
			"their own, and nobody asks more than 3 times in a day.",
	},
	"shared.refused": {
		What: "Something about a shared account was refused",
		Tell: "The page says why. Nobody decides about themselves, and an account retires early only after 14 days " +
			"in which everybody who used it has said who they are.",
	},
	"stepmail.refused": {
		What: "The service desk could not send the email of the next step",
		Tell: "The page of the account says why, and what they have to do now: read it out.",
	},
	"ticket.code-wrong": {What: "The code for a ticket was wrong", Tell: tellNewestCode},
	"ticket.code-asked-too-often": {
		What: "Too many codes for a ticket were asked for", Tell: tellTooManyAsks,
	},
	"ticket.refused": {
		What: "Something about a ticket of the service desk was refused",
		Tell: "The ticket is of somebody outside the area that you look after. Ask somebody who looks after it.",
	},
	"request.refused": {
		What: "Something about a request for an account was refused",
		Tell: "The page says why, and what to do. The link in the newest email leads to the request.",
	},
	"request.invitation-refused": {
		What: "The account may not invite colleagues to request accounts",
		Tell: "Ask a DoS lead or a DoS user administrator to invite them.",
	},
	"service.change-refused": {
		What: "The account may not change that service",
		Tell: "Ask the DoS lead of the organisation that runs the service to change it.",
	},
	"signin.desk-refused": {
		What: "The service desk tried to end the lock of the account once more than it can in a day",
		Tell: "Wait 15 minutes, or log in with your Care Identity.",
	},
	"signin.locked-out": {
		What: "There were too many wrong passwords with this username",
		Tell: "Wait 15 minutes, or log in with your Care Identity.",
	},
	"signin.not-in": {
		What: "The Care Identity was not let in",
		Tell: "Log in again. The page says what is missing.",
	},
	"signin.password-over": {
		What: "The password was right, but no longer opens the account",
		Tell: "Log in with your Care Identity. You are asked for the password once more, to link the account.",
	},
	"signin.password-wrong": {
		What: "The username or the password was wrong, or the account logs in with a Care Identity",
		Tell: "Check both and try again. After 10 wrong tries, wait 15 minutes, or log in with your Care Identity.",
	},
}

// unknown is said of what no catalogue words, as events of a later release may be.
var unknown = Advice{
	What: "Something was refused",
	Tell: "Say what you wanted to do, and when. Those who run the system find it by this reference.",
}

// On words the event of a refusal.
func On(e audit.Entry) Advice {
	var found Advice
	if refused, known := signin.RefusedIn(e); known {
		found = byOutcome[refused.Outcome]
	}
	if refusal, named := linking.RefusalNamed(e.Reason); named {
		found = byRefusal[refusal]
	}
	return cmp.Or(found, byKind[string(e.Kind)], unknown)
}

// Words reports whether there are words for refusals of a kind.
func Words(kind audit.Kind) bool { return byKind[string(kind)] != Advice{} }
