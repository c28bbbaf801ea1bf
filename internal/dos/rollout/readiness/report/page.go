package report

import (
	"slices"

	"signpost/internal/dos/rollout/readiness"
	"signpost/internal/national/path"
	"signpost/internal/platform/when"
)

// page is what the page for people shows.
type page struct {
	Date     string
	Phase    string
	Days     string // how long each owner is taken to need
	Summary  Summary
	Changes  *Changes
	All      []segment // of all accounts
	Owners   []bar
	Needs    []bar
	Groups   []groups
	Weeks    []bar
	AllWeeks []Week
	Undated  string // of how many no date can be said
	Flow     flow
	Lists    []list
	Refused  int
}

// groups is a picture and a table of organisations, regions or registration authorities.
type groups struct {
	Title, Noun string
	Bars        []bar
	Table       []Group
}

// list says how a list was read.
type list struct {
	Title     string
	Rows      int
	Separator string
	Columns   []columnRead
	Notes     []string
	Refused   int
}

type columnRead struct{ Column, Under string }

// maxBars is how many groups are drawn; all of them are in the table.
const maxBars = 25

var phaseTitles = map[path.Phase]string{path.Prepare: "prepare: passwords work, and there is a checklist",
	path.Choose: "choose: people log in with either, and can link", path.Require: "require: Care Identity only",
	path.Closed: "closed: passwords have no use, shared accounts are off"}

func (w *writer) page(r Record) page {
	s := r.Summary
	p := page{
		Date: when.Date(r.Generated), Phase: phaseTitles[w.result.Phase], Days: daysText(w.result.Days),
		Summary: s, Changes: r.Changes,
		All:    segments(stateCounts(s.States), s.Accounts),
		Owners: ownerBars(s), Needs: needBars(s.Needs), Weeks: weekBars(s.Weeks, s.Accounts), AllWeeks: s.Weeks,
		Undated: s.undated(),
		Flow:    flowOf(s),
		Lists:   []list{listOf("Accounts", w.result.Accounts)},
		Refused: len(w.result.Accounts.Refused) + len(w.result.Identities.Refused),
	}
	if w.result.Identities.About.Heading != nil {
		p.Lists = append(p.Lists, listOf("Care Identities", w.result.Identities))
	}
	for _, g := range []groups{
		{Title: "By organisation", Noun: "Organisation", Table: s.Organisations},
		{Title: "By region", Noun: "Region", Table: s.Regions},
		{Title: "By registration authority", Noun: "Registration authority", Table: s.Authorities},
	} {
		if len(g.Table) > 1 || len(g.Table) == 1 && g.Table[0].Code != "" {
			g.Bars = groupBars(g.Table, maxBars)
			p.Groups = append(p.Groups, g)
		}
	}
	return p
}

func listOf(title string, reading readiness.Reading) list {
	l := list{Title: title, Rows: reading.Rows, Separator: reading.About.Separator, Notes: reading.About.Notes,
		Refused: len(reading.Refused)}
	for column, under := range reading.About.Under {
		l.Columns = append(l.Columns, columnRead{column, under})
	}
	slices.SortFunc(l.Columns, func(a, b columnRead) int {
		return slices.Index(reading.About.Heading, a.Under) - slices.Index(reading.About.Heading, b.Under)
	})
	return l
}
