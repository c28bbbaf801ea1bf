// Package staffrecord serves the pages of what the staff records of organisations sent: messages that failed or wait,
// and the positions of a staff record that are to be linked to those of the organisation.
package staffrecord

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"signpost/internal/careid/access"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/registration/staffrecord"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// StaffRecord serves the pages.
type StaffRecord struct{ frame *frame.Frame }

const (
	listPath     = frame.PeoplePath + "/organisations/{code}/staff-record"
	messagePath  = listPath + "/messages/{message}"
	positionPath = listPath + "/positions/{number}"
)

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	p := &StaffRecord{frame: f}
	staff := f.Authority()
	s.Handle("GET "+listPath, staff, p.list)
	s.Handle("GET "+messagePath, staff, p.message)
	f.HandleForm(s, againForm, staff, f.Freshly(againForm, p.again))
	f.HandleForm(s, dropForm, staff, p.drop)
	s.Handle("GET "+positionPath, staff, p.position)
	f.HandleForm(s, linkForm, staff, f.Freshly(linkForm, p.link))
	f.HandleForm(s, declineForm, staff, p.decline)
}

func messageHref(code, id string) string {
	return frame.StaffRecordPath(code) + "/messages/" + url.PathEscape(id)
}

func positionHref(code, number string) string {
	return frame.StaffRecordPath(code) + "/positions/" + url.PathEscape(number)
}

// maySign reports whether the pages offer the user to link positions. The act decides.
func maySign(r *http.Request) bool {
	return frame.User(r).Officers.May(permission.DesignPosition, permission.Yes)
}

type listView struct {
	Page   page.Params
	At     string
	Counts []nhsuk.SummaryListRow
	Asked  [][]nhsuk.TableCell // positions that wait for somebody to agree
	Failed [][]nhsuk.TableCell
	Waits  [][]nhsuk.TableCell
	Linked [][]nhsuk.TableCell
}

// counted are the states that the list counts, with what they are called.
var counted = []struct {
	state staffrecord.State
	text  string
}{
	{staffrecord.Failed, "Failed: somebody has to look"}, {staffrecord.Waiting, "Waiting for something else"},
	{staffrecord.Asked, "Waiting for a decision"}, {staffrecord.Done, "Done"}, {staffrecord.Dropped, "Dropped"},
}

func (p *StaffRecord) list(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v listView, err error) {
		o, err := frame.OrganisationOf(r, read)
		if err != nil {
			return v, err
		}
		v.At = o.Text()
		counts, err := staffrecord.Count(r.Context(), read, o.Code)
		if err != nil {
			return v, err
		}
		for _, one := range counted {
			v.Counts = append(v.Counts,
				nhsuk.SummaryListRow{Key: one.text, Value: strconv.FormatInt(counts[one.state], 10)})
		}
		if err := v.readPositions(r.Context(), read, o.Code); err != nil {
			return v, err
		}
		if v.Failed, err = rowsIn(r.Context(), read, o.Code, staffrecord.Failed); err != nil {
			return v, err
		}
		v.Waits, err = rowsIn(r.Context(), read, o.Code, staffrecord.Waiting)
		return v, err
	})
	if err != nil {
		return err
	}
	v.Page = p.frame.Page(w, r, "Staff record")
	v.Page.BackHref = frame.PositionsPath(r.PathValue("code"))
	v.Page.Wide = true
	return web.Show(w, r, http.StatusOK, listPage(v))
}

func (v *listView) readPositions(ctx context.Context, r db.R, code string) error {
	links, err := staffrecord.Positions(ctx, r, code)
	if err != nil {
		return err
	}
	names, err := namesAt(ctx, r, code)
	if err != nil {
		return err
	}
	for _, l := range links {
		number := nhsuk.TableCell{HTML: textLink(positionHref(code, l.Number), l.Number)}
		if l.Asked != "" {
			v.Asked = append(v.Asked,
				[]nhsuk.TableCell{number, {Text: names[l.Asked]}, {Text: when.DateTime(l.AskedAt)}})
		}
		if l.Position != "" {
			v.Linked = append(v.Linked, []nhsuk.TableCell{number, {Text: names[l.Position]}, {Text: when.Date(l.At)}})
		}
	}
	return nil
}

// namesAt gives the names of the positions of an organisation, by their ids.
func namesAt(ctx context.Context, r db.R, code string) (map[string]string, error) {
	list, err := access.PositionsAt(ctx, r, code)
	names := map[string]string{}
	for _, p := range list {
		names[p.ID] = p.Name
	}
	return names, err
}

func rowsIn(ctx context.Context, r db.R, code string, s staffrecord.State) (rows [][]nhsuk.TableCell, err error) {
	list, err := staffrecord.In(ctx, r, code, s)
	for _, e := range list {
		rows = append(rows, []nhsuk.TableCell{
			{HTML: textLink(messageHref(code, e.ID), e.ID)}, {Text: e.Kind.Label()}, {HTML: page.Name(who(e))},
			{Text: when.DateTime(e.Received)}, {Text: e.Outcome.Text},
		})
	}
	return rows, err
}

// who says whom or what a message is about.
func who(e staffrecord.Entry) string {
	switch {
	case e.FamilyName != "":
		return e.Name()
	case e.Employee != "":
		return "Employee " + e.Employee
	case e.Assignment != "":
		return "Assignment " + e.Assignment
	}
	return "Position " + e.StaffPosition
}

var errNoMessage = fault.SayCure(fault.NotFound, "There is no such message.", "Go back to the list of messages.")

type messageView struct {
	Page        page.Params
	ID          string
	About       []nhsuk.SummaryListRow
	Again, Drop *form.Rendered // nil where it is settled
}

func (p *StaffRecord) message(w http.ResponseWriter, r *http.Request) error {
	return p.showMessage(w, r, againForm.New(r), dropForm.New(r))
}

func (p *StaffRecord) showMessage(w http.ResponseWriter, r *http.Request, again, drop *form.Rendered) error {
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v messageView, err error) {
		o, err := frame.OrganisationOf(r, read)
		if err != nil {
			return v, err
		}
		e, err := staffrecord.ByID(r.Context(), read, o.Code, r.PathValue("message"))
		if errors.Is(err, fault.NotFound) {
			return v, errNoMessage
		}
		if err != nil {
			return v, err
		}
		v.ID = e.ID
		v.About = aboutMessage(e, o.Text())
		if e.Outcome.State == staffrecord.Failed || e.Outcome.State == staffrecord.Waiting {
			v.Again = again.About("Message " + e.ID)
			v.Drop = drop.About("Message " + e.ID)
		}
		return v, nil
	})
	if err != nil {
		return err
	}
	if v.Again == nil && (again.HasProblems() || drop.HasProblems()) {
		return web.SeeOther(w, r, messageHref(r.PathValue("code"), v.ID),
			"Nothing was changed: this message has been settled already.")
	}
	v.Page = p.frame.Page(w, r, "Message "+v.ID)
	v.Page.BackHref = frame.StaffRecordPath(r.PathValue("code"))
	v.Page.Error = again.HasProblems() || drop.HasProblems()
	return web.Show(w, r, max(again.Status(), drop.Status()), messagePage(v))
}

func aboutMessage(e staffrecord.Entry, at string) []nhsuk.SummaryListRow {
	rows := []nhsuk.SummaryListRow{
		{Key: "Organisation", Value: at}, {Key: "What", Value: e.Kind.Label()},
		{Key: "State", ValueHTML: nhsuk.Tag(tagOf(e.Outcome.State))}, {Key: "What became of it", Value: e.Outcome.Text},
		{Key: "Received", Value: when.DateTime(e.Received)},
	}
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, nhsuk.SummaryListRow{Key: key, Value: value})
		}
	}
	if e.Name() != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Name", ValueHTML: page.Name(e.Name())})
	}
	add("Employee number", e.Employee)
	add("Care Identity number", e.UUID)
	add("Position number", e.StaffPosition)
	add("Assignment number", e.Assignment)
	if !e.Starts.IsZero() {
		add("Starts", when.Date(e.Starts))
	}
	if !e.Ends.IsZero() {
		add("Last day", when.LastDay(e.Ends))
	}
	return rows
}

func tagOf(s staffrecord.State) nhsuk.TagParams {
	switch s {
	case staffrecord.Done:
		return nhsuk.TagParams{Text: "Done", Colour: nhsuk.TagGood}
	case staffrecord.Failed:
		return nhsuk.TagParams{Text: "Failed", Colour: nhsuk.TagStopped}
	case staffrecord.Dropped:
		return nhsuk.TagParams{Text: "Dropped"}
	}
	return nhsuk.TagParams{Text: "Waiting"}
}

// refused reports whether an operation refused something that the form is to say.
func refused(err error) bool { return errors.Is(err, fault.Invalid) || errors.Is(err, fault.Conflict) }

func (p *StaffRecord) again(w http.ResponseWriter, r *http.Request) error {
	f := againForm.Read(r)
	code, id := r.PathValue("code"), r.PathValue("message")
	err := staffrecord.TryAgain(r.Context(), p.frame.DB, web.Actor(r), code, id)
	if refused(err) {
		f.Explain(err)
		return p.showMessage(w, r, f, dropForm.New(r))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, messageHref(code, id), "The message was tried again. Below is what became of it.")
}

func (p *StaffRecord) drop(w http.ResponseWriter, r *http.Request) error {
	f := dropForm.Read(r)
	if !f.Complete() {
		return p.showMessage(w, r, againForm.New(r), f)
	}
	code := r.PathValue("code")
	err := staffrecord.Drop(r.Context(), p.frame.DB, web.Actor(r), code, r.PathValue("message"), f.Value("reason"))
	if refused(err) {
		f.Explain(err)
		return p.showMessage(w, r, againForm.New(r), f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.StaffRecordPath(code), "Message dropped.")
}
