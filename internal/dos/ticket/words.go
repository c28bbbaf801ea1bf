package ticket

import (
	"time"

	"signpost/internal/national/authn"
)

// Category says what a ticket is about.
type Category string

// Categories are those that can be chosen, in the order of the pages.
var Categories = []struct {
	Category Category
	Title    string
}{
	{"log-in", "I cannot log in"},
	{"link", "Linking my account to my Care Identity"},
	{"identity", "My Care Identity, or its position for the Directory of Services"},
	{Devices, "What I log in with: " + authn.Phrases(authn.AAL2)},
	{"email", "My email address"},
	{"shared", "An account that several people share"},
	{"account", "My account, or what I can do with it"},
	{Other, "Something else"},
}

// Devices is the category of what people log in with, and Other that of what is about nothing that is listed.
const (
	Devices Category = "authenticator"
	Other   Category = "other"
)

// Title names a category, as whoever raises a ticket says it; empty for one that there is not.
func (c Category) Title() string {
	for _, one := range Categories {
		if one.Category == c {
			return one.Title
		}
	}
	return ""
}

// Priority says how soon a ticket is due: the lower, the sooner.
type Priority int64

// The priorities.
const (
	Critical Priority = 1
	Urgent   Priority = 2
	Normal   Priority = 3
	Low      Priority = 4
)

// Priorities are all there are, with the office hours within which a ticket is to be dealt with.
var Priorities = []struct {
	Priority Priority
	Title    string
	Within   time.Duration
}{
	{Critical, "Critical: many people cannot work", 2 * time.Hour},
	{Urgent, "Urgent: somebody cannot work", 4 * time.Hour},
	{Normal, "Normal", 2 * day},
	{Low, "Low: it can wait", 5 * day},
}

// day is a day of office hours.
const day = 10 * time.Hour

// Title names a priority; empty for one that there is not.
func (p Priority) Title() string {
	for _, one := range Priorities {
		if one.Priority == p {
			return one.Title
		}
	}
	return ""
}

// within gives the office hours within which a ticket is to be dealt with.
func (p Priority) within() time.Duration {
	for _, one := range Priorities {
		if one.Priority == p {
			return one.Within
		}
	}
	return 2 * day
}

// States are all there are, as the desk reads them.
var States = []struct {
	State State
	Title string
}{
	{New, "New"}, {Open, "Being dealt with"}, {Waiting, "Waiting for the person"}, {Solved, "Solved"},
	{Merged, "Merged into another"},
}

// Title names a state.
func (s State) Title() string {
	for _, one := range States {
		if one.State == s {
			return one.Title
		}
	}
	return string(s)
}
