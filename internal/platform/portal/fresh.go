package portal

import (
	"net/http"
	"time"

	"signpost/internal/platform/held"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// freshFor is how long a proof is enough for acts that others could misuse.
const freshFor = 5 * time.Minute

// ActProve is the act of a sign-in by which somebody who is logged in proves who they are once more.
const ActProve = "prove"

// Fresh reports whether the user proved who they are in the last 5 minutes.
func (p *Portal[S, P]) Fresh(r *http.Request) bool {
	now := currentOf[S, P](r)
	if now == nil {
		return false
	}
	proved := p.Proved(now.session.State)
	return !proved.IsZero() && now.at.Before(proved.Add(freshFor))
}

// Freshly lets only somebody answer a form who proved who they are in the last 5 minutes, as an open browser is not
// enough for what it does. Others prove it first, and what they typed waits for them.
func (p *Portal[S, P]) Freshly(sent form.Form, h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !p.Fresh(r) {
			return p.ProveFirst(w, r, sent.StandsAt(r))
		}
		return h(w, r)
	}
}

// ProveFirst has somebody who is logged in prove who they are, for what they sent: at CIS2, or on a page of the site
// for those who did not come in through CIS2. What they typed waits for them. Where they pressed a button alone, they
// come back to its page and press it again. acr says how strongly, if not as everybody logs in.
func (p *Portal[S, P]) ProveFirst(w http.ResponseWriter, r *http.Request, back string, acr ...string) error {
	now := currentOf[S, P](r)
	if now == nil {
		return web.Redirect{To: "/"}
	}
	if _, err := p.Held.Hold(w, r, held.ForProof); err != nil {
		return err
	}
	if p.ProveAt != nil {
		if at := p.ProveAt(now.session.State); at != "" {
			return p.proveHere(w, r, at, back)
		}
	}
	ask := ProveNow(ActProve, now.session.Subject, now.session.ID)
	ask.ACR = acr
	ask.Back = back
	return p.Start(w, r, ask)
}

// back is the page to which somebody comes back who proves who they are on a page of the site.
func (p *Portal[S, P]) back(subject string) web.SealedCookie {
	return web.SealedCookie{
		Box: p.Box, Name: p.Name + "-back", Context: "back/" + p.Name + "/" + subject,
		Seconds: int(pendingLife / time.Second),
	}
}

func (p *Portal[S, P]) proveHere(w http.ResponseWriter, r *http.Request, at, back string) error {
	if err := p.back(web.Actor(r).ID).Set(w, back); err != nil {
		return err
	}
	return web.SeeOther(w, r, at, "")
}

// Back gives the page to which the user comes back who proves who they are on a page of the site, or the usual one.
func (p *Portal[S, P]) Back(r *http.Request, usual string) string {
	page := ""
	if !p.back(web.Actor(r).ID).Read(r, &page) || !web.Local(page) {
		return usual
	}
	return page
}

// ProvedHere sends the browser of a user who has proved who they are on a page of the site back to what they were
// doing.
func (p *Portal[S, P]) ProvedHere(w http.ResponseWriter, r *http.Request, usual string) error {
	subject := web.Actor(r).ID
	back := p.Back(r, usual)
	p.back(subject).Clear(w)
	return p.ComeBack(w, r, Pending{Subject: subject, Back: back}, subject, usual)
}

// ComeBack sends the browser of somebody who has proved themselves back to where they were asked to, or on as GoOn does
// if they were not, or if they are somebody else.
func (p *Portal[S, P]) ComeBack(
	w http.ResponseWriter, r *http.Request, pending Pending, subject, usual string,
) error {
	if pending.Back == "" || pending.Subject != subject {
		return p.GoOn(w, r, subject, usual, "")
	}
	waits, err := p.Held.Waits(r, subject)
	if err != nil {
		return err
	}
	if waits {
		return web.SeeOther(w, r, held.Path, "")
	}
	return web.SeeOther(w, r, pending.Back,
		"You have shown that it is you. Nothing has been changed yet: press the button again.")
}
