package request

import (
	"net/http"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/linking"
	asking "signpost/internal/dos/request"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// forms are those of the page that people fill in.
type forms struct{ state, answer *form.Rendered }

// mine shows one's own request: how far it is, and what to do next.
func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	if cookie(r) == "" {
		return web.SeeOther(w, r, askForm.Path, "")
	}
	return p.showMine(w, r, http.StatusOK, forms{state: stateForm.New(r), answer: answerForm.New(r)})
}

func (p *Pages) showMine(w http.ResponseWriter, r *http.Request, status int, f forms) error {
	asked, err := p.requests.Mine(r.Context(), cookie(r))
	if err != nil {
		return err
	}
	if f.answer.HasProblems() && asked.State != asking.Asked {
		return web.SeeOther(w, r, MinePath, "Nobody is waiting for an answer from you.")
	}
	v := mineView{
		State: f.state, Answer: f.answer, Prove: proveForm.New(r), Withdraw: withdrawForm.New(r),
		LogIn: frame.LogInForm.New(r), Request: asked, Sent: when.DateTime(asked.Created),
	}
	if v.Rows, err = p.rowsOf(r, asked); err != nil {
		return err
	}
	if asked.State == asking.Needless {
		if v.Username, err = p.existing(r, asked); err != nil {
			return err
		}
	}
	v.Steps = p.stepsOf(asked)
	v.Page = p.frame.Page(w, r, v.title())
	v.Page.Error = f.state.HasProblems() || f.answer.HasProblems()
	return web.Show(w, r, status, minePage(v))
}

// title names the page by what comes next.
func (v mineView) title() string {
	switch v.Request.State {
	case asking.Asked:
		return "We have a question about your request"
	case asking.SetUp:
		return "Complete the setup of your account"
	case asking.Approved:
		return "Your account is ready"
	case asking.Rejected:
		return "Your request was rejected"
	case asking.Withdrawn, asking.Replaced:
		return "Your request was withdrawn"
	case asking.Needless:
		return "You have an account already"
	}
	if v.cameBack() {
		return "Your request is looked at again"
	}
	if v.undecidedAboutIdentity() {
		return "Log in with your Care Identity"
	}
	return "Your request was sent"
}

// cameBack reports whether the request was approved, and came back because its Care Identity has another name.
func (v mineView) cameBack() bool { return v.Request.State == asking.Open && v.Request.AccountID != "" }

// undecidedAboutIdentity reports whether the asker has neither shown a Care Identity nor said that they cannot.
func (v mineView) undecidedAboutIdentity() bool {
	return !v.Request.Claims.Given() && v.Request.HasIdentity == asking.NothingStated
}

func (v mineView) canShowIdentity() bool {
	return !v.Request.Claims.Given() && (v.Request.State == asking.Open || v.Request.State == asking.Asked)
}

// canShowAnother reports whether another Care Identity may take the place of the request's.
func (v mineView) canShowAnother() bool {
	return v.Request.Claims.Given() && (v.Request.State == asking.Open || v.Request.State == asking.Asked)
}

func (p *Pages) rowsOf(r *http.Request, asked asking.Request) ([]nhsuk.SummaryListRow, error) {
	organisation, err := db.Read(r.Context(), p.requests.DB, func(read db.R) (string, error) {
		return directory.OrganisationText(r.Context(), read, asked.Organisation)
	})
	rows := []nhsuk.SummaryListRow{
		{Key: "Name", ValueHTML: page.Name(asked.Name())},
		{Key: "Email address", ValueHTML: page.Contact(asked.Email)},
		{Key: "Home organisation", Value: organisation},
		{Key: "What you work as", Value: asking.ProfessionTitle(asked.Profession)},
		{Key: "Why you need access", ValueHTML: page.Lines(asked.Reason)},
	}
	if asked.Claims.Given() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Care Identity",
			ValueHTML: page.Named(asked.Claims.Name, ", number ending "+linking.LastDigits(asked.Claims.Subject))})
	}
	return rows, err
}

// identities says which Care Identity the path to one begins from.
var identities = map[asking.Identity]path.Identity{
	asking.NoIdentity: path.NoIdentity, asking.Inactive: path.OneInactive,
}

// stepsOf gives the path of an asker who has no Care Identity that works.
func (p *Pages) stepsOf(asked asking.Request) (steps []stepView) {
	identity, known := identities[asked.HasIdentity]
	if !known || asked.Claims.Given() || asked.State == asking.Rejected || asked.State == asking.Withdrawn {
		return nil
	}
	for _, s := range asking.Path(identity) {
		steps = append(steps, stepView{Title: s.Title, Detail: s.Detail, Say: s.Say, Takes: s.Takes,
			Links: p.frame.Links(s.Where, s.Also)})
	}
	return steps
}
