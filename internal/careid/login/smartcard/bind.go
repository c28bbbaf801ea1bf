package smartcard

import (
	"net/http"

	"signpost/internal/careid/authenticator/smartcard"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/web"
)

// bindPages are the page from which the browser goes to the door, and the one to which it comes back.
type bindPages struct {
	step.Binder
	cards *smartcard.Keeper
}

// Mount adds the addresses that the pages post to.
func (p bindPages) Mount(s *web.Site) {
	p.HandleForm(s, step.BindingForm(words.Language{}, readerName), p.reader)
	p.HandleGuess(s, step.BindingForm(words.Language{}, cardName, answer...), p.card)
}

type bindView struct {
	step.BindingView
	Kind string
}

// Show shows the page that leads to the door, or, where the browser comes from there, the one that goes on with its
// answer.
func (p bindPages) Show(w http.ResponseWriter, r *http.Request, f step.BindingFlow, problem error) error {
	l := p.Frame.Language(r)
	if sealed := step.Brought(r, smartcard.AnswerField); sealed != "" && len(f.State.Ceremony) > 0 {
		shown := step.SendOn(step.BindingForm(l, cardName, answer...).New(r), smartcard.AnswerField, sealed)
		return web.Show(w, r, http.StatusOK, step.CameBackToBind(p.View(r, f, l.Say("card.read"), shown)))
	}
	shown := step.BindingForm(l, readerName).New(r)
	shown.Explain(problem)
	v := bindView{
		BindingView: p.View(r, f, l.Say("bind.card_title"), shown),
		Kind:        l.Say("bind.key_adding", "kind", l.Label(f.State.Kind)),
	}
	return web.Show(w, r, shown.Status(), bindPage(v))
}

// reader begins the ceremony and sends the browser to the door.
func (p bindPages) reader(w http.ResponseWriter, r *http.Request, f step.BindingFlow) error {
	l := p.Frame.Language(r)
	c, err := p.Begin(r, f, step.BindingForm(l, readerName).Read(r))
	if err != nil {
		return err
	}
	door, err := p.cards.Door(c.State, step.BindingPath(f), p.DB.Now())
	if err != nil {
		return err
	}
	return toDoor(w, r, p.Frame, l, door)
}

// card takes the door's answer.
func (p bindPages) card(w http.ResponseWriter, r *http.Request, f step.BindingFlow) error {
	return p.Finish(w, r, f, step.BindingForm(p.Frame.Language(r), cardName, answer...).Read(r))
}
