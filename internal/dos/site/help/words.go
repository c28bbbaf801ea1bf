package help

import (
	"signpost/internal/dos/ticket"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// stateTexts say how far a ticket is to its person.
var stateTexts = map[ticket.State]string{
	ticket.New:     "The service desk has it, and has not begun yet",
	ticket.Open:    "The service desk is dealing with it",
	ticket.Waiting: "Waiting for an answer from you",
	ticket.Solved:  "Solved",
	ticket.Merged:  "Goes on in another ticket",
}

// rowsOf shows a ticket to its person.
func rowsOf(t ticket.Ticket) []nhsuk.SummaryListRow {
	rows := []nhsuk.SummaryListRow{
		{Key: "Short description", Value: t.ShortDescription()},
		{Key: "State", Value: stateTexts[t.State]},
		{Key: "Sent", Value: when.DateTime(t.Created)},
	}
	if !t.Due.IsZero() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "We deal with it by", Value: when.DateTime(t.Due)})
	}
	if t.Reference != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Reference", Value: t.ShowReference()})
	}
	return rows
}

// byText names whoever wrote a message to the person of a ticket. Not all that was mailed comes from them.
func byText(m ticket.Message, t ticket.Ticket) string {
	switch {
	case m.Kind == ticket.Answer:
		return "The service desk"
	case m.By == t.Name:
		return "You"
	}
	return m.By
}
