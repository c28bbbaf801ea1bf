package requests

import (
	"time"

	asking "signpost/internal/dos/request"
	"signpost/internal/platform/when"
)

var stateTexts = map[asking.State]string{
	asking.Unconfirmed: "(unvalidated email)",
	asking.Open:        "To decide",
	asking.Asked:       "Waits for an answer of the asker",
	asking.SetUp:       "Approved, waits for the Care Identity",
	asking.Approved:    "Approved",
	asking.Rejected:    "Rejected",
	asking.Withdrawn:   "Withdrawn by the asker",
}

// stateText says how far a request is, as the list has it.
func stateText(one asking.Found, now time.Time) string {
	text := stateTexts[one.State]
	switch {
	case one.Overdue(now):
		text += ", for more than 28 days"
	case one.State == asking.Open && !one.Claims.Given():
		text += ", without a Care Identity"
	case one.Flagged:
		text += ", flagged"
	}
	return text
}

// identityTexts says what the asker says who has shown no Care Identity.
var identityTexts = map[asking.Identity]string{
	asking.NothingStated: "They have not logged in with a Care Identity for this request, and have not said why.",
	asking.NoIdentity:    "They say that they have no Care Identity. Their request shows them how to get one.",
	asking.Inactive:      "They say that their Care Identity is not active. Their request shows them what to do.",
	asking.NotWithMe:     "They say that they have a Care Identity, and will log in with it later.",
}

// decidedText says who decided a request, and when.
func decidedText(asked asking.Request, by string) string {
	text := stateTexts[asked.State]
	if !asked.Decided.IsZero() {
		text += " on " + when.Date(asked.Decided)
	}
	if by != "" {
		text += " by " + by
	}
	return text + "."
}
