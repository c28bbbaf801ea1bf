// Package smartcard serves the pages on which smartcards are proved and bound. They send the browser to the smartcard
// door, and take the door's answer back.
package smartcard

import (
	"net/http"
	"net/netip"
	"slices"

	"signpost/internal/careid/authenticator/smartcard"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// The names of the forms: the one that leads to the door, and the one that brings its answer.
const (
	readerName = "reader"
	cardName   = "card"
)

// answer has the door's answer.
var answer = []form.Field{form.Hidden(smartcard.AnswerField)}

// New makes the method for smartcards, with its pages.
func New(d step.Dependencies) (step.Way, error) {
	cards := &smartcard.Keeper{Tickets: d.Door, Legacy: len(d.LegacyCards) > 0}
	return step.Way{
		Method:  cards,
		Proof:   func(p step.Prover) step.Pages[provider.Flow] { return provePages{p, cards} },
		Binding: func(b step.Binder) step.Pages[step.BindingFlow] { return bindPages{b, cards} },
		Offered: func(r *http.Request, k authn.Kind) bool {
			return k != authn.SmartcardHSCN || comesFrom(r, d.LegacyCards)
		},
	}, nil
}

// comesFrom reports whether a request comes from one of some networks.
func comesFrom(r *http.Request, networks []netip.Prefix) bool {
	from := web.Address(r)
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(from) })
}

// toDoor shows the page from which the browser goes on to the door.
func toDoor(w http.ResponseWriter, r *http.Request, f frame.Frame, l words.Language, door string) error {
	return step.Away(w, r, f, l, door, l.Say("card.going"), l.Say("card.going_says"))
}
