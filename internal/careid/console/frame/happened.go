package frame

import (
	"strings"

	"signpost/internal/platform/audit"
)

// happened words what happened, by the kind of its event.
var happened = map[string]string{
	"identity.created":                       "Care Identity made",
	"identity.amended":                       "Name and email address corrected",
	"identity.renamed":                       "Name changed",
	"identity.verified":                      "Identity verified",
	"identity.detail-changed":                "Detail changed",
	"identity.documents-seen":                "Identity documents seen",
	"identity.ni-shown":                      "National Insurance number looked at",
	"identity.photo-set":                     "Photo changed",
	"identity.photo-removed":                 "Photo removed",
	"identity.registration":                  "Professional registration changed",
	"identity.note-added":                    "Note written",
	"identity.moved":                         "Status changed",
	"identity.move-refused":                  "Change of status refused",
	"identity.email-asked":                   "Code for a new email address asked for",
	"identity.email-asked-too-often":         "Too many codes for a new email address asked for",
	"identity.email-changed":                 "Email address changed",
	"identity.email-code-wrong":              "Wrong code for a new email address typed",
	"identity.words":                         "Names made ready to be searched",
	"life.closing-begun":                     "Closing begun",
	"life.closing-step":                      "A part of closing done",
	"life.refused":                           "Change of status refused",
	"correction.refused":                     "Change of a detail refused",
	"correction.same-ni":                     "National Insurance number of another refused",
	"registration.looked-for":                "Looked for as a possible match",
	"registration.searched":                  "Searched for people",
	"registration.refused":                   "Act of a registration authority refused",
	"position.added":                         "Position added",
	"position.assigned":                      "Position given",
	"position.ended":                         "Position ended",
	"position.end-refused":                   "End of a position refused",
	"position.dates":                         "Dates of a position changed",
	"batch.row":                              "A row about them in a batch done",
	"cim.in":                                 "Logged in to Care Identity Management",
	"cim.out":                                "Logged out of Care Identity Management",
	"signin.proved":                          "An authenticator was used to log in",
	"signin.granted":                         "Logged in to a service",
	"signin.confirmed":                       "Went on as the person who was logged in",
	"signin.role-chosen":                     "Role chosen",
	"signin.ended":                           "Login ended",
	"signin.refused":                         "Login refused",
	"signin.service-changed":                 "What a service may do changed",
	"token.issued":                           "A service took the login over",
	"token.revoked":                          "A service gave the login up",
	"token.code-replayed":                    "A login was tried a second time, and ended",
	"staff-record.associated":                "Associated with a person of a staff record",
	"workgroup.joined":                       "Joined a workgroup",
	"desk.read":                              "Profile looked at",
	"desk.refused":                           "Act of the service desk refused",
	"authenticator.active":                   "Authenticator works again",
	"authenticator.binding-begun":            "Adding an authenticator begun",
	"authenticator.bound":                    "Authenticator added",
	"authenticator.code-mailed":              "Code for an authenticator sent",
	"authenticator.invitation-withdrawn":     "Link to add an authenticator withdrawn",
	"authenticator.invitations-swept":        "Old links deleted",
	"authenticator.invited":                  "Link to add an authenticator made",
	"authenticator.level":                    "Level of an authenticator changed",
	"authenticator.not-approved":             "Authenticator not approved",
	"authenticator.refused":                  "Authenticator refused",
	"authenticator.pass-asked":               "Temporary access pass asked for",
	"authenticator.pass-made":                "Temporary access pass made",
	"authenticator.pass-refused":             "Temporary access pass refused",
	"authenticator.pass-used":                "Temporary access pass used",
	"authenticator.password-asked":           "New password asked for",
	"authenticator.password-asked-too-often": "New password asked for too often",
	"authenticator.password-code-wrong":      "Wrong code for a new password typed",
	"authenticator.password-set":             "Password set",
	"authenticator.removed":                  "Authenticator removed",
	"authenticator.suspended":                "Authenticator suspended",
	"authenticator.told":                     "Told of a change to an authenticator",
	"authenticator.unlocked":                 "Lock of an authenticator ended",
	"authenticator.unused":                   "Authenticator not used for long",
	"smartcard.allowed":                      "Code for a smartcard made",
	"smartcard.issued":                       "Smartcard issued",
	"smartcard.refused":                      "Smartcard refused",
	"smartcard.renewed":                      "Smartcard renewed",
	"smartcard.unlocked":                     "Smartcard unlocked",
}

// Happened words what happened, by the kind of its event.
func Happened(kind audit.Kind) string {
	if text := happened[string(kind)]; text != "" {
		return text
	}
	plain := strings.NewReplacer(".", ": ", "-", " ").Replace(string(kind))
	return strings.ToUpper(plain[:1]) + plain[1:]
}
