package users

import (
	"cmp"
	"context"

	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/dos/review"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// recordView is the record of one link of an account.
type recordView struct {
	Title string
	Rows  []nhsuk.SummaryListRow
}

// recordsOf shows what the links of an account were made on, also those that were undone.
func recordsOf(ctx context.Context, read db.R, id string) (list []recordView, err error) {
	records, err := review.RecordsOf(ctx, read, id)
	if err != nil || len(records) == 0 {
		return nil, err
	}
	links, err := account.LinksOf(ctx, read, []string{id})
	if err != nil {
		return nil, err
	}
	for _, record := range records {
		list = append(list, recordViewOf(record, links[id]))
	}
	return list, nil
}

// recordViewOf words the record of a link; the present one is the link that the account has now, if any.
func recordViewOf(record review.Record, present account.Link) recordView {
	state := "Undone since"
	if present.Since().Equal(record.Made) && present.Subject == record.CareIdentity.Subject {
		state = "It stands"
	}
	var rules []string
	for _, rule := range record.Rules {
		rules = append(rules, rule.Words+" (rule "+rule.Number+")")
	}
	return recordView{
		Title: "Linked " + when.DateTime(record.Made),
		Rows: append(factRows(record.Facts),
			nhsuk.SummaryListRow{Key: "What proved it", ValueHTML: bullets(record.Proofs)},
			nhsuk.SummaryListRow{Key: "Rules that decided", ValueHTML: bullets(rules)},
			nhsuk.SummaryListRow{Key: "Confirmed by", ValueHTML: page.Name(cmp.Or(record.MadeBy, "Not a person"))},
			nhsuk.SummaryListRow{Key: "The link now", Value: state},
		),
	}
}

// factRows show what was known of both sides.
func factRows(f review.Facts) []nhsuk.SummaryListRow {
	return []nhsuk.SummaryListRow{
		{Key: "Account", ValueHTML: page.Named(f.Account.Name, ", username "+f.Account.Username)},
		{Key: "Email address of the account", ValueHTML: addressLines(f.Account.Email, accountAddress(f.Account))},
		{Key: "Care Identity", ValueHTML: page.Named(f.CareIdentity.Name, ", "+f.CareIdentity.Subject)},
		{Key: "Email address of the Care Identity", ValueHTML: identityAddress(f.CareIdentity)},
		{Key: "Given by", Value: f.CareIdentity.Issuer},
		{Key: "Identity level", Value: levelText(f.CareIdentity.Level)},
	}
}

func accountAddress(a review.AccountFacts) string {
	text := "The account's since " + when.Date(a.Since)
	if a.Proved.IsZero() {
		return text + ", and never confirmed by a code of ours"
	}
	return text + ", last confirmed by a code of ours on " + when.Date(a.Proved)
}

func identityAddress(i review.IdentityFacts) templ.Component {
	switch {
	case i.Email == "":
		return page.Name("None given")
	case i.Verified:
		return addressLines(i.Email, "Confirmed at CIS2")
	}
	return addressLines(i.Email, "Not confirmed at CIS2")
}
