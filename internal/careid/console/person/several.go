package person

import (
	"context"
	"net/http"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// severalForm gives positions that the person's organisation has made. It offers those that can be given now.
var severalForm = form.Form{Path: profilePath + "/positions/give", At: positionsPath, Page: "Positions",
	Act: "Give these positions",
	Fields: []form.Field{
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "positions", Fieldset: nhsuk.FieldsetParams{
			Legend: nhsuk.LegendParams{Text: "Which positions of their organisation?", Size: "s"}}}).
			Required("Select at least one position"),
		form.Input(nhsuk.InputParams{
			Name: "starts", Label: nhsuk.LabelParams{Text: "Start date (optional)", Size: "s"},
			Hint: "For example, 31 3 2027. At once if you enter nothing.", Classes: "nhsuk-input--width-10",
			Autocomplete: "off",
		}),
		form.Input(nhsuk.InputParams{
			Name: "ends", Label: nhsuk.LabelParams{Text: "Last day (optional)", Size: "s"},
			Hint: "For example, 31 3 2028. No end if you enter nothing.", Classes: "nhsuk-input--width-10",
			Autocomplete: "off",
		}),
	}}

// offerPositions offers the open positions of an organisation that the person does not have, and that one person may
// give.
func (v *positionsView) offerPositions(ctx context.Context, r db.R, at string, held []access.Assignment) error {
	rules, err := officer.Rules(ctx, r)
	if err != nil {
		return err
	}
	list, err := access.PositionsAt(ctx, r, at)
	if err != nil {
		return err
	}
	has := map[string]bool{}
	for _, a := range held {
		has[a.Position.ID] = has[a.Position.ID] || !a.Over(r.Now())
	}
	var items []nhsuk.RadioItem
	for _, p := range list {
		if p.Over(r.Now()) || has[p.ID] || len(officer.JobsIn(rules, p)) > 0 {
			continue
		}
		items = append(items, nhsuk.RadioItem{Value: p.ID, Text: p.Name, Hint: p.RolesText()})
	}
	v.MayGiveSeveral = len(items) > 0
	v.Several.Offer("positions", items)
	return nil
}

// giveSeveral gives the person positions of their organisation.
func (p *Person) giveSeveral(w http.ResponseWriter, r *http.Request) error {
	f := severalForm.Read(r)
	show := func() error { return p.showPositions(w, r, giveForm.New(r), endForm.New(r), f) }
	return p.do(w, r, f, show, "Positions given.", func() error {
		during, err := datesIn(f)
		if err != nil {
			return err
		}
		return positions.Give(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("uuid"), f.Values("positions"), during)
	})
}

// datesIn reads from when until when: a last day is over when it is.
func datesIn(f *form.Rendered) (during registration.Dates, err error) {
	const like = "Enter a date, for example 31 3 2027, or nothing"
	for name, into := range map[string]*time.Time{"starts": &during.Starts, "ends": &during.Ends} {
		if f.Value(name) == "" {
			continue
		}
		at, is := when.ParseDate(f.Value(name))
		if !is {
			return during, fault.OfField(name, like)
		}
		*into = at
	}
	if !during.Ends.IsZero() {
		during.Ends = during.Ends.AddDate(0, 0, 1)
	}
	return during, nil
}
