package servicenow

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"signpost/internal/dos/ticket"
)

// Map says how a ticket is written in the fields of a record.
type Map struct {
	// Fields has the field of a record for each of ours; one that is empty is not sent.
	Fields map[string]string
	// Values are sent with each new record, such as the assignment group.
	Values map[string]string
	// States has the number of each of our states there. The first of several with one number is what comes back.
	States map[ticket.State]string
}

// Usual is the map of an instance that nobody has changed.
var Usual = Map{
	Fields: map[string]string{
		"short_description": "short_description", "description": "description", "category": "category",
		"urgency": "urgency", "impact": "impact", "contact_type": "contact_type",
	},
	Values: map[string]string{},
	States: map[ticket.State]string{
		ticket.New: "1", ticket.Open: "2", ticket.Waiting: "3", ticket.Solved: "6", ticket.Merged: "7",
	},
}

// Names are the fields of ours that a map can name.
func Names() []string { return slices.Sorted(maps.Keys(Usual.Fields)) }

// Merged is the map with what differs from it.
func (m Map) Merged(fields, values map[string]string) Map {
	made := Map{Fields: maps.Clone(m.Fields), Values: maps.Clone(m.Values), States: m.States}
	maps.Copy(made.Fields, fields)
	maps.Copy(made.Values, values)
	return made
}

// over are the numbers that mean that it is over, beside those of the map: resolved, closed and cancelled.
var over = []string{"6", "7", "8"}

// stateOf gives our state for the number of one there; false if there is none.
func (m Map) stateOf(number string) (ticket.State, bool) {
	for _, state := range []ticket.State{ticket.New, ticket.Open, ticket.Waiting, ticket.Solved} {
		if m.States[state] == number {
			return state, true
		}
	}
	return ticket.Solved, slices.Contains(over, number)
}

// level is how urgent a ticket is, and on how many it bears, as ServiceNow counts: 1 is high and 3 low.
var level = map[ticket.Priority]struct{ urgency, impact string }{
	ticket.Critical: {"1", "1"}, ticket.Urgent: {"1", "2"}, ticket.Normal: {"2", "3"}, ticket.Low: {"3", "3"},
}

var contactTypes = map[ticket.Way]string{ticket.ByForm: "self-service", ticket.ByPhone: "phone", ticket.ByMail: "email"}

// correlation is what a ticket's record is known by, however often it is sent.
func correlation(id string) string { return correlationPrefix + id }

const correlationPrefix = "signpost-"

// fieldsOf writes a ticket as a record, without its state.
func (m Map) fieldsOf(t ticket.Ticket, text string) record {
	values := map[string]string{
		"short_description": t.ShortDescription(),
		"description":       description(t, text),
		"category":          string(t.Category),
		"urgency":           level[t.Priority].urgency,
		"impact":            level[t.Priority].impact,
		"contact_type":      contactTypes[t.Way],
	}
	made := record{}
	for ours, theirs := range m.Fields {
		if theirs != "" {
			made[theirs] = values[ours]
		}
	}
	return made
}

// description says who writes and how they are reached, then what they wrote.
func description(t ticket.Ticket, text string) string {
	lines := []string{"Ticket " + t.Show() + " of the Directory of Services", "Name: " + t.Name, "Email: " + t.Email}
	if t.Confirmed.IsZero() {
		lines = append(lines, "Nobody has shown that they read this address.")
	}
	if t.Phone != "" {
		lines = append(lines, "Telephone: "+t.Phone)
	}
	if t.Reference != "" {
		lines = append(lines, "Reference: "+t.Reference)
	}
	return strings.Join(append(lines, "", text), "\n")
}

// digest tells whether the fields of a record are what was sent last.
func (r record) digest() string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(r)) {
		fmt.Fprintf(sum, "%q=%q\n", name, r[name])
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}
