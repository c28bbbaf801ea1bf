package ask

import (
	"context"
	"errors"
	"net/http"

	"signpost/internal/careid/hosting"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/request"
	"signpost/internal/careid/request/asker"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// rows are the answers of a sitting, each with where it is changed, and the registration authority that gets them.
func (p *Pages) rows(r *http.Request, s asker.Sitting) ([]nhsuk.SummaryListRow, string, error) {
	type places struct{ at, authority string }
	where, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (w places, err error) {
		w.at, err = organisation.Text(r.Context(), read, s.Organisation)
		if err != nil {
			return w, err
		}
		w.authority, _, err = authorityOf(r.Context(), read, s.Organisation)
		return w, err
	})
	need, _ := asker.NeedOf(s.Need)
	change := func(on asker.Page, what string) []nhsuk.ActionParams {
		return []nhsuk.ActionParams{{Text: "Change", VisuallyHiddenText: what, Href: pathOf(on)}}
	}
	number := s.Number
	if number == "" {
		number = "Not given"
	}
	return []nhsuk.SummaryListRow{
		{Key: "What you need", Value: need.Title, Actions: change(asker.Opening, "what you need")},
		{Key: "Name", ValueHTML: page.Name(s.Name), Actions: change(asker.About, "name")},
		{Key: "Organisation", Value: where.at, Actions: change(asker.About, "organisation")},
		{Key: "Care Identity number", Value: number, Actions: change(asker.Details, "Care Identity number")},
		{Key: "In your own words", ValueHTML: page.Lines(s.Text), Actions: change(asker.Details, "what you wrote")},
		{Key: "Email address", ValueHTML: page.Email(s.Email, when.Date(s.Proved)),
			Actions: change(asker.Mailbox, "email address")},
	}, where.authority, err
}

// authorityOf names the registration authority of an organisation, and says how it is reached.
func authorityOf(ctx context.Context, r db.R, code string) (name, contact string, err error) {
	authority, err := hosting.RegistrationAuthority(ctx, r, code)
	if errors.Is(err, fault.NotFound) {
		return "Your registration authority", "", nil
	}
	if err != nil {
		return "", "", err
	}
	reaches, err := hosting.Reaches(ctx, r, []string{authority.Code})
	contact = authority.Contact
	if reach := reaches[authority.Code]; reach.Known() {
		contact = reach.Line()
	}
	return authority.Name, contact, err
}

func (p *Pages) own(w http.ResponseWriter, r *http.Request) error {
	return p.showOwn(w, r, againForm.New(r))
}

func (p *Pages) showOwn(w http.ResponseWriter, r *http.Request, again *form.Rendered) error {
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v ownView, err error) {
		q, err := p.desk.Own(r.Context(), read, r.PathValue("id"), r.PathValue("secret"))
		if err != nil {
			return v, err
		}
		v.asked = q
		if v.Authority, v.Contact, err = authorityOf(r.Context(), read, q.Organisation); err != nil {
			return v, err
		}
		at, err := organisation.Text(r.Context(), read, q.Organisation)
		v.Rows = ownRows(q, at)
		v.Late = q.State == request.Waiting && !read.Now().Before(q.Due)
		return v, err
	})
	if err != nil {
		return err
	}
	v.Page = p.frame.Page(w, r, "Your request "+random.Grouped(v.asked.Number))
	v.Page.Error = again.HasProblems()
	v.Withdraw = withdrawForm.New(r).About(v.Page.Title)
	v.Again = again.About(v.Page.Title)
	if !again.HasProblems() {
		again.Set("text", v.asked.Reason)
	}
	v.State = stateText(v.asked.State)
	v.Next = nextText(v)
	v.Undo = !v.asked.State.Over()
	v.Fix = v.asked.State == request.Rejected
	if again.HasProblems() && !v.Fix {
		return web.SeeOther(w, r, asker.OwnPath+r.PathValue("id")+"/"+r.PathValue("secret"),
			"Nothing was sent. This page says what became of your request.")
	}
	return web.Show(w, r, again.Status(), ownPage(v))
}

// ownRows say of a request what whoever has its link may see: no name, address or number of the person.
func ownRows(q request.Request, at string) []nhsuk.SummaryListRow {
	title := q.Kind().Label()
	if need, is := asker.NeedOf(q.Kind()); is {
		title = need.Title
	}
	rows := []nhsuk.SummaryListRow{
		{Key: "What you need", Value: title}, {Key: "Organisation", Value: at},
		{Key: "Sent", Value: when.DateTime(q.Asked)},
	}
	if q.State == request.Waiting {
		return append(rows, nhsuk.SummaryListRow{Key: "Answer due by", Value: when.LastDay(q.Due)})
	}
	rows = append(rows, nhsuk.SummaryListRow{Key: q.State.Label(), Value: when.DateTime(q.Decided)})
	if q.Decision != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Reason", ValueHTML: page.Lines(q.Decision)})
	}
	if q.Notes != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "They wrote", ValueHTML: page.Lines(q.Notes)})
	}
	return rows
}

func stateText(s request.State) string {
	switch s {
	case request.Waiting:
		return "Your request waits for your registration authority"
	case request.Completed:
		return "Your request is completed"
	case request.Rejected:
		return "Your request was rejected"
	case request.Withdrawn:
		return "You withdrew your request"
	case request.Ended:
		return "Your request has ended"
	}
	return string(s)
}

// nextText says what happens next.
func nextText(v ownView) string {
	switch {
	case v.Late:
		return "The day by which an answer was due is over. Ask how far it is, with the number of your request."
	case v.asked.State == request.Waiting:
		return "Somebody there looks at it. They may ask you to come with identity documents. We write to you when " +
			"it is answered: you do not have to look here."
	case v.asked.State == request.Completed:
		return "If what you need still does not work, ask again or contact them, with the number of your request."
	case v.asked.State == request.Rejected:
		return "Read why, change what you wrote, and send it again. Your other answers are kept."
	}
	return "Nobody decides about it any more. You can ask again."
}

func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	id, secret := r.PathValue("id"), r.PathValue("secret")
	if err := p.desk.Withdraw(r.Context(), web.Actor(r), id, secret); err != nil {
		return err
	}
	return web.SeeOther(w, r, asker.OwnPath+id+"/"+secret, "Your request was withdrawn.")
}

func (p *Pages) again(w http.ResponseWriter, r *http.Request) error {
	f := againForm.Read(r)
	if !f.Complete() {
		return p.showOwn(w, r, f)
	}
	id, secret := r.PathValue("id"), r.PathValue("secret")
	err := p.desk.SendAgain(r.Context(), web.Actor(r), id, secret, f.Value("text"))
	if f.Refuse(err) {
		return p.showOwn(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, asker.OwnPath+id+"/"+secret, "Your request was sent again.")
}
