package applications

import (
	"net/http"

	"signpost/internal/careid/apply"
	"signpost/internal/careid/apply/document"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

func (p *Applications) askResend(w http.ResponseWriter, r *http.Request) error {
	a, err := p.read(r)
	if err != nil {
		return err
	}
	f := resendForm.New(r)
	if !f.HasProblems() {
		for name, value := range map[string]string{
			"given_name": a.GivenName, "middle_names": a.MiddleNames, "family_name": a.FamilyName, "email": a.Email,
			"mobile": a.Mobile, "reason": a.Reason,
		} {
			f.Set(name, value)
		}
	}
	return p.showResend(w, r, f, a)
}

func (p *Applications) showResend(w http.ResponseWriter, r *http.Request, f *form.Rendered, a apply.Application) error {
	if a.Inviter != frame.User(r).Identity.UUID {
		return web.SeeOther(w, r, pathOf(a.ID), "Only whoever invited this person sends another link.")
	}
	f.About("Application " + random.Grouped(a.Number))
	v := formView{Page: p.frame.Page(w, r, f.Page), Form: f, Button: f.Act, Guidance: []string{
		"The links before it do not work any more. If the email address or mobile number is another, the applicant " +
			"begins from the start.",
	}}
	v.Page.BackHref = pathOf(a.ID)
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), formPage(v))
}

func (p *Applications) resend(w http.ResponseWriter, r *http.Request) error {
	f := resendForm.Read(r)
	id := r.PathValue("id")
	if f.Complete() {
		err := p.desk.Resend(r.Context(), web.Actor(r), id, invitationOf(f))
		if err == nil {
			return web.SeeOther(w, r, pathOf(id), "Another link was sent.")
		}
		if !refused(err) {
			return err
		}
		f.Explain(err)
	}
	a, err := p.read(r)
	if err != nil {
		return err
	}
	return p.showResend(w, r, f, a)
}

// act does what a form of the page asks for. What the operation refuses is said at the form.
func (p *Applications) act(
	w http.ResponseWriter, r *http.Request, f oneForms, sent *form.Rendered, to, done string, err error,
) error {
	if refused(err) {
		sent.Explain(err)
		return p.showOne(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, to, done)
}

func (p *Applications) withdraw(w http.ResponseWriter, r *http.Request) error {
	f := oneFormsOf(r)
	f.withdraw = withdrawForm.Read(r)
	id := r.PathValue("id")
	err := p.desk.WithdrawFor(r.Context(), web.Actor(r), id)
	return p.act(w, r, f, f.withdraw, pathOf(id), "Application withdrawn. The applicant was told.", err)
}

func (p *Applications) look(w http.ResponseWriter, r *http.Request) error {
	f := oneFormsOf(r)
	f.look = lookForm.Read(r)
	id := r.PathValue("id")
	err := p.desk.LookAt(r.Context(), web.Actor(r), id)
	return p.act(w, r, f, f.look, pathOf(id)+"/decide", "", err)
}

func (p *Applications) leave(w http.ResponseWriter, r *http.Request) error {
	f := oneFormsOf(r)
	f.leave = leaveForm.Read(r)
	err := p.desk.Leave(r.Context(), web.Actor(r), r.PathValue("id"))
	return p.act(w, r, f, f.leave, frame.ApplicationsPath, "You left the application. Others can look at it.", err)
}

// picture shows a picture to whoever looks at the application. No browser keeps it.
func (p *Applications) picture(w http.ResponseWriter, r *http.Request) error {
	drawn, err := p.desk.Picture(r.Context(), web.Actor(r), r.PathValue("id"), document.Shot(r.PathValue("shot")))
	if err != nil {
		return err
	}
	return frame.SendPicture(w, drawn)
}

func (p *Applications) askDecide(w http.ResponseWriter, r *http.Request) error {
	f := decideForm.New(r)
	if !f.HasProblems() {
		found, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (document.Refusals, error) {
			return p.desk.Findings(r.Context(), read, r.PathValue("id"))
		})
		if err != nil {
			return err
		}
		for item, reason := range found {
			f.Set(string(item), string(reason))
		}
	}
	return p.showDecide(w, r, f)
}

// showDecide shows all of an application to whoever looks at it.
func (p *Applications) showDecide(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	now, err := p.desk.Show(r.Context(), web.Actor(r), r.PathValue("id"))
	if refused(err) {
		return web.SeeOther(w, r, pathOf(r.PathValue("id")), "Look at the application to decide it.")
	}
	if err != nil {
		return err
	}
	f.About("Application " + random.Grouped(now.Number))
	v := decideView{Form: f, Pictures: map[document.Item][]shown{}, Until: when.TimeOfDay(now.Look.Until),
		Number: random.Grouped(now.Number),
		Typed: []nhsuk.SummaryListRow{
			{Key: "Name as invited", ValueHTML: page.Name(now.Application.Name())},
			{Key: "Name as on the document", ValueHTML: page.Name(now.Answers.Name())},
			{Key: "Birth date", Value: now.BirthDate.Text()},
			{Key: "Photo document", Value: identity.DocumentName(now.Documents.Photo) + ", number ending in " +
				now.Documents.Ending},
			{Key: "Proofs of address", Value: identity.DocumentName(now.Documents.Address) + ", and " +
				identity.DocumentName(now.Documents.Other)},
			{Key: "Why", ValueHTML: typed(now.Reason)},
		}}
	for _, shot := range document.Shots {
		if now.Done(apply.Step(shot)) {
			v.Pictures[shot.Item()] = append(v.Pictures[shot.Item()], shown{
				At: pathOf(now.ID) + "/picture/" + string(shot), Title: shotTitles[shot],
			})
		}
	}
	if v.Found, err = p.looked(r, now.ID); err != nil {
		return err
	}
	if f.HasProblem("another") || f.Value("another") != "" {
		if v.Alike, err = p.alike(r, now); err != nil {
			return err
		}
	}
	v.Leave = leaveForm.New(r)
	v.Page = p.frame.Page(w, r, "Check application "+random.Grouped(now.Number))
	v.Page.Wide = true
	v.Page.BackHref = pathOf(now.ID)
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), decidePage(v))
}

// looked reports whether a service looked at an application.
func (p *Applications) looked(r *http.Request, id string) (bool, error) {
	found, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (document.Refusals, error) {
		return p.desk.Findings(r.Context(), read, id)
	})
	return found != nil, err
}

var shotTitles = map[document.Shot]string{
	document.Front: "Front of the photo document", document.Back: "Back of the photo document",
	document.OfFace: "Face", document.ProofA: "First proof of address", document.ProofB: "Second proof of address",
	document.ForCard: "Photo for a smartcard",
}

// alike lists those who may be the applicant already.
func (p *Applications) alike(r *http.Request, now apply.Progress) ([][]nhsuk.TableCell, error) {
	return db.Costly(r.Context(), p.frame.DB, func(read db.R) ([][]nhsuk.TableCell, error) {
		list, err := registration.Person{
			GivenName: now.Application.GivenName, FamilyName: now.Application.FamilyName, Email: now.Email,
			Organisation: now.Organisation,
		}.Alike(r.Context(), read)
		if err != nil {
			return nil, err
		}
		return frame.AlikeRows(r, read, list)
	})
}

// verdictOf is what was chosen in the form.
func verdictOf(f *form.Rendered) apply.Verdict {
	v := apply.Verdict{Refused: document.Refusals{}, Notes: f.Value("notes"), IsNew: f.Value("another") != ""}
	for _, item := range document.Items {
		switch chosen := f.Value(string(item)); chosen {
		case "":
		case accepted:
			v.Accepted = append(v.Accepted, item)
		default:
			v.Refused[item] = document.Reason(chosen)
		}
	}
	return v
}

func (p *Applications) decide(w http.ResponseWriter, r *http.Request) error {
	f := decideForm.Read(r)
	if f.Complete() {
		done, err := p.decided(r, f)
		if err == nil {
			return web.SeeOther(w, r, pathOf(r.PathValue("id")), done)
		}
		if !refused(err) {
			return err
		}
		f.Explain(err)
	}
	return p.showDecide(w, r, f)
}

// decided does what was decided, and says what was done.
func (p *Applications) decided(r *http.Request, f *form.Rendered) (string, error) {
	id := r.PathValue("id")
	v := verdictOf(f)
	switch f.Value("decision") {
	case approves:
		made, err := p.desk.Approve(r.Context(), web.Actor(r), id, v)
		return "Approved. The Care Identity is " + made.UUID + ".", err
	case sendsBack:
		return "Sent back. The applicant got a link to correct it.", p.desk.Return(r.Context(), web.Actor(r), id, v)
	}
	return "Rejected. The applicant and whoever invited them were told.",
		p.desk.Reject(r.Context(), web.Actor(r), id, v)
}
