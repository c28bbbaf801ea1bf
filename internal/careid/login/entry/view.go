package entry

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/national/authn"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// choice holds the kinds of authenticator that are shown.
type choice struct {
	kinds  []authn.Kind
	last   authn.Kind // the kind used last on this device
	hidden bool       // some kinds are left out
	all    bool       // the person wants to see all kinds
}

type chooseView struct {
	step.View
	Hidden bool
	All    bool
	Known  bool            // authenticators may come up by themselves in the field for an email address
	Last   *form.Rendered  // chooses the way used last; none on a new device
	Focus  bool            // that way comes up by itself, and its field is the first thing
	Open   bool            // the other ways are unfolded
	Others bool            // there are other ways
	Prompt templ.Component // by which the page asks the browser for authenticators; nil where it asks for none
	// Stronger tells people who are signed in already why they have to sign in again, and with what; else it is empty.
	Stronger string
}

func (p *Pages) chooseView(r *http.Request, f provider.Flow, c choice, problem error) (v chooseView, err error) {
	l := p.Frame.Language(r)
	remembered := slices.Contains(c.kinds, c.last)
	shown := chooseForm(l, remembered).New(r).Set("all", "1")
	ways := p.ways(l, c)
	shown.Offer(step.KindField, ways)
	shown.Explain(problem)
	v = chooseView{
		View:   p.View(r, f, l.Say("choose.title"), shown),
		Hidden: c.hidden, All: c.all, Known: slices.ContainsFunc(c.kinds, comesUp),
		Open: c.all || shown.HasProblems(), Others: len(ways) > 0,
	}
	if remembered {
		v.Last = lastForm(l, c.last).New(r)
		if way, err := p.Ways.Of(c.last); err == nil && way.Prompt != nil {
			v.Last.Attributes = templ.Attributes{"data-prompt": string(c.last)}
		}
		v.Focus = comesUp(c.last)
	}
	if f.State.StepsUp() {
		v.Stronger = l.Say("choose.stronger", "service", page.Apart(v.Service)) + " " + stronger(l, f.State.Stronger)
	}
	v.Prompt, err = p.prompt(r, f, c.kinds)
	return v, err
}

func comesUp(k authn.Kind) bool { return k.Declared().ComesUp }

// prompt gives what the page needs to ask the browser for authenticators; nil where none is shown that it can ask for.
func (p *Pages) prompt(r *http.Request, f provider.Flow, shown []authn.Kind) (templ.Component, error) {
	for _, way := range p.Ways.All() {
		asks := slices.ContainsFunc(way.Kinds(), func(k authn.Kind) bool { return slices.Contains(shown, k) })
		if way.Prompt != nil && asks {
			return way.Prompt(p.Prover(way), r, f, shown)
		}
	}
	return nil, nil
}

// ways lists the ways to sign in of which the person may choose, but for the one used last, which has its own button.
func (p *Pages) ways(l words.Language, c choice) (items []nhsuk.RadioItem) {
	for _, k := range c.kinds {
		if k != c.last {
			items = append(items, nhsuk.RadioItem{Value: string(k), Text: l.Label(k), Hint: l.Hint(k)})
		}
	}
	if len(p.ExtraChoices) > 0 && len(items) > 0 {
		items = append(items, nhsuk.RadioItem{Divider: l.Say("persona.or")})
	}
	for _, extra := range p.ExtraChoices {
		items = append(items, nhsuk.RadioItem{Value: extra.Value, Text: l.Say(extra.Label)})
	}
	return items
}

// stronger says which of the person's authenticators are strong enough.
func stronger(l words.Language, ways []authn.Kind) string {
	if len(ways) == 0 {
		return l.Say("choose.stronger_none")
	}
	return l.Say("choose.stronger_have", "ways", l.Labels(ways))
}

type roleView struct {
	step.View
	Find *form.Rendered // searches the roles; none if there are few
	None bool           // no role was found
}

const maxWithoutSearch = 5 // more roles than this get a search box (reference §7)

func (p *Pages) roleView(r *http.Request, f provider.Flow, problem error) roleView {
	l := p.Frame.Language(r)
	find := findForm(l).Read(r)
	var items []nhsuk.RadioItem
	for _, role := range f.State.Roles {
		if matches(role, find.Value("find")) {
			items = append(items, nhsuk.RadioItem{Value: role.ID, Text: role.Name, Hint: role.Where()})
		}
	}
	many := len(f.State.Roles) > maxWithoutSearch
	if !many {
		find = nil
	}
	shown := roleForm(l, many).New(r)
	shown.Offer("role", items)
	shown.Explain(problem)
	return roleView{View: p.View(r, f, l.Say("role.title"), shown), Find: find, None: len(items) == 0}
}

func matches(role claim.Role, find string) bool {
	all := strings.ToLower(role.Name + " " + role.Organisation + " " + role.OrgCode)
	for word := range strings.FieldsSeq(strings.ToLower(find)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

type refusalView struct {
	step.View
	Text      words.Text
	Cure      string // what to do; names the person's authenticators that are strong enough, if there are any
	Until     string // when the lock ends; empty if there is none
	AskRA     bool   // a registration authority can help
	RA        string // the registration authority and its contact; empty if nobody has proved who they are
	FindRA    string
	Team      string         // who connects a service on trial, and how to reach them; else empty
	SameKind  *form.Rendered // tries the same kind once more; none if that makes no sense
	TryAgain  bool           // another try with any authenticator may succeed
	HasEvent  bool           // there is an event, which the service desk finds by the reference
	Reference string
}

func (p *Pages) refusalView(r *http.Request, f provider.Flow, ra organisation.Organisation) refusalView {
	l := p.Frame.Language(r)
	reason := f.State.RefusedFor()
	v := refusalView{
		Text:      l.Refusal(reason),
		FindRA:    p.Frame.FindRA,
		Reference: f.State.Reference,
		TryAgain:  reason == provider.Inactive,
	}
	v.View = p.View(r, f, v.Text.Title, nil)
	v.CanChange = v.CanChange && reason != provider.NoAuthenticator && reason != provider.Inactive
	v.Cure = v.Text.Cure
	if len(f.State.Suitable) > 0 {
		v.Cure = l.Say("ask.suitable", "ways", l.Labels(f.State.Suitable))
	}
	if reason == provider.Locked && !f.State.Until.IsZero() {
		v.Until = l.Say("ask.locked_until", "time", l.When(f.State.Until))
	}
	v.HasEvent = reason != provider.NoAuthenticator
	v.AskRA = reason != provider.NoAuthenticator && reason != provider.WrongPerson && reason != provider.OnTrial
	v.OnTrial = v.OnTrial && reason != provider.OnTrial // the page says so itself
	if ra.Contact != "" {
		v.RA = l.Say("ask.ra", "organisation", ra.Name, "contact", ra.Contact)
	}
	switch reason {
	case provider.Cancelled, provider.UnknownKey, provider.NoScript, provider.Unsupported:
		v.SameKind = p.sameForm(r, f.State.Chosen)
	case provider.LevelTooLow, provider.NotApproved, provider.WrongPerson, provider.Locked, provider.Unusable:
		v.TryAgain = !v.CanChange
	}
	return v
}

// sameForm gives the form that tries the chosen kind once more, if one was chosen.
func (p *Pages) sameForm(r *http.Request, chosen authn.Kind) *form.Rendered {
	if chosen == "" {
		return nil
	}
	same := step.SignInForm(p.Frame.Language(r), chooseName, form.Hidden("authenticator"))
	return same.New(r).Set("authenticator", string(chosen))
}
