package mine

import (
	"cmp"
	"encoding/json"

	"signpost/internal/dos/signin"
	"signpost/internal/platform/audit"
)

// done words what happened, by the kinds of events.
var done = map[string]string{
	"account.act-refused":                   "Change of the account by an administrator refused",
	"account.added":                         "Account made",
	"account.amended":                       "Details of the account changed before anybody logged in",
	"account.deactivated":                   "Account deactivated",
	"account.email-asked":                   "Code asked for, to confirm an email address",
	"account.email-changed":                 "Email address changed",
	"account.email-code-asked-too-often":    "Too many codes asked for, to confirm an email address",
	"account.email-code-wrong":              "Wrong code for an email address",
	"account.email-proved":                  "Email address confirmed",
	"account.email-refused":                 "Email address refused",
	"account.email-taken":                   "Email address refused, as another account has it",
	"account.list-exported":                 "List of accounts downloaded",
	"account.group-given":                   "Group given",
	"account.group-taken":                   "Group taken away",
	"account.exported":                      "All accounts written to a file",
	"account.import-changed":                "Details of the account changed by an import",
	"account.link-code-asked-too-often":     "Too many codes asked for, to link a Care Identity",
	"account.link-code-wrong":               "Wrong code for a link",
	"account.linked":                        "Linked to a Care Identity",
	"account.merge-code-asked-too-often":    "Too many codes asked for, to merge two accounts",
	"account.merge-code-wrong":              "Wrong code for a merge of two accounts",
	"account.merged":                        "Account merged into another one",
	"account.namesakes-noted":               "Accounts of one name noted",
	"account.organisation-set":              "Organisation of the account changed",
	"account.password-code-asked-too-often": "Code for another password refused, as there were too many",
	"account.password-code-wrong":           "Wrong code for another password",
	"account.phone-changed":                 "Telephone number changed",
	"account.reactivated":                   "Account activated again",
	"account.relink-allowed":                "Code given with which the account can be linked",
	"account.relink-refused":                "Leave to link without a password refused",
	"account.renamed":                       "Username changed",
	"account.undo-code-asked-too-often":     "Too many codes asked for, to undo the link",
	"account.undo-code-wrong":               "Wrong code to undo the link",
	"account.unlink-refused":                "Undo of the link refused",
	"account.unlinked":                      "Link to the Care Identity undone",
	"account.unmerged":                      "Account that was merged opened again",
	"account.username-clashes":              "Username found to differ from another in capital letters alone",
	"account.usernames":                     "Usernames of before an upgrade compared",
	"account.counted":                       "Accounts counted that had changed",
	"account.count-mended":                  "Counts of accounts put right",
	"account.words":                         "Accounts of before an upgrade made ready to be found",
	"breakglass.asked":                      "Emergency rights asked for",
	"breakglass.declined":                   "Emergency rights declined",
	"breakglass.ended":                      "Emergency rights ended",
	"breakglass.lapsed":                     "Emergency rights not opened, as nobody did so in time",
	"breakglass.opened":                     "Emergency rights opened",
	"breakglass.refused":                    "Something about emergency rights refused",
	"breakglass.reminded":                   "Reminder sent to review a use of emergency rights",
	"breakglass.reviewed":                   "Use of emergency rights reviewed",
	"breakglass.withdrawn":                  "Emergency rights not wanted any more",
	"directory.organisation-words":          "Organisations of before an upgrade made ready to be found",
	"directory.words":                       "Services of before an upgrade made ready to be found",
	"import.begun":                          "Import begun",
	"import.finished":                       "Import finished",
	"import.undoing":                        "Import being undone",
	"import.undone":                         "Import undone",
	"import.written":                        "Part of an import written",
	"link.begun":                            "Link to a Care Identity begun",
	"link.code-again":                       "Another code asked for, to link a Care Identity",
	"link.leave-locked":                     "Too many wrong codes from an administrator",
	"link.leave-wrong":                      "Wrong code from an administrator",
	"link.names-differ":                     "Linked although the names differ",
	"link.reactivated-alone":                "Link kept after a suspension, as nobody could look at it again",
	"link.refused":                          "Link to a Care Identity refused",
	"link.undo-asked":                       "Code asked for, to undo the link",
	"mailing.begun":                         "Mail to several users begun",
	"mailing.prepared":                      "Mail to several users prepared",
	"mailing.refused":                       "Something about a mail to several users refused",
	"mailing.sent":                          "Part of a mail to several users sent",
	"mailing.stopped":                       "Mail to several users stopped",
	"mailing.swept":                         "Mails to several users that were never sent forgotten",
	"merge.code-asked":                      "Code asked for, to show that two accounts are one person’s",
	"merge.confirmed":                       "Two accounts shown to be one person’s",
	"merge.declined":                        "Somebody said that two accounts are not both theirs",
	"merge.done":                            "Two accounts merged",
	"merge.proposed":                        "Merge of two accounts proposed",
	"merge.refused":                         "Something about a merge of two accounts refused",
	"merge.undone":                          "Merge of two accounts undone",
	"merge.withdrawn":                       "Merge of two accounts withdrawn",
	"shared.opened":                         "Case of a shared account opened",
	"shared.claimed":                        "Somebody said who they are who uses a shared account",
	"shared.confirmed":                      "Person who uses a shared account confirmed",
	"shared.proved":                         "Person who uses a shared account opened their own link",
	"shared.rejected":                       "Person who uses a shared account rejected",
	"shared.merged":                         "Two people who use a shared account found to be one",
	"shared.frozen":                         "Shared account frozen",
	"shared.unfrozen":                       "Freeze of a shared account undone",
	"shared.retired":                        "Shared account retired",
	"shared.restored":                       "Retirement of a shared account undone",
	"shared.refused":                        "Something about a shared account refused",
	"shared.dated":                          "Deactivation date of a shared account moved",
	"shared.unclaimed-told":                 "Administrators told of use of a shared account",
	"request.answered":                      "Question about a request for an account answered",
	"request.approved":                      "Request for an account approved",
	"request.asked-back":                    "Question asked about a request for an account",
	"request.flagged":                       "Two people found to have approved each other's requests",
	"request.looked-at":                     "Request for an account looked at",
	"request.moved":                         "Request for an account put into another region",
	"request.rejected":                      "Request for an account rejected",
	"request.invited":                       "Colleague invited to request an account",
	"request.invitation-refused":            "Invitation to request an account refused",
	"request.swept":                         "Requests and invitations that nobody answered deleted",
	"request.entered":                       "First login of somebody who requested an account noted",
	"request.begun":                         "Request for an account filled in",
	"request.code-asked":                    "Code asked for, to confirm a request for an account",
	"request.code-asked-too-often":          "Too many codes asked for, for a request for an account",
	"request.code-wrong":                    "Wrong code for a request for an account",
	"request.confirmed":                     "Request for an account confirmed by its code",
	"request.identity":                      "Care Identity put on a request for an account",
	"request.refused":                       "Something about a request for an account refused",
	"request.stated":                        "Said that there is no Care Identity for a request yet",
	"request.withdrawn":                     "Request for an account withdrawn",
	"service.change-refused":                "Change of a service refused",
	"service.changed":                       "Service changed",
	"session.surplus":                       "Oldest sessions ended, as there were too many",
	"signin.in":                             "Logged in",
	"signin.locked-out":                     "Login refused, after too many wrong passwords",
	"signin.logout-replayed":                "Notice of a logout refused, as it came twice",
	"signin.not-in":                         "Login with a Care Identity refused",
	"signin.organisation-claimed":           "Said to which organisation they belong",
	"signin.organisation-denied":            "Told that they do not belong to an organisation",
	"signin.organisation-own":               "Said to which organisation they belong, as the only administrator",
	"signin.out":                            "Logged out",
	"signin.password-over":                  "Login refused, as the password no longer opens the account",
	"signin.password-asked":                 "Asked for a code to set another password",
	"signin.password-set":                   "Password changed, by a code in an email",
	"signin.password-wrong":                 "Wrong password",
	"signin.provider-logout":                "Logged out, as the session at Care Identity ended",
	"signin.rights-ended":                   "Logged out, as the Care Identity does not open the directory any more",
	"signin.role-asked":                     "Asked in which role they log in",
	"signin.sessions-ended":                 "Sessions on other browsers ended",
	"wave.added":                            "Wave of accounts made",
	"wave.joined":                           "Account put into a wave",
	"wave.move-refused":                     "Wave not moved: no administrator could have logged in",
	"wave.phase-set":                        "Wave moved to another phase",
	"alias.proposed":                        "Domain alias proposed",
	"alias.refused":                         "Act on a domain alias refused",
	"alias.signed":                          "Domain alias signed",
	"alias.withdrawn":                       "Domain alias withdrawn",
	"drift.compared":                        "Email addresses compared with those of Care Identities",
	"drift.decided":                         "Decision about email addresses that differ",
	"drift.exported":                        "List of email addresses that differ downloaded",
	"link.held":                             "Link to a Care Identity given to an administrator to look at",
	"review.decided":                        "Decision about a link to a Care Identity",
	"review.opened":                         "Link to a Care Identity waits for an administrator",
	"review.refused":                        "Decision about a link refused",
}

// textOf words what happened.
func textOf(e audit.Entry) string {
	if e.Kind != signin.SignedIn {
		return cmp.Or(done[string(e.Kind)], "Something that this page has no words for")
	}
	var how signin.How
	if json.Unmarshal(e.After, &how) != nil {
		var by struct{ How signin.How }
		_ = json.Unmarshal(e.After, &by) // it is not said where it is not known
		how = by.How
	}
	if how == "" {
		return done[string(e.Kind)]
	}
	return done[string(e.Kind)] + " with " + inSentence[how]
}

var inSentence = map[signin.How]string{
	signin.ByPassword:     "a password",
	signin.ByCareIdentity: "a Care Identity",
}

// Words reports whether there are words for events of a kind.
func Words(kind audit.Kind) bool { return done[string(kind)] != "" }
