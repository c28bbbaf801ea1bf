package smartcard

import (
	"net/http"

	"signpost/internal/careid/authenticator/smartcard"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/web"
)

// provePages are the page from which the browser goes to the door, and the one to which it comes back.
type provePages struct {
	step.Prover
	cards *smartcard.Keeper
}

// Mount adds the addresses that the pages post to.
func (p provePages) Mount(s *web.Site) {
	p.HandleAnswer(s, step.SignInForm(words.Language{}, readerName), p.reader)
	p.HandleAnswer(s, step.SignInForm(words.Language{}, cardName, answer...), p.card)
}

// Show shows the page that leads to the door, or, where the browser comes from there, the one that goes on with its
// answer.
func (p provePages) Show(w http.ResponseWriter, r *http.Request, f provider.Flow, problem error) error {
	l := p.Frame.Language(r)
	if sealed := step.Brought(r, smartcard.AnswerField); sealed != "" && len(f.State.Ceremony) > 0 {
		shown := step.SendOn(step.SignInForm(l, cardName, answer...).New(r), smartcard.AnswerField, sealed)
		return web.Show(w, r, http.StatusOK, step.CameBack(p.View(r, f, l.Say("card.read"), shown)))
	}
	shown := step.SignInForm(l, readerName).New(r)
	shown.Explain(problem)
	return web.Show(w, r, shown.Status(), provePage(p.View(r, f, l.Say("card.title"), shown)))
}

// reader begins the ceremony and sends the browser to the door.
func (p provePages) reader(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	l := p.Frame.Language(r)
	c, err := p.Begin(r, f, step.SignInForm(l, readerName).Read(r))
	if err != nil {
		return err
	}
	door, err := p.cards.Door(c.State, step.PathOf(f), p.DB.Now())
	if err != nil {
		return err
	}
	return toDoor(w, r, p.Frame, l, door)
}

// card takes the door's answer.
func (p provePages) card(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	return p.Finish(w, r, f, step.SignInForm(p.Frame.Language(r), cardName, answer...).Read(r))
}
