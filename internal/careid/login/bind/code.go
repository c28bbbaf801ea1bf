package bind

import (
	"net/http"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
)

// show shows the page that the binding needs next: that of the mailed code, then those of the kind.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	f := step.BindingOf(r)
	if !f.State.CodeRight {
		return p.showCode(w, r, f, nil)
	}
	way, err := p.Ways.Of(f.State.Kind)
	if err != nil {
		return err
	}
	return way.Binding(p.Binder(way)).Show(w, r, f, nil)
}

func (p *Pages) showCode(
	w http.ResponseWriter, r *http.Request, f step.BindingFlow, problems []frame.FieldError,
) error {
	l := p.Frame.Language(r)
	return web.Show(w, r, frame.Status(problems), codePage(p.View(l, f, l.Say("bind.code_title"), problems)))
}

var errCode = words.FieldFault(fault.Invalid, "code", "mailed-code")

// code checks the code that was mailed. Wrong ones count against the invitation, which too many end.
func (p *Pages) code(w http.ResponseWriter, r *http.Request) error {
	f := step.BindingOf(r)
	if f.State.CodeRight {
		return step.BindingOver
	}
	if !p.right(f.State, r.PostFormValue("code")) {
		err := p.DB.Update(r.Context(), web.Actor(r), func(dw *db.W) error {
			return dw.Refuse(r.Context(), audit.Event{
				Kind: authenticator.WrongTry, Reason: "mailed code",
				Subject: audit.Ref{Kind: "invitation", ID: f.State.Invitation},
			}, errCode)
		})
		return p.Again(w, r, f, err, p.showCode)
	}
	f.State.CodeRight = true
	f.State.Code = nil
	if err := p.Save(r, f); err != nil {
		return err
	}
	return p.Onward(w, r, f)
}

func (p *Pages) right(s step.BindingState, typed string) bool {
	code, err := p.Box.Open(s.Code, codeContext(s))
	return err == nil && random.SameCode(typed, string(code))
}

func (p *Pages) added(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, addedPage(p.plain(r, "added.title")))
}
