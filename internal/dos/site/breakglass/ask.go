package breakglass

import (
	"net/http"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	glass "signpost/internal/dos/breakglass"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

var askForm = form.Form{Path: frame.AskEmergency, Page: "Ask for emergency rights", Act: "Ask for emergency rights",
	Fields: []form.Field{
		form.Hidden("service"), // from whose page they came, to offer it
		form.Radios(nhsuk.RadiosParams{
			Name:     "where",
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Where do you need them?", Size: "m"}},
			Hint:     "For one service, open the page of the service first. There is a link to this page on it.",
		}).Required("Choose where you need the rights"),
		form.Textarea(nhsuk.TextareaParams{
			Name: "reason", Label: nhsuk.LabelParams{Text: "What has happened?", Size: "m"}, Rows: 4,
			Hint: "In 15 characters or more. All administrators read it, and whoever reviews what you do",
		}).Required("Say what has happened"),
	}}

// ask shows the form by which emergency rights are asked for, or why the user cannot ask.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	f := askForm.New(r)
	if service := r.URL.Query().Get("service"); f.Value("service") == "" {
		f.Set("service", service)
	}
	return p.showAsk(w, r, http.StatusOK, f)
}

func (p *Pages) showAsk(w http.ResponseWriter, r *http.Request, status int, f *form.Rendered) error {
	if problem := p.problem(frame.User(r)); problem != nil {
		return problem
	}
	offered, err := db.Read(r.Context(), p.office.DB, func(read db.R) (o offered, err error) {
		o.places, o.openers, err = p.office.PlacesFor(r.Context(), read, frame.User(r).Account.ID, f.Value("service"))
		return o, err
	})
	if err != nil {
		return err
	}
	places := offered.places
	v := askView{Form: f, Lets: lets(), Lasts: p.office.Policy.LastsText(), Openers: offered.named()}
	if len(places) > 0 && f.Value("where") == "" && f.Value("service") != "" && !f.HasProblems() {
		f.Set("where", scopeValue(places[0].Scope))
	}
	v.offer(f, places)
	v.Page = p.frame.Page(w, r, askForm.Page)
	v.Page.BackHref = frame.EmergencyPage
	v.Page.Error = f.HasProblems()
	if v.unreachable() {
		v.Desk = v.Page.ServiceDesk
		v.Page = v.Page.WithoutDesk()
	}
	return web.Show(w, r, status, askPage(v))
}

// unreachable reports whether somebody else has to open the rights, and nobody who can be telephoned may.
func (v *askView) unreachable() bool { return (v.Two || v.Some) && !v.Openers.Reachable }

// lets says what emergency rights let somebody do.
func lets() (list []string) {
	for _, permission := range account.Emergency() {
		list = append(list, permission.Lets())
	}
	return list
}

// offer shows where the user may ask for emergency rights, and where somebody else has to open them.
func (v *askView) offer(f *form.Rendered, places []glass.Place) {
	var items []nhsuk.RadioItem
	needsTwo := func(p glass.Place) bool { return p.Two }
	v.Two = !slices.ContainsFunc(places, func(p glass.Place) bool { return !p.Two })
	v.Some = !v.Two && slices.ContainsFunc(places, needsTwo)
	for _, p := range places {
		item := nhsuk.RadioItem{Value: scopeValue(p.Scope), Text: placeTexts[p.Scope.Kind] + p.Name}
		if p.Scope.Kind == account.KindService {
			item.Hint = "This service and all below it, and nothing else"
		}
		if v.Some && p.Two {
			item.Hint = "Somebody else has to open these with you"
		}
		if p.Alone {
			item.Hint = "Somebody else has to open these with you, and nobody may"
			v.Alone = true
		}
		items = append(items, item)
	}
	f.Offer("where", items)
}

// placeTexts say before its name what a place is.
var placeTexts = map[account.ScopeKind]string{
	account.KindService: "", account.KindRegion: "All services of the region ",
	account.KindEverywhere: "All services everywhere",
}

// scopeValue writes a scope as the form has it; readScope reads it.
func scopeValue(s account.Scope) string { return string(s.Kind) + ":" + s.ID }

func readScope(value string) account.Scope {
	kind, id, _ := strings.Cut(value, ":")
	return account.Scope{Kind: account.ScopeKind(kind), ID: id}
}

func (p *Pages) asked(w http.ResponseWriter, r *http.Request) error {
	typed := askForm.Read(r)
	if !typed.Complete() {
		return p.showAsk(w, r, http.StatusUnprocessableEntity, typed)
	}
	u, err := p.office.Ask(r.Context(), web.Actor(r),
		glass.Request{Scope: readScope(typed.Value("where")), Reason: typed.Value("reason")})
	if typed.Refuse(err) {
		return p.showAsk(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	if u.State == glass.Open {
		return web.SeeOther(w, r, glass.Path(u.ID), "Your emergency rights are open until "+when.DateTime(u.Ends)+".")
	}
	return web.SeeOther(w, r, glass.Path(u.ID),
		"All administrators are told. Somebody has to open your emergency rights with you.")
}
