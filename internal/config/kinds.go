package config

import (
	"fmt"
	"slices"

	"signpost/internal/platform/audit"
)

// EventKinds are the kinds of events that are recorded anywhere, so that one that is misspelt in the configuration is
// refused. A test holds the list to what the packages declare.
var EventKinds = []string{
	"account.act-refused", "account.added", "account.amended", "account.count-mended", "account.counted",
	"account.deactivated", "account.email-asked",
	"account.email-changed",
	"account.email-code-asked-too-often", "account.email-code-wrong", "account.email-proved",
	"account.email-refused", "account.email-taken", "account.exported", "account.group-given",
	"account.group-taken", "account.import-changed", "account.link-code-asked-too-often",
	"account.link-code-wrong", "account.linked", "account.list-exported", "account.merge-code-asked-too-often",
	"account.merge-code-wrong", "account.merged", "account.namesakes-noted",
	"account.organisation-set",
	"account.password-code-asked-too-often", "account.password-code-wrong",
	"account.phone-changed",
	"account.reactivated", "account.relink-allowed",
	"account.relink-refused",
	"account.renamed", "account.undo-code-asked-too-often", "account.undo-code-wrong",
	"account.unlink-refused", "account.unlinked", "account.unmerged", "account.username-clashes",
	"account.usernames",
	"account.words",
	"alias.proposed", "alias.refused", "alias.signed", "alias.withdrawn",
	"apply.answered", "apply.approved", "apply.checked", "apply.code-sent", "apply.code-wrong", "apply.duplicate",
	"apply.entered", "apply.file-read", "apply.file-sent", "apply.invited", "apply.left", "apply.looked-at",
	"apply.no-number", "apply.phone-locked", "apply.refused", "apply.rejected", "apply.resent", "apply.returned",
	"apply.row-refused", "apply.shown", "apply.submitted",
	"apply.swept", "apply.withdrawn",
	"audit.details-erased",
	"authenticator.active", "authenticator.binding-begun", "authenticator.bound", "authenticator.code-mailed",
	"authenticator.invitation-withdrawn", "authenticator.invitations-swept", "authenticator.invited",
	"authenticator.level",
	"authenticator.not-approved", "authenticator.refused",
	"authenticator.pass-asked", "authenticator.pass-made", "authenticator.pass-refused", "authenticator.pass-used",
	"authenticator.password-asked", "authenticator.password-asked-too-often", "authenticator.password-code-wrong",
	"authenticator.password-set",
	"authenticator.removed", "authenticator.suspended", "authenticator.told", "authenticator.unlocked",
	"authenticator.unused",
	"batch.approved", "batch.done", "batch.looked-at", "batch.made", "batch.rejected", "batch.resumed", "batch.row",
	"batch.sent", "batch.stopped", "batch.swept", "batch.undo-begun", "batch.undone", "batch.withdrawn",
	"banner.discarded", "banner.put-up", "banner.taken-down", "banner.written",
	"board.counted",
	"breakglass.asked", "breakglass.declined", "breakglass.ended", "breakglass.lapsed", "breakglass.opened",
	"breakglass.refused", "breakglass.reminded", "breakglass.reviewed", "breakglass.withdrawn",
	"checklist.asked", "checklist.told",
	"cim.in", "cim.logout-replayed", "cim.not-in", "cim.out", "cim.provider-logout",
	"client.approval-asked", "client.approved", "client.change-withdrawn", "client.changed", "client.closed",
	"client.created", "client.given", "client.looks", "client.not-approved", "client.not-national",
	"client.own-approval", "client.refused", "client.registered", "client.resumed", "client.secret-ended",
	"client.secret-rotated", "client.suspended", "client.visits-swept",
	"correction.refused", "correction.same-ni",
	"database.ready",
	"demo.directory-made", "demo.invited",
	"desk.read", "desk.refused",
	"directory.organisation-words", "directory.words",
	"drift.compared", "drift.decided", "drift.exported",
	"esr.read",
	"extract.answered", "extract.changes-answered", "extract.refused", "extract.replayed", "extract.several-told",
	"followup.asked", "followup.broken",
	"guardrail.limits-set", "guardrail.tripped",
	"identity.amended", "identity.created", "identity.detail-changed", "identity.documents-seen",
	"identity.email-asked",
	"identity.email-asked-too-often", "identity.email-changed",
	"identity.email-code-wrong", "identity.move-refused", "identity.moved", "identity.ni-shown",
	"identity.note-added", "identity.photo-removed", "identity.photo-set", "identity.registration",
	"identity.renamed", "identity.verified",
	"identity.words",
	"import.begun", "import.finished", "import.numbered", "import.undoing", "import.undone", "import.written",
	"key.begun", "key.made", "key.published", "key.replaced", "key.retired", "key.revoked", "key.signing",
	"life.closing-begun", "life.closing-step", "life.refused",
	"link.begun", "link.code-again", "link.held", "link.leave-locked", "link.leave-wrong", "link.names-differ",
	"link.reactivated-alone",
	"link.refused", "link.undo-asked",
	"mailing.begun", "mailing.letters-made", "mailing.letters-posted",
	"mailing.prepared", "mailing.refused", "mailing.sent", "mailing.stop-reason", "mailing.stopped",
	"mailing.swept", "mailing.tested",
	"mail.delivered", "mail.given-up", "mail.returned", "mail.swept", "mail.told",
	"merge.code-asked", "merge.confirmed", "merge.declined", "merge.done", "merge.proposed", "merge.refused",
	"merge.undone", "merge.withdrawn",
	"metadata.imported", "metadata.judged",
	"mirror.cancelled", "mirror.reported", "mirror.set",
	"notice.given-up", "notice.sent-again", "notice.test-sent",
	"organisation.added", "organisation.hosted", "organisation.policy", "organisation.reach-set",
	"organisation.recoded", "organisation.unhosted", "organisation.words",
	"position.added", "position.assignable", "position.assigned", "position.closed", "position.dates",
	"position.edited",
	"position.end-refused", "position.ended", "position.holders", "position.names",
	"reference.activities-read", "reference.roles-read",
	"clinic.absent", "clinic.checked-in", "clinic.done", "clinic.ended", "clinic.kept", "clinic.listed", "clinic.made",
	"clinic.people-added", "clinic.put-back", "clinic.swept",
	"provider.swept",
	"ra-ask.code-asked", "ra-ask.code-asked-too-often", "ra-ask.code-wrong", "ra-ask.proved", "ra-ask.repeated",
	"ra-ask.told", "ra-ask.too-many",
	"ra-request.days",
	"ra-request.completed", "ra-request.ended", "ra-request.left", "ra-request.looked-at", "ra-request.opened",
	"ra-request.refused", "ra-request.rejected", "ra-request.sent-again", "ra-request.withdrawn",
	"registration.alone", "registration.looked-for", "registration.refused", "registration.rules",
	"registration.searched",
	"report.drawn",
	"request.answered", "request.approved", "request.asked-back", "request.begun", "request.code-asked",
	"request.code-asked-too-often", "request.code-wrong", "request.confirmed", "request.entered",
	"request.flagged", "request.identity", "request.invitation-refused", "request.invited", "request.looked-at",
	"request.moved", "request.placed",
	"reminder.again", "reminder.stopped",
	"request.refused", "request.rejected", "request.stated", "request.swept", "request.withdrawn",
	"results.told",
	"review.decided", "review.opened", "review.refused",
	"service.change-refused", "service.changed",
	"session.surplus", "session.swept",
	"shared.claimed", "shared.confirmed", "shared.dated", "shared.frozen", "shared.merged", "shared.opened",
	"shared.denied",
	"shared.proved", "shared.refused", "shared.rejected", "shared.restored", "shared.retired", "shared.unclaimed-told",
	"shared.unfrozen",
	"smartcard.allowed", "smartcard.issued", "smartcard.refused", "smartcard.renewed", "smartcard.unlocked",
	"signin.confirmed", "signin.desk-ended-sessions", "signin.desk-refused", "signin.desk-unlocked",
	"signin.ended", "signin.granted", "signin.in", "signin.locked-out",
	"signin.logout-replayed", "signin.not-in", "signin.organisation-claimed", "signin.organisation-own",
	"signin.organisation-denied", "signin.out", "signin.password-asked", "signin.password-over", "signin.password-set",
	"signin.password-wrong",
	"signin.proved", "signin.provider-logout", "signin.refused", "signin.rights-ended", "signin.role-asked",
	"signin.role-chosen", "signin.service-changed", "signin.sessions-ended",
	"simulation.saved", "simulation.swept",
	"staff-record.associated", "staff-record.dropped", "staff-record.message", "staff-record.position-declined",
	"staff-record.position-linked",
	"standing.asked-by-file", "standing.read-from-file",
	"stepmail.refused", "stepmail.sent",
	"team.accepted", "team.declined", "team.invitations-swept", "team.invited", "team.joined", "team.left",
	"team.looks", "team.made", "team.refused", "team.withdrawn",
	"token.code-replayed", "token.issued", "token.refused", "token.revoked",
	"ticket.read-again", "ticket.unread",
	"ticket.answered", "ticket.changed", "ticket.code-asked", "ticket.code-asked-too-often", "ticket.code-wrong",
	"ticket.confirmed", "ticket.merged", "ticket.noted", "ticket.raised", "ticket.refused", "ticket.replied",
	"ticket.sent", "ticket.swept", "ticket.unmerged",
	"wave.added", "wave.dates-set", "wave.fill-refused", "wave.filled",
	"wave.joined", "wave.move-refused", "wave.paused", "wave.phase-set", "wave.put-apart", "wave.resumed",
	"exception.asked", "exception.ended", "exception.given", "exception.refused",
	"link.put-off", "wave.allowance-set", "wave.guidance-exported", "wave.guidance-set", "wave.passed-on",
	"wave.start-prepared", "wave.start-swept", "wave.start-undone", "wave.undo-refused",
	"workgroup.added", "workgroup.closed", "workgroup.joined",
}

// nearest gives the word of a list that differs least from what was written, or nothing if all are quite different.
func nearest(list []string, written string) (word string, is bool) {
	maxDifferences := len(written) / 2
	for _, one := range list {
		if d := differences(one, written); d <= maxDifferences {
			maxDifferences = d - 1
			word = one
		}
	}
	return word, word != ""
}

// differences counts the letters that must be put in, taken out or exchanged to make one text of another (Levenshtein).
func differences(a, b string) int {
	above := make([]int, len(b)+1)
	for i := range above {
		above[i] = i
	}
	for i := range len(a) {
		row := []int{i + 1}
		for j := range len(b) {
			exchanged := above[j]
			if a[i] != b[j] {
				exchanged++
			}
			row = append(row, min(exchanged, above[j+1]+1, row[j]+1))
		}
		above = row
	}
	return above[len(b)]
}

// known refuses a kind of event that there is not.
func known(kind audit.Kind) error {
	if slices.Contains(EventKinds, string(kind)) {
		return nil
	}
	if near, is := nearest(EventKinds, string(kind)); is {
		return fmt.Errorf("retention.details: there is no kind of event %q: write %q if that is meant", kind, near)
	}
	return fmt.Errorf("retention.details: there is no kind of event %q: mend it or take it out", kind)
}
