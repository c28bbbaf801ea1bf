package bind

import (
	"context"
	"net/http"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
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

func (p *Pages) showCode(w http.ResponseWriter, r *http.Request, f step.BindingFlow, problem error) error {
	l := p.Frame.Language(r)
	shown := codeForm(l).New(r)
	shown.Explain(problem)
	v := p.View(r, f, l.Say("bind.code_title"), shown)
	v.Page.Flash = web.Flash(w, r)
	return web.Show(w, r, shown.Status(), codePage(v))
}

func codeForm(l words.Language) form.Form {
	return step.BindingForm(l, "code", form.Input(nhsuk.InputParams{
		Name: "code", Label: nhsuk.LabelParams{Text: l.Say("bind.code_title"), Size: "l", IsPageHeading: true},
		Hint: l.Say("bind.code_hint"), Width: 10, Code: true,
		Attributes:   form.SentWhole(codeform.CodeLength, l.Say("code.sent")),
		Autocomplete: "one-time-code", Spellcheck: "false", Autocapitalize: "characters",
	}), codeform.Button(l.Say("bind.another")))
}

// forBinding is the purpose of the codes that show that the reader of a link is its owner. The invitation counts how
// many are mailed.
var forBinding = mailcode.Purpose{
	Name: "binding", Life: step.BindingLife, MaxWrong: authenticator.MaxWrongCodes,
	WrongTry: authenticator.WrongCode,
	ErrOver:  step.BindingOver,
	ErrWrong: words.FieldFault(fault.Invalid, "code", "mailed-code"),
}

// codeOf gives the purpose of the code of one binding, from its cookie: several people may have opened one link.
func codeOf(cookie string) mailcode.Purpose {
	flow, _ := session.Split(cookie)
	return forBinding.Within(flow)
}

// code checks the code that was mailed. Wrong codes count against the invitation, and too many of them end it.
func (p *Pages) code(w http.ResponseWriter, r *http.Request) error {
	f := step.BindingOf(r)
	if f.State.CodeRight {
		return p.Onward(w, r, f) // a second click, or Back
	}
	sent := codeForm(p.Frame.Language(r)).Read(r)
	if codeform.Wanted(sent) {
		return p.sendAgain(w, r, f)
	}
	ctx := r.Context()
	typed := sent.Value("code")
	ref := authenticator.InvitationRef(f.State.Invitation)
	right := f
	right.State.CodeRight = true
	err := p.DB.Update(ctx, web.Actor(r), func(dw *db.W) error {
		if err := p.Current(ctx, dw, f); err != nil {
			return err
		}
		if _, err := step.OwnerAt(ctx, dw, f); err != nil {
			return err
		}
		_, err := mailcode.Use(ctx, dw, p.Post, forBinding.Within(f.ID), ref, typed)
		if err != nil {
			return err
		}
		// Who reads the mailbox is told now what binding would refuse after all the work.
		if err := authenticator.MayHave(ctx, dw, f.State.UUID, f.State.Kind); err != nil {
			return err
		}
		return p.SaveIn(ctx, dw, right)
	})
	if err != nil {
		return p.Again(w, r, f, err, p.showCode)
	}
	return p.Onward(w, r, f)
}

// sendAgain sends another code to the owner, if their address is still the one that was typed. The link counts them.
func (p *Pages) sendAgain(w http.ResponseWriter, r *http.Request, f step.BindingFlow) error {
	ctx := r.Context()
	l := p.Frame.Language(r)
	err := p.DB.Update(ctx, web.Actor(r), func(dw *db.W) error {
		if err := authenticator.CountMail(ctx, dw, f.State.Invitation); err != nil {
			return err
		}
		if err := p.mailAgain(ctx, dw, f, l); err != nil {
			return err
		}
		return dw.Record(ctx, audit.Event{Kind: eventCodeMailed, Subject: identity.Ref(f.State.UUID),
			After: map[string]any{"invitation": f.State.Invitation, "again": true}})
	})
	if err != nil {
		return p.Again(w, r, f, err, p.showCode)
	}
	return web.SeeOther(w, r, step.BindingPath(f), l.Say("bind.sent_again"))
}

func (p *Pages) mailAgain(ctx context.Context, dw *db.W, f step.BindingFlow, l words.Language) error {
	owner, err := step.OwnerAt(ctx, dw, f)
	if err != nil {
		return err
	}
	code := forBinding.Within(f.ID)
	ref := authenticator.InvitationRef(f.State.Invitation)
	if f.State.CodeTo == "" { // another address was typed
		return mailcode.Pretend(ctx, dw, p.Post, code, ref)
	}
	return mailcode.Ask(ctx, dw, p.Post, code, ref, codeMail(l, owner.Email))
}

func (p *Pages) added(w http.ResponseWriter, r *http.Request) error {
	v := addedView{plainView: p.plain(r, "added.title")}
	var added step.Added
	if web.TakeNote(w, r, step.AddedNote, &added) && added.Why != "" {
		v.Lower = v.Language.Lower(added.Level, added.Why)
	}
	return web.Show(w, r, http.StatusOK, addedPage(v))
}
