package requests

import (
	"context"

	"signpost/internal/careid/registration/staffrecord"
	"signpost/internal/careid/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// byStaffRecord is who asked where a staff record did.
const byStaffRecord = "The staff record"

// recordedRows say what a staff record asks for: what is known of somebody new, or old against new.
func recordedRows(ctx context.Context, r db.R, q request.Request) (rows []nhsuk.SummaryListRow, err error) {
	a, _, err := staffrecord.AskedBy(ctx, r, q)
	if err != nil {
		return nil, err
	}
	for _, c := range a.Changes {
		rows = append(rows, nhsuk.SummaryListRow{Key: c.What,
			ValueHTML: changeCell(c.Before, c.After)})
	}
	if q.Subject.UUID != "" {
		return rows, nil
	}
	rows = append(rows, nhsuk.SummaryListRow{Key: "Birth date", Value: a.BirthDate.Text()},
		nhsuk.SummaryListRow{Key: "National Insurance number", Value: "Ends in " + a.Details.NIEnding})
	if a.Email != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Work email address", ValueHTML: page.Email(a.Email, "")})
	}
	for _, i := range a.Alike {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Somebody of this name", Value: i.DisplayName() + ", " + i.UUID})
	}
	return rows, nil
}
