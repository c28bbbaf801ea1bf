// Package forgotten serves the pages on which people set another password, by a code that is mailed to them.
package forgotten

import (
	"errors"
	"net/http"

	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// Forgotten serves the pages.
type Forgotten struct {
	frame     *frame.Frame
	passwords *signin.Forgotten
}

const seconds = 15 * 60

var (
	askForm = form.Form{Path: frame.ForgottenPath, Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "username", Label: nhsuk.LabelParams{Text: "Directory of Services username", Size: "s"},
			Autocomplete: "username", Spellcheck: "false", Autocapitalize: "none", Width: 20,
		}).Required("Enter your Directory of Services username"),
	}}
	codeForm = form.Form{Path: frame.ForgottenPath + "/code", Fields: append(codeform.Fields(),
		form.Password(nhsuk.PasswordInputParams{
			Name: "password", Label: nhsuk.LabelParams{Text: "New password", Size: "s"}, Autocomplete: "new-password",
			Hint: "15 characters or more, without your name or username. Three random words make a good password",
		}))}
)

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	p := &Forgotten{frame: f, passwords: &signin.Forgotten{
		DB: f.DB, Hasher: f.Passwords.Hasher, Post: f.Linker.Post,
	}}
	s.Handle("GET "+askForm.Path, f.MaybeSignedIn(), p.ask)
	f.HandleForm(s, askForm, f.MaybeSignedIn(), p.mail)
	s.Handle("GET "+codeForm.Path, f.MaybeSignedIn(), p.code)
	f.HandleForm(s, codeForm, f.MaybeSignedIn(), p.answer)
}

func (p *Forgotten) ask(w http.ResponseWriter, r *http.Request) error {
	return p.showAsk(w, r, http.StatusOK, askForm.New(r))
}

func (p *Forgotten) showAsk(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	v := askView{Page: p.frame.Page(w, r, "Forgotten your password"), Form: typed}
	v.Page.BackHref = "/"
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, askPage(v))
}

func (p *Forgotten) mail(w http.ResponseWriter, r *http.Request) error {
	typed := askForm.Read(r)
	if !typed.Complete() {
		return p.showAsk(w, r, http.StatusUnprocessableEntity, typed)
	}
	cookie, err := p.passwords.Ask(r.Context(), web.Actor(r), typed.Value("username"), p.frame.Known.Of(r))
	if errors.Is(err, fault.TooMany) {
		typed.Explain(err)
		return p.showAsk(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	web.SetCookie(w, frame.ForgottenCookie, cookie, seconds)
	return web.SeeOther(w, r, codeForm.Path, "")
}

func (p *Forgotten) code(w http.ResponseWriter, r *http.Request) error {
	cookie := web.Cookie(r, frame.ForgottenCookie)
	if cookie == "" { // nothing was begun here
		return web.SeeOther(w, r, askForm.Path, "")
	}
	if err := p.passwords.Find(r.Context(), cookie); err != nil {
		return err
	}
	return p.showCode(w, r, http.StatusOK, codeForm.New(r))
}

func (p *Forgotten) showCode(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	v := codeView{Page: p.frame.Page(w, r, "Set another password"), Form: typed}
	v.Page.BackHref = askForm.Path
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, codePage(v))
}

// answer sets the password, or sends another code. The browser is then one on which the holder proved themselves, so
// that nobody's wrong tries keep them out on it.
func (p *Forgotten) answer(w http.ResponseWriter, r *http.Request) error {
	accountID := ""
	return codeform.Page{
		Form: codeForm, Show: p.showCode,
		SendAgain: func(r *http.Request) error {
			return p.passwords.SendAgain(r.Context(), web.Actor(r), web.Cookie(r, frame.ForgottenCookie))
		},
		Use: func(r *http.Request, code string) (err error) {
			plain := codeForm.Read(r).Value("password")
			cookie := web.Cookie(r, frame.ForgottenCookie)
			accountID, err = p.passwords.Set(r.Context(), web.Actor(r), cookie, code, plain)
			return err
		},
		Done: func(w http.ResponseWriter, r *http.Request) error {
			if accountID != "" {
				if err := p.frame.Known.Remember(w, r, accountID); err != nil {
					return err
				}
			}
			return web.SeeOther(w, r, "/", "Your password has been changed. Log in with it.")
		},
	}.Answer(w, r)
}
