package tickets

import (
	"strings"
	"time"

	"signpost/internal/national/authn"
	"signpost/internal/national/device"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// verdicts are what can be said of an authenticator on a device, in the order in which to say it.
var verdicts = []struct {
	verdict device.Verdict
	says    string
}{
	{device.Works, "Works there"}, {device.Depends, "It depends"}, {device.Unsure, "Cannot tell"},
	{device.Fails, "Does not work there"},
}

// deviceRows say what a result code says of the person's device, and lead to the page that says what to do.
func (p *Pages) deviceRows(code string, found device.Result, day time.Time) []nhsuk.SummaryListRow {
	rows := []nhsuk.SummaryListRow{{Key: "Their device", Value: "Looked at on " + when.Date(day)}}
	labels := map[device.Verdict][]string{}
	for _, k := range device.Judge(found, authn.Kinds()) {
		labels[k.Verdict] = append(labels[k.Verdict], k.Kind.Label())
	}
	for _, one := range verdicts {
		if list := labels[one.verdict]; len(list) > 0 {
			rows = append(rows, nhsuk.SummaryListRow{Key: one.says, Value: strings.Join(list, ", ")})
		}
	}
	if at := p.frame.DeviceResult(code); at != "" {
		link := linkTo(page.Link{Text: "What was found, with the cure and who does it", Href: at})
		rows = append(rows, nhsuk.SummaryListRow{Key: "Tell the person", ValueHTML: link})
	}
	return rows
}
