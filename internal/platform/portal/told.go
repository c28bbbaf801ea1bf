package portal

import (
	"time"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// toldSites name the sites to those who look a reference up.
var toldSites = map[string]string{
	"dos": "Directory of Services", "cis2": "Logging in with a Care Identity (CIS2)", "cim": "Care Identity Management",
}

// toldAdvice tells the desk of a failure of which nothing is kept: what happened, and what to tell the caller.
var toldAdvice = map[fault.Code]struct{ what, tell string }{
	"": {
		"There was a problem with the service",
		"Try again. If it happens again, those who run the service find it in its log by this reference.",
	},
	fault.Invalid: {
		"What was entered could not be taken, such as a code or an address that is not right",
		"Read what the page says, and enter it again. If a code was asked for, use the one from the newest email.",
	},
	fault.Unauthenticated: {
		"What was entered to log in was not right, or nobody was logged in any more",
		"Check the username and the password, and log in again. Whether there is such a username is told to nobody.",
	},
	fault.Forbidden: {
		"The person may not do what they tried", "Ask whoever gives you your permissions or your role.",
	},
	fault.NotFound: {"There is no such page or record", "Check the address, or begin from the start page."},
	fault.Method:   {"The address was opened in the wrong way", "Begin from the start page."},
	fault.Conflict: {
		"It did not agree with what is there already, or that had changed in the meantime",
		"Read what the page says. Load the page again, and look before you do it once more.",
	},
	fault.Expired: {"It took too long, or was used already", "Begin again."},
	fault.TooMany: {
		"There were too many tries", "Wait 15 minutes, then try again, or log in in another way.",
	},
	fault.Unavailable: {
		"Something that the service needs did not answer", "Try again in a few minutes.",
	},
	fault.Busy: {"Too many people used the service at once", "Wait a moment, then try again."},
	fault.Unknown: {
		"It was not certain whether something was saved", "Look whether it was saved before you do it again.",
	},
}

// ToldRows says what a reference tells of which no event is kept, or gives nothing.
func ToldRows(box *seal.Box, ref string, now time.Time) []nhsuk.SummaryListRow {
	quoted, told := web.Told(box, ref, now)
	if !told {
		return nil
	}
	advice := toldAdvice[quoted.Code]
	return []nhsuk.SummaryListRow{
		{Key: "What happened", Value: advice.what},
		{Key: "Tell the caller", Value: advice.tell},
		{Key: "When", Value: "In the ten minutes from " + when.DateTime(quoted.At)},
		{Key: "Where", Value: toldSites[quoted.Site]},
		{Key: "Who", Value: "Not known: no record is kept of this"},
	}
}
