package requests

import (
	"net/http"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	asking "signpost/internal/dos/request"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const requestPath = frame.RequestsPage + "/{id}"

// noRegion stands for no region where one is chosen.
const noRegion = "none"

func pathOf(id string) string { return frame.RequestsPage + "/" + id }

var (
	lookForm     = form.Form{Path: requestPath + "/look", At: requestPath}
	takeOverForm = form.Form{Path: requestPath + "/take-over", At: requestPath}
	approveForm  = form.Form{
		Path: requestPath + "/approve", At: requestPath, Page: "Request for an account", Act: "Approve",
		Fields: []form.Field{
			form.Select(nhsuk.SelectParams{
				Name: "group", Label: nhsuk.LabelParams{Text: "Group", Size: "s"}, Items: groups(),
			}).Required("Choose the group that they are to have"),
			form.Radios(nhsuk.RadiosParams{
				Name:     "where",
				Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Where it holds", Size: "s"}},
				Hint:     "A search-only professional can search everywhere, so there is nothing to choose for one.",
			}),
			frame.UnknownCodeField(),
			form.Hidden("service"), // the search by which a service was found, to come back to
			form.Seen(),
		}}
	serviceForm = form.Form{Path: requestPath, Get: true, Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "service", Label: nhsuk.LabelParams{Text: "Find a service by its name or Service ID", Size: "s"},
			Hint:         "To give a group for that service and all below it alone",
			Autocomplete: "off", Spellcheck: "false",
		}),
	}}
	rejectForm = form.Form{
		Path: requestPath + "/reject", At: requestPath, Page: "Request for an account", Act: "Reject",
		Fields: []form.Field{
			form.Textarea(nhsuk.TextareaParams{
				Name: "reason", Label: nhsuk.LabelParams{Text: "Why you reject it", Size: "s"}, Rows: 3,
				Hint: "The asker reads this.",
			}).Required("Enter why you reject the request"),
		}}
	questionForm = form.Form{
		Path: requestPath + "/question", At: requestPath, Page: "Request for an account", Act: "Send the question",
		Fields: []form.Field{
			form.Textarea(nhsuk.TextareaParams{
				Name: "question", Label: nhsuk.LabelParams{Text: "Your question", Size: "s"}, Rows: 3,
			}).Required("Enter your question"),
		}}
	regionForm = form.Form{
		Path: requestPath + "/region", At: requestPath, Page: "Request for an account", Act: "Change the region",
		Fields: []form.Field{
			form.Radios(nhsuk.RadiosParams{
				Name: "region", Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Region", Size: "s"}},
			}).Required("Choose a region"),
		}}
)

var organisationForm = form.Form{
	Path: requestPath + "/organisation", At: requestPath, Page: "Request for an account", Act: "Change the ODS code",
	Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "organisation", Label: nhsuk.LabelParams{Text: "The right ODS code", Size: "s"}, Width: 10,
			Hint: "Ask the asker if you are not sure", Autocomplete: "off", Spellcheck: "false",
		}).Required("Enter the ODS code of the organisation they work for"),
		frame.UnknownCodeField(),
	}}

func groups() []nhsuk.SelectItem {
	items := []nhsuk.SelectItem{{Text: "Choose one"}}
	for _, g := range account.Groups() {
		if g.For(account.Individual) {
			items = append(items, nhsuk.SelectItem{Value: string(g), Text: g.Title()})
		}
	}
	return items
}

// groupsHeld are the groups of which the user holds all somewhere: nobody gives what they do not hold.
func groupsHeld(r *http.Request) (items []nhsuk.RadioItem) {
	lacks := func(p account.Permission) bool { return !frame.User(r).Grants.Hold(p) }
	for _, g := range account.Groups() {
		if !slices.ContainsFunc(g.Permissions(), lacks) {
			items = append(items, nhsuk.RadioItem{Value: string(g), Text: g.Title()})
		}
	}
	return items
}

// scopeOf reads where a group is to hold.
func scopeOf(f *form.Rendered) account.Scope {
	kind, id, _ := strings.Cut(f.Value("where"), ":")
	return account.Scope{Kind: account.ScopeKind(kind), ID: id}
}

func (p *Pages) look(w http.ResponseWriter, r *http.Request) error {
	return p.begin(w, r, false, "")
}

func (p *Pages) takeOver(w http.ResponseWriter, r *http.Request) error {
	return p.begin(w, r, true, "You took this request over.")
}

func (p *Pages) begin(w http.ResponseWriter, r *http.Request, takeOver bool, said string) error {
	id := r.PathValue("id")
	if err := p.requests.Look(r.Context(), web.Actor(r), id, takeOver); err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(id), said)
}

func (p *Pages) approve(w http.ResponseWriter, r *http.Request) error {
	f := newForms(r)
	f.approve = approveForm.Read(r)
	made, err := p.made(r)
	if err != nil {
		return err
	}
	if made.account.ID != "" {
		return p.approveMade(w, r, f, made.groups)
	}
	group := account.Group(f.approve.Value("group"))
	complete := f.approve.Complete()
	if len(group.Permissions()) > 0 && f.approve.Value("where") == "" {
		f.approve.Add(form.Problem{Field: "where", Text: "Choose where the group is to hold"})
		complete = false
	}
	if complete {
		if complete, err = p.knowsPlace(r, f.approve); err != nil {
			return err
		}
	}
	if !complete {
		return p.showRequest(w, r, http.StatusUnprocessableEntity, f)
	}
	if letsOthersIn(group.Permissions()) && !p.frame.Fresh(r) {
		return p.frame.ProveFirst(w, r, approveForm.StandsAt(r))
	}
	return p.approveWith(w, r, f, asking.Approval{Group: group, Scope: scopeOf(f.approve),
		Seen: f.approve.Seen()})
}

// madeAccount is the account that a former approval made, and its groups.
type madeAccount struct {
	account account.Account // of no id if none did
	groups  []account.Membership
}

func (p *Pages) made(r *http.Request) (madeAccount, error) {
	return db.Read(r.Context(), p.requests.DB, func(read db.R) (m madeAccount, err error) {
		m.account, m.groups, err = asking.Made(r.Context(), read, r.PathValue("id"))
		return m, err
	})
}

// approveMade approves again, with the groups that the account has.
func (p *Pages) approveMade(w http.ResponseWriter, r *http.Request, f forms, groups []account.Membership) error {
	for _, m := range groups {
		if letsOthersIn(m.Permissions) && !p.frame.Fresh(r) {
			return p.frame.ProveFirst(w, r, approveForm.StandsAt(r))
		}
	}
	return p.approveWith(w, r, f, asking.Approval{Group: account.Group(f.approve.Value("group")),
		Seen: f.approve.Seen()})
}

func (p *Pages) approveWith(w http.ResponseWriter, r *http.Request, f forms, approval asking.Approval) error {
	approved, err := p.requests.Approve(r.Context(), web.Actor(r), r.PathValue("id"), approval)
	if f.approve.Refuse(err) {
		return p.showRequest(w, r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	said := "Approved. " + approved.Name() + " can log in with their Care Identity now."
	if approved.State == asking.SetUp {
		said = "Approved. " + approved.Name() + " was told how to complete the setup with their Care Identity."
	}
	return web.SeeOther(w, r, frame.RequestsPage, said)
}

// letsOthersIn reports whether whoever has permissions decides who else gets in. An open browser is not enough to give
// them.
func letsOthersIn(list []account.Permission) bool {
	return slices.Contains(list, account.ApproveUser) || slices.Contains(list, account.ManageUsers)
}

func (p *Pages) reject(w http.ResponseWriter, r *http.Request) error {
	f := newForms(r)
	f.reject = rejectForm.Read(r)
	var err error
	complete := f.reject.Complete()
	if complete {
		err = p.requests.Reject(r.Context(), web.Actor(r), r.PathValue("id"), f.reject.Value("reason"))
	}
	if !complete || f.reject.Refuse(err) {
		return p.showRequest(w, r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	said := "The request is rejected. Whoever sent it was told why, if they had confirmed their email address."
	return web.SeeOther(w, r, frame.RequestsPage, said)
}

func (p *Pages) askBack(w http.ResponseWriter, r *http.Request) error {
	f := newForms(r)
	f.question = questionForm.Read(r)
	var err error
	complete := f.question.Complete()
	if complete {
		err = p.requests.AskBack(r.Context(), web.Actor(r), r.PathValue("id"), f.question.Value("question"))
	}
	if !complete || f.question.Refuse(err) {
		return p.showRequest(w, r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.RequestsPage, "Your question was sent. The request waits for the answer.")
}

func (p *Pages) move(w http.ResponseWriter, r *http.Request) error {
	f := newForms(r)
	f.region = regionForm.Read(r)
	region := f.region.Value("region")
	if region == noRegion {
		region = ""
	}
	var err error
	complete := f.region.Complete()
	if complete {
		err = p.requests.Move(r.Context(), web.Actor(r), r.PathValue("id"), region)
	}
	if !complete || f.region.Refuse(err) {
		return p.showRequest(w, r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.RequestsPage, "The request is in another region now.")
}
