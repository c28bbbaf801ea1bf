package requests

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"signpost/internal/careid/access"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/usable"
	"signpost/internal/careid/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// oneForms are those on the page of a request.
type oneForms struct{ look, leave, approve, reject, again, withdraw *form.Rendered }

func oneFormsOf(r *http.Request) oneForms {
	return oneForms{
		look: lookForm.New(r), leave: leaveForm.New(r), approve: approveForm.New(r), reject: rejectForm.New(r),
		again: againForm.New(r), withdraw: withdrawForm.New(r),
	}
}

func (f oneForms) all() []*form.Rendered {
	return []*form.Rendered{f.look, f.leave, f.approve, f.reject, f.again, f.withdraw}
}

type oneView struct {
	Page    page.Params
	Forms   oneForms
	About   []nhsuk.SummaryListRow
	Bind    string // path where they are given an authenticator, which they lack for a position; empty if they have one
	Person  string // path of the profile of whom it is about; empty where the user may not see it
	Looks   string // who else looks at it, and until when
	Until   string // until when the user looks at it; empty if they do not
	MayLook bool
	Swapped bool // whoever asked decided something of the user's within 30 days
	ByHand  bool // approving does nothing by itself
	Fix     []string
	Undo    bool // the user may withdraw it

	asked request.Request
}

func (p *Requests) one(w http.ResponseWriter, r *http.Request) error {
	return p.showOne(w, r, oneFormsOf(r))
}

func (p *Requests) showOne(w http.ResponseWriter, r *http.Request, f oneForms) error {
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (oneView, error) {
		q, err := readOne(r, read)
		if err != nil {
			return oneView{}, err
		}
		return viewOf(r, read, q, f)
	})
	if err != nil {
		return err
	}
	q := v.asked
	if v.stray() {
		return web.SeeOther(w, r, pathOf(q.ID),
			"Nothing was changed. Look at the request again: that cannot be done now.")
	}
	if v.Person != "" {
		if err := registration.NoteReading(r.Context(), p.frame.DB, web.Actor(r), q.Subject.UUID); err != nil {
			return err
		}
	}
	v.Page = p.frame.Page(w, r, "Request "+random.Grouped(q.Number))
	v.Page.BackHref = frame.RequestsPath
	status := http.StatusOK
	for _, one := range f.all() {
		one.About("Request " + random.Grouped(q.Number))
		v.Page.Error = v.Page.Error || one.HasProblems()
		status = max(status, one.Status())
	}
	return web.Show(w, r, status, onePage(v))
}

// stray reports whether something is wrong with a form that is not on the page.
func (v oneView) stray() bool {
	f := v.Forms
	return v.Until == "" && (f.approve.HasProblems() || f.reject.HasProblems() || f.leave.HasProblems()) ||
		!v.MayLook && f.look.HasProblems() || len(v.Fix) == 0 && f.again.HasProblems() ||
		!v.Undo && f.withdraw.HasProblems()
}

func viewOf(r *http.Request, read db.R, q request.Request, f oneForms) (v oneView, err error) {
	user := reader(r)
	v.Forms = f
	v.asked = q
	n, err := namesOf(r.Context(), read, []request.Request{q})
	if err != nil {
		return v, err
	}
	if v.About, err = about(r.Context(), read, q, n); err != nil {
		return v, err
	}
	if q.AskedBy == user.UUID {
		v.Undo = q.State == request.Waiting || q.State == request.Rejected
		if q.State == request.Rejected {
			v.Fix = fixable[q.Kind()]
			fill(f.again, q)
			if err = offerHeld(r.Context(), read, f.again, q); err == nil {
				err = offerGrants(r.Context(), read, f.again, q.Organisation)
			}
		}
		return v, err
	}
	if q.Subject.UUID != "" {
		v.Person = frame.PathOf(q.Subject.UUID)
	}
	if q.State != request.Waiting {
		return v, nil
	}
	look := q.Look.Of(read.Now())
	switch look.By {
	case "":
		v.MayLook = true
	case user.UUID:
		v.Until = when.TimeOfDay(look.Until)
	default:
		v.Looks = n.of(look.By) + " is looking at it until " + when.TimeOfDay(look.Until)
	}
	v.ByHand = !deciding.Automatic(q)
	if err := v.proves(r.Context(), read, q); err != nil {
		return v, err
	}
	v.Swapped, err = request.Swapped(r.Context(), read, q, user.UUID)
	return v, err
}

// proves says of whoever is to have a position whether they have an authenticator for it.
func (v *oneView) proves(ctx context.Context, r db.R, q request.Request) error {
	if q.Kind() != request.GrantPosition || q.Subject.UUID == "" {
		return nil
	}
	person, err := identity.ByUUID(ctx, r, q.Subject.UUID)
	if err != nil {
		return err
	}
	facts, err := usable.Of(ctx, r, person)
	text, is := facts.Proves()
	v.About = append(v.About, nhsuk.SummaryListRow{Key: "Authenticator", Value: text})
	if !is {
		v.Bind = frame.PathOf(person.UUID) + "/authenticators"
	}
	return err
}

// fixable are the fields by which each kind of request is fixed, beside its reason.
var fixable = map[request.Kind][]string{
	request.GrantPosition: {"position", "starts", "ends", "reason"},
	request.ChangeDates:   {"assignment", "starts", "ends", "reason"},
	request.EndPosition:   {"assignment", "reason"},
	request.ChangeDetails: {"details", "reason"},

	request.CloseIdentity: {"reason"}, request.ReopenIdentity: {"reason"}, request.Reactivate: {"reason"},
	request.NewIdentity: {"reason"}, request.VerifyIdentity: {"reason"}, request.SomethingElse: {"reason"},
	request.Authenticator: {"reason"},
}

// fill fills in a form as a request was sent.
func fill(f *form.Rendered, q request.Request) {
	if f.HasProblems() {
		return
	}
	f.Set("reason", q.Reason)
	switch what := q.What.(type) {
	case request.Grant:
		f.Set("position", what.Position+what.Template)
		f.Set("starts", dayText(what.Starts, 0))
		f.Set("ends", dayText(what.Ends, -1))
	case request.Dates:
		f.Set("assignment", what.Assignment)
		f.Set("starts", dayText(what.Starts, 0))
		f.Set("ends", dayText(what.Ends, -1))
	case request.End:
		f.Set("assignment", what.Assignment)
	case request.Details:
		f.Set("details", what.InWords)
	}
}

func offerHeld(ctx context.Context, r db.R, f *form.Rendered, q request.Request) error {
	if q.Subject.UUID == "" {
		return nil
	}
	held, err := access.OfIdentity(ctx, r, q.Subject.UUID)
	var items []nhsuk.RadioItem
	for _, a := range held {
		if !a.Over(r.Now()) {
			items = append(items, nhsuk.RadioItem{Value: a.ID, Text: a.Position.Name, Hint: a.Position.Organisation})
		}
	}
	f.Offer("assignment", items)
	return err
}

// about says what is known of a request.
func about(ctx context.Context, r db.R, q request.Request, n names) ([]nhsuk.SummaryListRow, error) {
	at, err := organisation.Text(ctx, r, q.Organisation)
	if err != nil {
		return nil, err
	}
	rows := []nhsuk.SummaryListRow{
		{Key: "State", Value: q.State.Label()},
		{Key: "What", Value: q.Kind().Label()},
		{Key: "About", ValueHTML: page.Name(n.subject(q))},
	}
	if q.Subject.UUID == "" && !q.Kind().Recorded() {
		rows = append(rows, describedRows(q.Subject)...)
	}
	details, err := detailRows(ctx, r, q)
	if err != nil {
		return nil, err
	}
	rows = append(rows, details...)
	rows = append(rows, nhsuk.SummaryListRow{Key: "Organisation", Value: at},
		nhsuk.SummaryListRow{Key: "Why", ValueHTML: page.Lines(q.Reason)},
		nhsuk.SummaryListRow{Key: "Asked by", ValueHTML: page.Name(n.asker(q))},
		nhsuk.SummaryListRow{Key: "Asked", Value: when.DateTime(q.Asked) + timesText(q.Sent)})
	if q.State == request.Waiting {
		return append(rows, nhsuk.SummaryListRow{Key: "Due", Value: dueText(q, r)}), nil
	}
	rows = append(rows, nhsuk.SummaryListRow{Key: q.State.Label(), Value: when.DateTime(q.Decided)})
	if q.DecidedBy != "" && q.State != request.Withdrawn {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Decided by", ValueHTML: page.Name(n.of(q.DecidedBy))})
	}
	for _, row := range []nhsuk.SummaryListRow{{Key: "Reason", Value: q.Decision}, {Key: "Notes", Value: q.Notes}} {
		if row.Value != "" {
			rows = append(rows, row)
		}
	}
	if q.Swapped {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Approved in return", Value: inReturn})
	}
	return rows, nil
}

// describedRows say what is known of somebody who asks without a login.
func describedRows(s request.Subject) []nhsuk.SummaryListRow {
	rows := []nhsuk.SummaryListRow{
		{Key: "Who they are", Value: "Not shown yet. Whoever reads the email address below wrote this name."},
		{Key: "Their email address", ValueHTML: page.Email(s.Email, when.Date(s.EmailProved))},
	}
	if s.Stated != "" {
		rows = append(rows, nhsuk.SummaryListRow{
			Key: "Care Identity number that they gave", Value: s.Stated + ", which nobody has checked",
		})
	}
	return rows
}

const inReturn = "Two people approved for each other within 30 days."

func timesText(sent int) string {
	if sent == 1 {
		return ""
	}
	return ", sent " + strconv.Itoa(sent) + " times"
}

// detailRows say exactly what is asked for.
func detailRows(ctx context.Context, r db.R, q request.Request) ([]nhsuk.SummaryListRow, error) {
	if q.Kind().Recorded() {
		return recordedRows(ctx, r, q)
	}
	switch what := q.What.(type) {
	case request.Grant:
		name, err := grantName(ctx, r, what)
		return append([]nhsuk.SummaryListRow{{Key: "Position", Value: name}}, dateRows(what.Starts, what.Ends)...), err
	case request.Dates:
		name, err := heldName(ctx, r, q, what.Assignment)
		return append([]nhsuk.SummaryListRow{{Key: "Position", Value: name}}, dateRows(what.Starts, what.Ends)...), err
	case request.End:
		name, err := heldName(ctx, r, q, what.Assignment)
		return []nhsuk.SummaryListRow{{Key: "Position", Value: name}}, err
	case request.Details:
		return []nhsuk.SummaryListRow{{Key: "To change", Value: what.InWords}}, nil
	case request.Binding:
		if what.Wanted != "" {
			return []nhsuk.SummaryListRow{{Key: "Authenticator", Value: what.Wanted.Declared().Label}}, nil
		}
	}
	return nil, nil
}

// grantName names the position that is asked for, with what it gives.
func grantName(ctx context.Context, r db.R, what request.Grant) (string, error) {
	if what.Position == "" {
		t, _ := registration.TemplateNamed(what.Template)
		return t.Name, nil
	}
	p, err := access.PositionByID(ctx, r, what.Position)
	if errors.Is(err, fault.NotFound) {
		return "Not there any more", nil
	}
	return p.Name + ": " + p.RolesText(), err
}

func heldName(ctx context.Context, r db.R, q request.Request, assignment string) (string, error) {
	held, err := access.OfIdentity(ctx, r, q.Subject.UUID)
	for _, a := range held {
		if a.ID == assignment {
			return a.Position.Name, err
		}
	}
	return "Not there any more", err
}
