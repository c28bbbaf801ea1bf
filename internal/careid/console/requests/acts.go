package requests

import (
	"errors"
	"net/http"
	"time"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/request"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

func dateRows(starts, ends time.Time) []nhsuk.SummaryListRow {
	from := "At once"
	if !starts.IsZero() {
		from = when.Date(starts)
	}
	until := "No end"
	if !ends.IsZero() {
		until = when.Date(ends.Add(-1))
	}
	return []nhsuk.SummaryListRow{{Key: "Starts", Value: from}, {Key: "Last day", Value: until}}
}

// dayText writes a day as people type it, some days from a moment.
func dayText(at time.Time, days int) string {
	if at.IsZero() {
		return ""
	}
	return when.Date(at.In(clock.London).AddDate(0, 0, days))
}

// act does what a form of the page asks for. What the operation refuses is said at the form.
func (p *Requests) act(
	w http.ResponseWriter, r *http.Request, f oneForms, sent *form.Rendered, done, to string, operation func() error,
) error {
	if !sent.Complete() {
		return p.showOne(w, r, f)
	}
	err := operation()
	if errors.Is(err, fault.Invalid) || errors.Is(err, fault.Conflict) {
		sent.Explain(err)
		return p.showOne(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, to, done)
}

func (p *Requests) look(w http.ResponseWriter, r *http.Request) error {
	f := oneFormsOf(r)
	f.look = lookForm.Read(r)
	id := r.PathValue("id")
	return p.act(w, r, f, f.look, "", pathOf(id), func() error {
		return deciding.LookAt(r.Context(), p.frame.DB, web.Actor(r), id)
	})
}

func (p *Requests) leave(w http.ResponseWriter, r *http.Request) error {
	f := oneFormsOf(r)
	f.leave = leaveForm.Read(r)
	return p.act(w, r, f, f.leave, "You left the request. Others can look at it.", frame.RequestsPath, func() error {
		return deciding.Leave(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("id"))
	})
}

func (p *Requests) approve(w http.ResponseWriter, r *http.Request) error {
	f := oneFormsOf(r)
	f.approve = approveForm.Read(r)
	return p.act(w, r, f, f.approve, "Request completed.", frame.RequestsPath, func() error {
		return deciding.Approve(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("id"), f.approve.Value("notes"))
	})
}

func (p *Requests) reject(w http.ResponseWriter, r *http.Request) error {
	f := oneFormsOf(r)
	f.reject = rejectForm.Read(r)
	done := "Request rejected. Whoever asked can fix it and send it again."
	return p.act(w, r, f, f.reject, done, frame.RequestsPath, func() error {
		return deciding.Reject(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("id"), f.reject.Value("decision"),
			f.reject.Value("fix"))
	})
}

func (p *Requests) again(w http.ResponseWriter, r *http.Request) error {
	f := oneFormsOf(r)
	f.again = againForm.Read(r)
	id := r.PathValue("id")
	q, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (request.Request, error) { return readOne(r, read) })
	if err != nil {
		return err
	}
	what, err := whatIn(f.again, q.Kind())
	if f.again.Refuse(err) {
		return p.showOne(w, r, f)
	}
	return p.act(w, r, f, f.again, "Request sent again.", pathOf(id), func() error {
		return deciding.SendAgain(r.Context(), p.frame.DB, web.Actor(r), id, what, f.again.Value("reason"))
	})
}

func (p *Requests) withdraw(w http.ResponseWriter, r *http.Request) error {
	f := oneFormsOf(r)
	f.withdraw = withdrawForm.Read(r)
	return p.act(w, r, f, f.withdraw, "Request withdrawn.", frame.RequestsPath, func() error {
		return deciding.Withdraw(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("id"))
	})
}
