// Package applications serves the pages on which people invite others to apply for a Care Identity, see what became of
// it, and look at and decide applications of those whom somebody else invited.
//
// The pages of the applicants themselves are those of package applicant.
package applications

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"signpost/internal/careid/apply"
	"signpost/internal/careid/apply/document"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// Applications serves the pages.
type Applications struct {
	frame *frame.Frame
	desk  *apply.Desk
}

// Mount adds the pages to the site. Whoever is logged in may come: everybody sees those whom they invited, and those
// about whom they may decide.
func Mount(s *web.Site, f *frame.Frame, d *apply.Desk) {
	p := &Applications{frame: f, desk: d}
	in := f.SignedInToAct()
	s.Handle("GET "+frame.ApplicationsPath, in, p.list)
	s.Handle("GET "+inviteForm.Path, in, p.askInvite)
	f.HandleForm(s, inviteForm, in, f.Freshly(inviteForm, p.invite))
	s.Handle("GET "+onePath, in, p.one)
	s.Handle("GET "+resendForm.Path, in, p.askResend)
	f.HandleForm(s, resendForm, in, f.Freshly(resendForm, p.resend))
	f.HandleForm(s, withdrawForm, in, p.withdraw)
	f.HandleForm(s, lookForm, in, p.look)
	f.HandleForm(s, leaveForm, in, p.leave)
	s.Handle("GET "+decideForm.Path, in, p.askDecide)
	f.HandleForm(s, decideForm, in, f.Freshly(decideForm, p.decide))
	s.Handle("GET "+picturePath, in, p.picture)
	s.Handle("GET "+fileForm.Path, in, p.askFile)
	f.HandleForm(s, fileForm, in, p.readFile)
	s.Handle("GET "+oneFilePath, in, p.oneFile)
	f.HandleForm(s, sendForm, in, f.Freshly(sendForm, p.sendFile))
	s.Handle("GET "+mendPath, in, p.mend)
}

func pathOf(id string) string { return frame.ApplicationsPath + "/" + url.PathEscape(id) }

// reader is the user, with their jobs.
func reader(r *http.Request) apply.Reader {
	user := frame.User(r)
	return apply.Reader{UUID: user.Identity.UUID, List: user.Officers}
}

// onPage is how many applications are on a page.
const onPage = 50

// list lists the applications that wait for the user's decision, and those of people whom they invited.
func (p *Applications) list(w http.ResponseWriter, r *http.Request) error {
	f := filterForm.Read(r)
	user := reader(r)
	state := apply.State(f.Value("state"))
	v, err := db.Costly(r.Context(), p.frame.DB, func(read db.R) (v listView, err error) {
		waiting, err := user.Waiting(r.Context(), read)
		if err != nil {
			return v, err
		}
		mine, err := user.Mine(r.Context(), read, state, f.Value("before"), onPage+1)
		if err != nil {
			return v, err
		}
		if len(mine) > onPage {
			mine = mine[:onPage]
			v.More = frame.ApplicationsPath + "?" + url.Values{
				"state": {string(state)}, "before": {mine[onPage-1].ID},
			}.Encode()
		}
		names, err := namesOf(r.Context(), read, slices.Concat(waiting, mine))
		if err != nil {
			return v, err
		}
		for _, a := range waiting {
			v.Waiting = append(v.Waiting, names.row(a, read, when.Date(a.Due)))
		}
		for _, a := range mine {
			v.Mine = append(v.Mine, names.row(a, read, when.Date(a.Invited)))
		}
		return v, nil
	})
	if err != nil {
		return err
	}
	v.Checks = user.Checks()
	v.Invites = user.Invites()
	v.Filter = f
	v.Page = p.frame.Page(w, r, "Applications for a Care Identity")
	v.Page.Wide = true
	return web.Show(w, r, http.StatusOK, listPage(v))
}

// names are those of people and organisations of applications.
type names struct {
	people        map[string]identity.Identity
	organisations map[string]string
}

func namesOf(ctx context.Context, r db.R, list []apply.Application) (n names, err error) {
	var uuids, codes []string
	for _, a := range list {
		codes = append(codes, a.Organisation)
		for _, uuid := range []string{a.Inviter, a.DecidedBy, a.Look.By} {
			if uuid != "" {
				uuids = append(uuids, uuid)
			}
		}
	}
	slices.Sort(uuids)
	uuids = slices.Compact(uuids)
	if len(uuids) == 0 {
		return n, nil
	}
	if n.organisations, err = organisation.Texts(ctx, r, codes); err != nil {
		return n, err
	}
	n.people, err = identity.ByUUIDs(ctx, r, uuids)
	return n, err
}

func (n names) of(uuid string) string { return n.people[uuid].DisplayName() }

func (n names) row(a apply.Application, r db.R, date string) []nhsuk.TableCell {
	return []nhsuk.TableCell{
		{HTML: numberLink(pathOf(a.ID), random.Grouped(a.Number))}, {HTML: page.Name(a.Name())},
		{Text: n.organisations[a.Organisation]}, {HTML: nhsuk.Tag(tagOf(a.At(r.Now())))}, {Text: date},
	}
}

func tagOf(s apply.State) nhsuk.TagParams {
	colour := nhsuk.TagAwaited
	switch s {
	case apply.Approved:
		colour = nhsuk.TagGood
	case apply.LinkExpired, apply.PhoneLocked, apply.Duplicate, apply.NoNumber:
		colour = nhsuk.TagLimited
	case apply.Rejected, apply.Withdrawn:
		colour = nhsuk.TagStopped
	}
	return nhsuk.TagParams{Text: s.Label(), Colour: colour}
}

func (p *Applications) askInvite(w http.ResponseWriter, r *http.Request) error {
	f := inviteForm.New(r)
	if f.Value("organisation") == "" {
		f.Set("organisation", frame.User(r).Identity.Organisation)
	}
	return p.showInvite(w, r, f)
}

func (p *Applications) showInvite(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	if !reader(r).Invites() {
		return errNotInviter
	}
	v := formView{Page: p.frame.Page(w, r, f.Page), Form: f, Button: f.Act}
	v.Page.BackHref = frame.ApplicationsPath
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), formPage(v))
}

var errNotInviter = fault.SayCure(fault.Forbidden,
	"Only sponsors, ID checkers, and registration authority managers and agents invite people to apply.",
	"Ask your registration authority: Find your registration authority says which that is.")

func invitationOf(f *form.Rendered) apply.Invitation {
	return apply.Invitation{
		GivenName: f.Value("given_name"), MiddleNames: f.Value("middle_names"), FamilyName: f.Value("family_name"),
		Email: f.Value("email"), Mobile: f.Value("mobile"), Organisation: f.Value("organisation"),
		Reason: f.Value("reason"),
	}
}

func (p *Applications) invite(w http.ResponseWriter, r *http.Request) error {
	f := inviteForm.Read(r)
	if f.Complete() {
		a, err := p.desk.Invite(r.Context(), web.Actor(r), invitationOf(f))
		if err == nil {
			return web.SeeOther(w, r, pathOf(a.ID), "Invited. The link was sent to "+a.Email+".")
		}
		if !refused(err) {
			return err
		}
		f.Explain(err)
	}
	return p.showInvite(w, r, f)
}

// read reads the application of a page for the user.
func (p *Applications) read(r *http.Request) (apply.Application, error) {
	return db.Read(r.Context(), p.frame.DB, func(read db.R) (apply.Application, error) {
		return reader(r).One(r.Context(), read, r.PathValue("id"))
	})
}

// one shows an application: to whoever invited what became of it, to a checker that it waits.
func (p *Applications) one(w http.ResponseWriter, r *http.Request) error {
	return p.showOne(w, r, oneFormsOf(r))
}

func (p *Applications) showOne(w http.ResponseWriter, r *http.Request, f oneForms) error {
	user := reader(r)
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v oneView, err error) {
		a, err := user.One(r.Context(), read, r.PathValue("id"))
		if err != nil {
			return v, err
		}
		n, err := namesOf(r.Context(), read, []apply.Application{a})
		if err != nil {
			return v, err
		}
		at := a.At(read.Now())
		v = oneView{application: a, About: n.about(a, at), State: at, Path: pathOf(a.ID), Mine: a.Inviter == user.UUID}
		v.MayLook = !v.Mine && at == apply.Submitted
		v.MayUndo = v.Mine && !at.Over()
		v.MayResend = v.MayUndo && at != apply.Submitted && at != apply.InReview
		if by := a.Look.Of(read.Now()).By; by != "" && at == apply.InReview {
			v.Looks = n.of(by) + " looks at it until " + when.TimeOfDay(a.Look.Until)
			v.Decides = by == user.UUID
		}
		return v, nil
	})
	if err != nil {
		return err
	}
	if f.leave.HasProblems() || !v.MayLook && f.look.HasProblems() || !v.MayUndo && f.withdraw.HasProblems() {
		return web.SeeOther(w, r, v.Path, "Nothing was changed. Look at the application: that cannot be done now.")
	}
	if v.Mine && v.State == apply.Duplicate {
		found, err := p.desk.Matches(r.Context(), web.Actor(r), v.application.ID)
		if err != nil {
			return err
		}
		for _, m := range found {
			v.Matches = append(v.Matches, matchText(m))
		}
	}
	v.Forms = f
	for _, one := range f.all() {
		one.About("Application " + random.Grouped(v.application.Number))
		v.Page.Error = v.Page.Error || one.HasProblems()
	}
	failed := v.Page.Error
	v.Page = p.frame.Page(w, r, "Application "+random.Grouped(v.application.Number))
	v.Page.Error = failed
	v.Page.BackHref = frame.ApplicationsPath
	return web.Show(w, r, f.status(), onePage(v))
}

func matchText(m apply.Match) string {
	if m.UUID == "" {
		return "Somebody of another registration authority, or another application"
	}
	return m.Name + ", " + m.UUID
}

// about says what is known of an application by whoever invited, and by those who may decide.
func (n names) about(a apply.Application, at apply.State) []nhsuk.SummaryListRow {
	rows := []nhsuk.SummaryListRow{
		{Key: "Status", ValueHTML: nhsuk.Tag(tagOf(at))},
		{Key: "Name", ValueHTML: page.Name(a.Name())},
		{Key: "Email address", ValueHTML: page.Contact(a.Email)},
		{Key: "Mobile number", Value: a.Mobile},
		{Key: "Organisation", Value: n.organisations[a.Organisation]},
		{Key: "Why", ValueHTML: typed(a.Reason)},
		{Key: "Invited", Value: when.DateTime(a.Invited) + " by " + n.of(a.Inviter)},
	}
	if !at.Over() && at != apply.Submitted && at != apply.InReview {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Link works until", Value: when.DateTime(a.LinkEnds)})
	}
	if !a.Due.IsZero() && !at.Over() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Due", Value: when.Date(a.Due)})
	}
	if a.DecidedBy != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Decided",
			Value: when.DateTime(a.Decided) + " by " + n.of(a.DecidedBy)})
	}
	for _, item := range document.Items {
		if f, is := document.Of(item, a.Refusals[item]); is {
			rows = append(rows, nhsuk.SummaryListRow{Key: item.Name(), Value: f.Text})
		}
	}
	if a.Notes != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Notes", ValueHTML: typed(a.Notes)})
	}
	if a.UUID != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Care Identity number",
			ValueHTML: numberLink(frame.PathOf(a.UUID), a.UUID)})
	}
	return rows
}

// refused reports whether an operation refused something that the form is to say.
func refused(err error) bool { return errors.Is(err, fault.Invalid) || errors.Is(err, fault.Conflict) }
