package staffrecord

import (
	"net/http"
	"slices"
	"strings"

	"signpost/internal/careid/access"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/registration/staffrecord"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// The forms.
var (
	againForm = form.Form{Path: messagePath + "/again", At: messagePath, Page: "Staff record", Act: "Try again"}
	dropForm  = form.Form{Path: messagePath + "/drop", At: messagePath, Page: "Staff record", Act: "Drop the message",
		Fields: []form.Field{form.Textarea(nhsuk.TextareaParams{
			Name: "reason", Rows: 2, Label: nhsuk.LabelParams{Text: "Why is nothing to be done?", Size: "s"},
			Hint: "Kept with your name. Whoever sends the messages reads it.",
		}).Required("Enter why")}}
	linkForm = form.Form{Path: positionPath + "/link", At: positionPath, Page: "Staff record",
		Act: "Link the positions", Fields: []form.Field{form.Hidden("asked")}}
	declineForm = form.Form{Path: positionPath + "/decline", At: positionPath, Page: "Staff record", Act: "Decline",
		Fields: []form.Field{form.Hidden("asked"), form.Textarea(nhsuk.TextareaParams{
			Name: "reason", Rows: 2, Label: nhsuk.LabelParams{Text: "Why do you decline?", Size: "s"},
			Hint: "Kept with your name. Whoever sends the messages reads it.",
		}).Required("Enter why")}}
)

type positionView struct {
	Page     page.Params
	Number   string
	About    []nhsuk.SummaryListRow
	Link     *form.Rendered // nil where nothing is to be decided, or not by the user
	Decline  *form.Rendered
	Managers bool // a manager has to decide
}

var errNoPosition = fault.SayCure(fault.NotFound, "The staff record has sent no such position.",
	"Go back to the list of positions.")

func (p *StaffRecord) position(w http.ResponseWriter, r *http.Request) error {
	return p.showPosition(w, r, linkForm.New(r), declineForm.New(r))
}

func (p *StaffRecord) showPosition(w http.ResponseWriter, r *http.Request, link, decline *form.Rendered) error {
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v positionView, err error) {
		o, err := frame.OrganisationOf(r, read)
		if err != nil {
			return v, err
		}
		list, err := staffrecord.Positions(r.Context(), read, o.Code)
		if err != nil {
			return v, err
		}
		number := r.PathValue("number")
		at := slices.IndexFunc(list, func(l staffrecord.Linked) bool { return l.Number == number })
		if at < 0 {
			return v, errNoPosition
		}
		l := list[at]
		v.Number = l.Number
		v.About = []nhsuk.SummaryListRow{{Key: "Organisation", Value: o.Text()}}
		if err := v.add(r, read, "Linked to", l.Position, "No position"); err != nil {
			return v, err
		}
		if l.Asked == "" {
			return v, nil
		}
		if err := v.add(r, read, "To be linked to", l.Asked, ""); err != nil {
			return v, err
		}
		v.About = append(v.About, nhsuk.SummaryListRow{Key: "Asked", Value: when.DateTime(l.AskedAt)})
		v.Managers = !maySign(r)
		if !v.Managers {
			v.Link = link.About("Position " + l.Number)
			v.Decline = decline.About("Position " + l.Number)
			v.Link.Set("asked", l.Asked)
			v.Decline.Set("asked", l.Asked)
		}
		return v, nil
	})
	if err != nil {
		return err
	}
	if v.Link == nil && (link.HasProblems() || decline.HasProblems()) {
		return web.SeeOther(w, r, positionHref(r.PathValue("code"), v.Number),
			"Nothing was changed: nobody asks to link this position any more.")
	}
	v.Page = p.frame.Page(w, r, "Position "+v.Number+" of the staff record")
	v.Page.BackHref = frame.StaffRecordPath(r.PathValue("code"))
	v.Page.Error = link.HasProblems() || decline.HasProblems()
	return web.Show(w, r, max(link.Status(), decline.Status()), positionPage(v))
}

// add says which position of the organisation it is, with its roles, and who has it.
func (v *positionView) add(r *http.Request, read db.R, key, id, none string) error {
	if id == "" {
		v.About = append(v.About, nhsuk.SummaryListRow{Key: key, Value: none})
		return nil
	}
	p, err := access.PositionByID(r.Context(), read, id)
	if err != nil {
		return err
	}
	v.About = append(v.About, nhsuk.SummaryListRow{Key: key, Value: p.Name})
	for _, one := range p.RoleProfiles() {
		gives := rbac.JobName(one.RoleName)
		if len(one.Activities) > 0 {
			gives += ", with " + strings.Join(one.Activities, ", ")
		}
		v.About = append(v.About, nhsuk.SummaryListRow{Key: "It gives", Value: gives})
	}
	return nil
}

func (p *StaffRecord) link(w http.ResponseWriter, r *http.Request) error {
	f := linkForm.Read(r)
	code, number := r.PathValue("code"), r.PathValue("number")
	err := staffrecord.Sign(r.Context(), p.frame.DB, web.Actor(r), code, number, f.Value("asked"))
	if refused(err) {
		f.Explain(err)
		return p.showPosition(w, r, f, declineForm.New(r))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.StaffRecordPath(code),
		"Positions linked. Whoever has the position in the staff record gets it here by itself.")
}

func (p *StaffRecord) decline(w http.ResponseWriter, r *http.Request) error {
	f := declineForm.Read(r)
	if !f.Complete() {
		return p.showPosition(w, r, linkForm.New(r), f)
	}
	code := r.PathValue("code")
	err := staffrecord.Decline(r.Context(), p.frame.DB, web.Actor(r), code, r.PathValue("number"), f.Value("asked"),
		f.Value("reason"))
	if refused(err) {
		f.Explain(err)
		return p.showPosition(w, r, linkForm.New(r), f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.StaffRecordPath(code), "Link declined.")
}
