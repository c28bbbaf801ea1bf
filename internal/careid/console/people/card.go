package people

import (
	"net/http"
	"strings"

	"signpost/internal/careid/authenticator/smartcard/issuing"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const cardPath = personPath + "/smartcard"

// The forms on the page of a person's smartcard. That of the code offers what can be done now.
var (
	cardForm = form.Form{Path: cardPath, Page: "People", Act: "Make a code", Fields: []form.Field{
		form.Radios(nhsuk.RadiosParams{
			Name: "act",
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{
				Text: "What is to be done at the reader?", Size: "s",
			}},
		}).Required("Select what is to be done at the reader"),
	}}
	cancelForm = form.Form{
		Path: cardPath + "/cancel", At: cardPath, Page: "People", Act: "Cancel the smartcard", Fields: []form.Field{
			form.Input(nhsuk.InputParams{
				Name: "why", Label: nhsuk.LabelParams{Text: "Why is the smartcard cancelled?", Size: "s"},
				Hint: "Such as: lost on the way home. It is kept with your name.", Autocomplete: "off",
			}).Required("Enter why the smartcard is cancelled"),
		},
	}
)

type cardView struct {
	Page   page.Params
	Name   string
	Back   string
	Until  string // when the card ends; empty where there is none
	Active bool   // the Care Identity can be used
	Own    bool   // the user's own
	Made   madeCode
	Code   *form.Rendered
	Cancel *form.Rendered

	MayCancel bool              // the user's job lets them cancel it
	acts      []nhsuk.RadioItem // that the user may have done at a reader
}

// MayCode reports whether there is something that the user may have done at a reader.
func (v cardView) MayCode() bool { return len(v.acts) > 0 }

// madeCode is shown once on the page of the person it is for.
type madeCode struct {
	UUID string      `json:"uuid"`
	Act  issuing.Act `json:"act"`
	Code string      `json:"code"`
	Ends string      `json:"ends"`
	Line string      `json:"line"` // to be typed at the reader
}

const codeNote = "smartcard-code"

// actsAt offers what can be done at a reader for whoever has a card, or has none.
func actsAt(hasCard bool) []nhsuk.RadioItem {
	if !hasCard {
		return []nhsuk.RadioItem{{
			Value: string(issuing.Issue), Text: "Issue a smartcard", Hint: "It is made on a blank card.",
		}}
	}
	return []nhsuk.RadioItem{
		{
			Value: string(issuing.Unlock), Text: "Unlock it",
			Hint: "After too many wrong PINs. The code works for 15 minutes.",
		},
		{Value: string(issuing.Renew), Text: "Renew or repair it", Hint: "It gets another key and certificate."},
	}
}

// actsFor offers what of that the user's job lets them have done for somebody who has a card, or has none.
func actsFor(r *http.Request, read db.R, i identity.Identity, hasCard bool) (items []nhsuk.RadioItem, err error) {
	for _, item := range actsAt(hasCard) {
		needed, err := registration.CardNeeds(r.Context(), read, i.UUID, issuing.Act(item.Value))
		if err != nil {
			return nil, err
		}
		may, err := frame.MayAt(r, read, needed, i.Organisation)
		if err != nil {
			return nil, err
		}
		if may {
			items = append(items, item)
		}
	}
	return items, nil
}

func (p *People) card(w http.ResponseWriter, r *http.Request) error {
	return p.showCard(w, r, cardForm.New(r), cancelForm.New(r))
}

func (p *People) showCard(w http.ResponseWriter, r *http.Request, code, cancel *form.Rendered) error {
	uuid := r.PathValue("uuid")
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v cardView, err error) {
		i, err := frame.Served(r, read, uuid)
		if err != nil {
			return v, err
		}
		v = cardView{
			Name: i.DisplayName(), Back: pathOf(uuid), Active: i.Status == identity.Active,
			Own: uuid == frame.User(r).Identity.UUID, Code: code, Cancel: cancel,
		}
		until, err := issuing.Ends(r.Context(), read, uuid)
		if !until.IsZero() {
			v.Until = when.Date(until)
		}
		if err != nil {
			return v, err
		}
		if v.MayCancel, err = frame.MayAt(r, read, permission.IssueCard, i.Organisation); err != nil {
			return v, err
		}
		v.acts, err = actsFor(r, read, i, !until.IsZero())
		return v, err
	})
	if err != nil {
		return err
	}
	if err := registration.NoteReading(r.Context(), p.frame.DB, web.Actor(r), uuid); err != nil {
		return err
	}
	if v.stray() {
		return web.SeeOther(w, r, v.Back+"/smartcard",
			"Nothing was changed. Look at the page again: that cannot be done now.")
	}
	if !web.TakeNote(w, r, codeNote, &v.Made) || v.Made.UUID != uuid {
		v.Made = madeCode{}
	}
	code.Offer("act", v.acts)
	v.Page = p.frame.Page(w, r, "Smartcard of "+v.Name)
	v.Page.BackHref = v.Back
	code.About(v.Name)
	cancel.About(v.Name)
	v.Page.Error = code.HasProblems() || cancel.HasProblems()
	return web.Show(w, r, max(code.Status(), cancel.Status()), cardPage(v))
}

// stray reports whether something is wrong with a form that is not on the page.
func (v cardView) stray() bool {
	return v.Code.HasProblems() && (v.Own || !v.Active || !v.MayCode()) ||
		v.Cancel.HasProblems() && (v.Own || v.Until == "" || !v.MayCancel)
}

// allowCard makes a code for the reader.
func (p *People) allowCard(w http.ResponseWriter, r *http.Request) error {
	typed := cardForm.Read(r)
	if !typed.Complete() {
		return p.showCard(w, r, typed, cancelForm.New(r))
	}
	uuid := r.PathValue("uuid")
	act := issuing.Act(typed.Value("act"))
	made, err := registration.AllowCard(r.Context(), p.frame.DB, web.Actor(r), uuid, act)
	if refused(err) {
		typed.Explain(err)
		return p.showCard(w, r, typed, cancelForm.New(r))
	}
	if err != nil {
		return err
	}
	note := madeCode{UUID: uuid, Act: act, Code: made.Code, Ends: when.DateTime(made.Ends)}
	note.Line = "signpost-hsm card " + string(act) + " --module LIBRARY --pin-file FILE --server " + p.address +
		" --code " + strings.ReplaceAll(made.Code, " ", "")
	if err := web.LeaveNote(w, r, codeNote, note); err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(uuid)+"/smartcard", "Code made. It is shown below, once.")
}

// cancelCard cancels the card.
func (p *People) cancelCard(w http.ResponseWriter, r *http.Request) error {
	typed := cancelForm.Read(r)
	if !typed.Complete() {
		return p.showCard(w, r, cardForm.New(r), typed)
	}
	uuid := r.PathValue("uuid")
	err := registration.CancelCard(r.Context(), p.frame.DB, web.Actor(r), uuid, typed.Value("why"))
	if refused(err) {
		typed.Explain(err)
		return p.showCard(w, r, cardForm.New(r), typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(uuid)+"/smartcard", "Smartcard cancelled. Nobody can log in with it any more.")
}
