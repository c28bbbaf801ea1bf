package mailings

import (
	"context"
	"errors"

	"signpost/internal/dos/mailing"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web/nhsuk"
)

// whoRows say to which wave, to which people of it and to which place a mail is narrowed; none where it is to none.
func whoRows(ctx context.Context, r db.R, s mailing.Selection) (rows []nhsuk.SummaryListRow, err error) {
	if s.Wave != "" {
		in, err := wave.ByID(ctx, r, s.Wave)
		if errors.Is(err, fault.NotFound) {
			in.Name = "No longer there"
		} else if err != nil {
			return nil, err
		}
		rows = append(rows, nhsuk.SummaryListRow{Key: "Wave", Value: in.Name})
	}
	if s.Progress != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "How far", Value: planning.Progress(s.Progress).Title()})
	}
	place, err := frame.PlaceText(ctx, r, s.Region, s.Organisation)
	if place != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Where", Value: place})
	}
	return rows, err
}
