package bind

import (
	"context"
	"errors"
	"net/http"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// passForm asks whose pass it is, and for the pass.
func passForm(l words.Language) form.Form {
	return form.Form{Path: path.AccessPassPage, Words: frame.FormWords(l), Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "email", Type: "email", Label: nhsuk.LabelParams{Text: l.Say("pass.email"), Size: "s"},
			Autocomplete: "email", Spellcheck: "false",
		}),
		form.Input(nhsuk.InputParams{
			Name: "pass", Label: nhsuk.LabelParams{Text: l.Say("pass.pass"), Size: "s"}, Hint: l.Say("pass.pass_hint"),
			Width: 10, Code: true, Autocomplete: "off", Spellcheck: "false", Autocapitalize: "characters",
		}),
	}}
}

type lostView struct {
	plainView
	FindRA string
}

// lost says what to do for whoever cannot use their authenticator.
func (p *Pages) lost(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, lostPage(lostView{p.plain(r, "lost.title"), p.Frame.FindRA}))
}

func (p *Pages) askPass(w http.ResponseWriter, r *http.Request) error {
	return p.showPass(w, r, passForm(p.Frame.Language(r)).New(r))
}

func (p *Pages) showPass(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	l := p.Frame.Language(r)
	v := openView{Language: l, Page: p.Frame.Form(l, l.Say("pass.title"), f), Form: f}
	return web.Show(w, r, f.Status(), passPage(v))
}

// usePass uses a pass up, and goes on to the page of a link that it opens.
func (p *Pages) usePass(w http.ResponseWriter, r *http.Request) error {
	typed := passForm(p.Frame.Language(r)).Read(r)
	address, err := email.Parse(typed.Value("email"))
	typed.Explain(err)
	if typed.HasProblems() {
		return p.showPass(w, r, typed)
	}
	key, _ := address.Canonical()
	to, err := db.Write(r.Context(), p.DB, web.Actor(r), func(dw *db.W) (string, error) {
		return usePassOf(r.Context(), dw, key, typed.Value("pass"))
	})
	if errors.Is(err, fault.Invalid) {
		typed.Explain(err)
		return p.showPass(w, r, typed)
	}
	if err != nil {
		return err
	}
	if err := web.LeaveNote(w, r, openedNote, opened{Path: to, Email: address.String()}); err != nil {
		return err
	}
	return web.SeeOther(w, r, to, "")
}

// opened is who opened a link with a pass, for the page of that link, so that they need not type it twice.
type opened struct {
	Path  string `json:"path"`
	Email string `json:"email"`
}

const openedNote = "opened-by-pass"

// prefill fills the address in that was typed with the pass which opened this very link.
func prefill(w http.ResponseWriter, r *http.Request, f *form.Rendered) *form.Rendered {
	var by opened
	if web.TakeNote(w, r, openedNote, &by) && by.Path == r.URL.Path {
		f.Set("email", by.Email)
	}
	return f
}

func usePassOf(ctx context.Context, w *db.W, canonical, typed string) (to string, err error) {
	owners, err := identity.ByEmail(ctx, w, canonical)
	if err != nil {
		return "", err
	}
	var uuids []string
	for _, one := range owners {
		if one.Status == identity.Active && one.EmailUsable(w.Now()) {
			uuids = append(uuids, one.UUID)
		}
	}
	return authenticator.UsePass(ctx, w, uuids, typed)
}
