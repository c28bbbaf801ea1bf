// Package shared serves the pages on which shared accounts become people: the one that asks whoever logs in with a
// shared account who they are, which shows nothing of the others; the one to which those who were confirmed come by
// their own link; and those of administrators.
package shared

import (
	"errors"
	"net/http"

	"signpost/internal/dos/account"
	cases "signpost/internal/dos/shared"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// whoForm asks whoever logged in with a shared account who they are. It says in which session, so that nobody sees what
// somebody else typed on the same computer; and it is not held when that session ends, as another may be next.
var whoForm = form.Form{Path: frame.WhoPath, Fields: []form.Field{
	form.Hidden("sitting"),
	form.Input(nhsuk.InputParams{
		Name: "first_name", Label: nhsuk.LabelParams{Text: "Your first name", Size: "s"}, Autocomplete: "off",
		Spellcheck: "false",
	}).Required("Enter your first name"),
	form.Input(nhsuk.InputParams{
		Name: "last_name", Label: nhsuk.LabelParams{Text: "Your last name", Size: "s"}, Autocomplete: "off",
		Spellcheck: "false",
	}).Required("Enter your last name"),
	form.Input(nhsuk.InputParams{
		Name: "email", Type: "email", Label: nhsuk.LabelParams{Text: "Your own work email address", Size: "s"},
		Hint: "One that only you can read. If you said who you are before, use the same address.", Autocomplete: "off",
		Spellcheck: "false",
	}).Required("Enter your own work email address"),
	form.Input(nhsuk.InputParams{
		Name: "organisation", Label: nhsuk.LabelParams{Text: "ODS code of the organisation you work for", Size: "s"},
		Hint: "Such as RXK or FXX01", Width: 10, Autocomplete: "off", Spellcheck: "false",
	}).Required("Enter the ODS code of the organisation you work for"),
	frame.UnknownCodeField(),
	form.Checkboxes(nhsuk.CheckboxesParams{Name: "given", Items: []nhsuk.CheckboxItem{{
		Value: "yes", Text: "The account is in somebody else’s name: this is not me, I was given it",
	}}}),
}}

// claimed tells somebody that what they wrote was sent. It is read on a computer of several people, and names nobody.
const claimed = "Thank you. A DoS user administrator will look at what you wrote. Then we will email your own " +
	"address and say what to do next."

// skipForm puts the question off.
var skipForm = form.Form{Path: frame.WhoPath + "/later", At: frame.WhoPath}

// team lets only those through who are logged in with a shared account.
func (p *Pages) team() web.Guard {
	in := p.frame.SignedIn()
	return web.Guard{Name: in.Name, Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		r, err := in.Check(w, r)
		if err == nil && frame.User(r).Account.Kind != account.Shared {
			return r, web.Redirect{To: "/"}
		}
		return r, err
	}}
}

func (p *Pages) askWho(w http.ResponseWriter, r *http.Request) error {
	session := frame.User(r).Session.ID
	typed := whoForm.New(r)
	if sitting := typed.Value("sitting"); sitting != "" && sitting != session {
		return web.SeeOther(w, r, frame.WhoPath, "") // it came back to whoever had the browser before
	}
	return p.showWho(w, r, typed.Set("sitting", session))
}

func (p *Pages) showWho(w http.ResponseWriter, r *http.Request, typed *form.Rendered) error {
	v := whoView{Form: typed, Skip: skipForm.New(r), Username: frame.User(r).Account.Username}
	v.Page = p.frame.Page(w, r, "Who are you?")
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, typed.Status(), whoPage(v))
}

// who takes what somebody says. Whether it was said before makes no difference to what they see.
func (p *Pages) who(w http.ResponseWriter, r *http.Request) error {
	user := frame.User(r)
	typed := whoForm.Read(r)
	typed.Set("sitting", user.Session.ID)
	typed.Complete()
	if err := p.frame.AskUnknownCode(r, typed); err != nil {
		return err
	}
	if typed.HasProblems() {
		return p.showWho(w, r, typed)
	}
	err := p.cases.Claim(r.Context(), web.Actor(r), user.Account.ID, sittingOf(r, p.frame), cases.Typed{
		FirstName: typed.Value("first_name"), LastName: typed.Value("last_name"), Email: typed.Value("email"),
		Organisation: typed.Value("organisation"), Given: typed.Value("given") != "",
	})
	if errors.Is(err, fault.TooMany) {
		typed.Explain(err)
		return p.showWho(w, r, typed)
	}
	if typed.Refuse(err) {
		return p.showWho(w, r, typed)
	}
	if err != nil {
		return err
	}
	return p.frame.GoOn(w, r, user.Account.ID, "/", claimed)
}

// sittingOf gives the session and the browser of whoever is logged in with a shared account.
func sittingOf(r *http.Request, f *frame.Frame) cases.Sitting {
	user := frame.User(r)
	return cases.Sitting{Session: user.Session.ID, Browser: f.Known.Of(r).Mark("shared/" + user.Account.ID)}
}

func (p *Pages) skip(w http.ResponseWriter, r *http.Request) error {
	user := frame.User(r)
	if err := p.cases.Skip(r.Context(), user.Session.ID); err != nil {
		return err
	}
	return p.frame.GoOn(w, r, user.Account.ID, "/", "")
}
