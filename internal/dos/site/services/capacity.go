package services

import (
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// capacityView says how much a service can take: as a tag, and in words who reported it and how long ago. Both are
// empty for a service that is closed.
type capacityView struct {
	Tag      nhsuk.TagParams
	Reporter string
}

// capacityOf shows the capacity of a service that is open, or may be open.
func capacityOf(s directory.Service, o directory.Opening, now time.Time) capacityView {
	closed := !o.Open && !o.NotKnown
	if closed || s.Status != directory.Active {
		return capacityView{}
	}
	return capacityView{Tag: capacityTag(s.Capacity, now), Reporter: reporterText(s.Capacity, now)}
}

func capacityTag(c directory.CapacityNow, now time.Time) nhsuk.TagParams {
	switch c.Standing(now) {
	case directory.NotReported:
		return nhsuk.TagParams{Text: "Not reported", Colour: nhsuk.TagUnknown}
	case directory.Outdated:
		return nhsuk.TagParams{Text: "Not reported since " + when.Date(c.Reported), Colour: nhsuk.TagUnknown}
	}
	return nhsuk.TagParams{Text: c.Status.Text(), Colour: capacityColours[c.Status]}
}

var capacityColours = map[directory.Capacity]string{
	directory.Green: nhsuk.TagGood,
	directory.Amber: nhsuk.TagLimited,
	directory.Red:   nhsuk.TagStopped,
}

// reporterText says who reported a capacity and how long ago, for page.Isolated; empty if nobody has.
func reporterText(c directory.CapacityNow, now time.Time) string {
	switch c.Standing(now) {
	case directory.NotReported:
		return ""
	case directory.Outdated:
		return "Last reported by " + page.Apart(c.By) + " " + when.Ago(c.Reported, now)
	}
	if c.Reset {
		return "Back to green by itself " + when.Ago(c.At, now) + ", reported by " + page.Apart(c.By) + " " +
			when.Ago(c.Reported, now)
	}
	return "Reported by " + page.Apart(c.By) + " " + when.Ago(c.Reported, now)
}

// capacityRows shows the last report of a capacity.
func capacityRows(c directory.CapacityNow, now time.Time) []nhsuk.SummaryListRow {
	rows := []nhsuk.SummaryListRow{{Key: "Status", ValueHTML: nhsuk.Tag(capacityTag(c, now))}}
	standing := c.Standing(now)
	if standing == directory.NotReported {
		return append(rows, nhsuk.SummaryListRow{Key: "Reported", Value: "Nobody has reported it yet"})
	}
	if standing == directory.Outdated {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Last report", Value: c.Status.Text()})
	}
	if c.Notes != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Notes", Value: c.Notes})
	}
	reported := when.DateTime(c.Reported) + " by " + page.Apart(c.By) + ", " + when.Ago(c.Reported, now)
	rows = append(rows, nhsuk.SummaryListRow{Key: "Reported", ValueHTML: page.Isolated(reported)})
	if c.Reset {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Back to green by itself", Value: when.DateTime(c.At)})
	}
	if !c.Until.IsZero() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Back to green", Value: when.DateTime(c.Until)})
	}
	return rows
}
