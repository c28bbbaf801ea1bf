package person

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// severalForm gives positions that the person's organisation has made, or that are assignable to the user. It offers
// those that can be given now.
var severalForm = form.Form{Path: profilePath + "/positions/give", At: positionsPath, Page: "Positions",
	Act: "Give these positions",
	Fields: []form.Field{
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "positions", Fieldset: nhsuk.FieldsetParams{
			Legend: nhsuk.LegendParams{Text: "Which positions?", Size: "s"}}}).
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

// offerPositions offers the open positions of an organisation that the person does not have and that the user may give,
// and those that are assignable to the user.
func (v *positionsView) offerPositions(ctx context.Context, r db.R, user *frame.Current, at string) error {
	list, err := access.PositionsAt(ctx, r, at)
	if err != nil {
		return err
	}
	assigning, err := officer.AssigningBy(ctx, r, user.Identity.UUID, user.Officers, list...)
	if err != nil {
		return err
	}
	for _, id := range assigning.Assignable() {
		if slices.ContainsFunc(list, func(p access.Position) bool { return p.ID == id }) {
			continue
		}
		p, err := access.PositionByID(ctx, r, id)
		if err != nil {
			return err
		}
		list = append(list, p)
	}
	var items []nhsuk.RadioItem
	for _, p := range list {
		if p.Over(r.Now()) || slices.Contains(v.held, p.ID) || !assigning.May(p) {
			continue
		}
		item := nhsuk.RadioItem{Value: p.ID, Text: p.Name, Hint: p.RolesText()}
		if p.Organisation != at {
			item.Hint += ", at " + p.Organisation
		}
		if assigning.TwoPeople(p) {
			item.Hint += ". Two people give it: another manager decides"
		}
		items = append(items, item)
	}
	v.MayGiveSeveral = len(items) > 0
	v.Several.Offer("positions", items)
	return nil
}

// giveSeveral gives the person positions of their organisation.
func (p *Person) giveSeveral(w http.ResponseWriter, r *http.Request) error {
	f := severalForm.Read(r)
	show := func() error { return p.showPositions(w, r, giveForm.New(r), endForm.New(r), f) }
	return p.do(w, r, f, show, func() (string, error) {
		during, err := datesIn(f)
		if err != nil {
			return "", err
		}
		ids := f.Values("positions")
		asked, err := positions.Give(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("uuid"), ids, during)
		return givenText(len(ids)-len(asked), asked), err
	})
}

// givenText says how many positions were given, and by which requests others were asked for.
func givenText(given int, asked []string) string {
	if len(asked) == 0 {
		return "Positions given."
	}
	text := ""
	if given > 0 {
		text = "Positions given: " + strconv.Itoa(given) + ". "
	}
	for _, number := range asked {
		text += "Request " + random.Grouped(number) + " made. "
	}
	return text + "They have what was asked for once another manager approves it."
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
