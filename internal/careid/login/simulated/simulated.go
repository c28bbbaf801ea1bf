// Package simulated serves the page on which people who try a demo or a double sign in as a persona, with an
// authenticator that proves nothing. Only the wiring of those two hands it to the sign-in service, and they listen on
// loopback alone. The page says what it is.
package simulated

import (
	"context"
	"net/http"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// Pages is the page on which a persona is chosen.
type Pages struct {
	*step.SignIn
	Personas List
}

// List gives the identities that may be chosen, with a sentence about each.
type List func(ctx context.Context, r db.R) ([]Persona, error)

// Persona is an identity of the sample world.
type Persona struct{ UUID, About string }

// The page and its form have one path, which ends in the flow's id.
const (
	path     = "/simulated/"
	formPath = path + "{flow}"
)

// Choice gives the choice on the sign-in page that leads here.
func (p *Pages) Choice() step.ExtraChoice {
	pathOf := func(flow string) string { return path + flow }
	return step.ExtraChoice{
		Value: "simulated", Label: "persona.way", Path: pathOf,
		Chosen: func(r *http.Request) bool { return web.Cookie(r, nextCookie) != "" },
	}
}

// nextCookie names the persona of the browser's next login, who was chosen before it began.
const (
	nextCookie = "simulated-next"
	nextLife   = 2 * time.Minute
)

// Next makes the browser's next login one of the persona with this number.
func Next(w http.ResponseWriter, uuid string) {
	web.SetCookie(w, nextCookie, uuid, int(nextLife/time.Second))
}

// Mount adds the page to a site.
func (p *Pages) Mount(s *web.Site) {
	guard := p.UnderWay()
	s.Handle("GET "+formPath, guard, p.show)
	personaForm(words.Language{}).Handle(s, guard, p.Settle(p.choose))
}

// personaForm asks for a persona's authenticator, of those that are offered when it is rendered.
func personaForm(l words.Language) form.Form {
	radios := form.Radios(nhsuk.RadiosParams{
		Name: "authenticator", Small: true,
		Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: l.Say("persona.legend"), Size: "m"}},
	})
	return form.Form{Path: formPath, Words: frame.FormWords(l), Fields: []form.Field{radios}}
}

type choice struct {
	persona        Persona
	name           string
	authenticators []authenticator.Authenticator
}

// choices gives the personas who have an authenticator that the sign-in allows.
func (p *Pages) choices(ctx context.Context, f provider.Flow) ([]choice, error) {
	return db.Read(ctx, p.DB, func(r db.R) ([]choice, error) {
		personas, err := p.Personas(ctx, r)
		if err != nil {
			return nil, err
		}
		var list []choice
		for _, persona := range personas {
			c, err := choiceOf(ctx, r, f, persona)
			if err != nil {
				return nil, err
			}
			if len(c.authenticators) > 0 {
				list = append(list, c)
			}
		}
		return list, nil
	})
}

func choiceOf(ctx context.Context, r db.R, f provider.Flow, persona Persona) (choice, error) {
	i, err := identity.ByUUID(ctx, r, persona.UUID)
	if err != nil {
		return choice{}, err
	}
	c := choice{persona: persona, name: i.DisplayName()}
	all, err := authenticator.OfIdentity(ctx, r, persona.UUID)
	for _, a := range all {
		if a.Simulated && a.Status == authenticator.Active && f.State.Request.Offers(a.Kind) {
			c.authenticators = append(c.authenticators, a)
		}
	}
	return c, err
}

// show shows the page, or logs in whom the visitor chose beforehand.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	f := step.FlowOf(r)
	list, err := p.choices(r.Context(), f)
	if err != nil {
		return err
	}
	next := web.Cookie(r, nextCookie)
	web.ClearCookie(w, nextCookie)
	for _, c := range list {
		if c.persona.UUID == next {
			return p.Prove(w, r, f, authenticator.Simulated(c.authenticators[0].ID))
		}
	}
	return p.showList(w, r, f, list, nil)
}

func (p *Pages) showList(
	w http.ResponseWriter, r *http.Request, f provider.Flow, list []choice, problem error,
) error {
	v := p.view(r, f, list)
	if v.Form != nil {
		v.Form.Explain(problem)
		v.Page.Error = v.Form.HasProblems()
		return web.Show(w, r, v.Form.Status(), personaPage(v))
	}
	return web.Show(w, r, http.StatusOK, personaPage(v))
}

func (p *Pages) view(r *http.Request, f provider.Flow, list []choice) view {
	l := p.Frame.Language(r)
	v := view{
		Language: l, Page: p.Frame.Page(l, l.Say("persona.title")),
		Back: provider.FlowPath + f.ID, Service: f.State.Request.ClientName,
	}
	var items []nhsuk.RadioItem
	for _, c := range list {
		for _, a := range c.authenticators {
			items = append(items, nhsuk.RadioItem{
				Value: a.ID, Hint: c.persona.About,
				Text: l.Say("persona.one", "name", c.name, "kind", l.Label(a.Kind), "level", a.Level.String()),
			})
		}
	}
	if len(items) > 0 {
		v.Form = personaForm(l).New(r)
		v.Form.Offer("authenticator", items)
	}
	return v
}

var errChoose = words.FieldFault(fault.Invalid, "authenticator", "no-persona")

// choose signs the persona in. The authenticator must be a simulated one of a persona on the list.
func (p *Pages) choose(w http.ResponseWriter, r *http.Request) error {
	f := step.FlowOf(r)
	list, err := p.choices(r.Context(), f)
	if err != nil {
		return err
	}
	chosen := personaForm(p.Frame.Language(r)).Read(r).Value("authenticator")
	for _, c := range list {
		for _, a := range c.authenticators {
			if a.ID == chosen {
				return p.Prove(w, r, f, authenticator.Simulated(a.ID))
			}
		}
	}
	return p.showList(w, r, f, list, errChoose)
}
