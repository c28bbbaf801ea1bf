package users

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

const groupsPath = "/users/{id}/groups"

var (
	giveForm = form.Form{Path: groupsPath, Page: "Give a group", Act: "Give the group", Fields: []form.Field{
		form.Hidden("service"), // the search by which a service was found, to come back to
		form.Radios(nhsuk.RadiosParams{
			Name:     "group",
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Which group?", Size: "m"}},
		}).Required("Choose a group"),
		form.Radios(nhsuk.RadiosParams{
			Name:     "where",
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Where does it hold?", Size: "m"}},
		}).Required("Choose where the group holds"),
	}}
	serviceForm = form.Form{Path: groupsPath, Get: true, Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "service", Label: nhsuk.LabelParams{Text: "Find a service by its name or Service ID", Size: "s"},
			Hint:         "To give a group for that service and all below it alone",
			Autocomplete: "off", Spellcheck: "false",
		}),
	}}
	takeForm = form.Form{Path: groupsPath + "/take", At: "/users/{id}", Page: "Users", Act: "Take the group away",
		Fields: []form.Field{form.Hidden("group"), form.Hidden("where")}}
)

// scopeValue writes a scope as a form has it; readScope reads it.
func scopeValue(s account.Scope) string { return string(s.Kind) + ":" + s.ID }

func readScope(value string) account.Scope {
	kind, id, _ := strings.Cut(value, ":")
	return account.Scope{Kind: account.ScopeKind(kind), ID: id}
}

func (u *Users) office() administration.Office {
	return administration.Office{DB: u.passwords.DB, Post: u.frame.Linker.Post}
}

// groupView is a group that an account has, as its page shows it.
type groupView struct {
	Title, Where string
	Lets         []string
	Take         *form.Rendered // nil if the user cannot take it away
	Own          bool           // the user gives it up
	Why          string         // why they cannot
}

// button says what the button of the group does.
func (g groupView) button() string {
	if g.Own {
		return "Give up " + g.Title
	}
	return "Take away " + g.Title
}

// groupsOf shows the groups of an account, and which of them the user can take away.
func groupsOf(r *http.Request, read db.R, a account.Account, grants account.Grants, mayChange bool) (
	list []groupView, err error) {
	user := frame.User(r)
	for _, m := range grants.Memberships() {
		v := groupView{Title: m.Group.Title(), Own: a.ID == user.Account.ID}
		if v.Where, err = directory.ScopeText(r.Context(), read, m.Scope, a); err != nil {
			return nil, err
		}
		for _, p := range m.Permissions {
			v.Lets = append(v.Lets, p.Lets())
		}
		lacks := account.Permission("")
		if mayChange && !v.Own {
			if lacks, err = lacking(r.Context(), read, user, a, m); err != nil {
				return nil, err
			}
		}
		if lacks != "" {
			v.Why = "You cannot take it away, because your own account does not let you " + lacks.Lets() + " there."
		}
		if v.Own || mayChange && lacks == "" {
			v.Take = takeForm.New(r).Set("group", string(m.Group)).Set("where", scopeValue(m.Scope)).About(a.Name())
		}
		list = append(list, v)
	}
	return list, nil
}

// lacking gives a permission of a group that the user does not hold where an account has it; empty if there is none.
func lacking(ctx context.Context, read db.R, user *signin.Current, a account.Account, m account.Membership) (
	account.Permission, error) {
	area := &directory.Area{Scope: m.Scope, Of: a}
	for _, p := range m.Permissions {
		contained, err := administration.Contains(ctx, read, user.Reach(p), p, area)
		if err != nil || !contained {
			return p, err
		}
	}
	return "", nil
}

// askGroup shows the form by which a group is given.
func (u *Users) askGroup(w http.ResponseWriter, r *http.Request) error {
	return u.showGive(w, r, http.StatusOK, giveForm.New(r))
}

func (u *Users) showGive(w http.ResponseWriter, r *http.Request, status int, f *form.Rendered) error {
	v := giveView{Form: f, Find: serviceForm.Read(r)}
	words := cmp.Or(f.Value("service"), v.Find.Value("service"))
	f.Set("service", words)
	v.Find.Set("service", words)
	offered, err := db.Costly(r.Context(), u.passwords.DB, func(read db.R) (offer, error) {
		return readOffer(r, read, words)
	})
	if err != nil {
		return err
	}
	v.fill(offered)
	v.NoService = words != "" && !offered.found
	v.Page = u.frame.Page(w, r, giveForm.Page)
	v.Page.BackHref = accountPath(r.PathValue("id"))
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, status, givePage(v))
}

// offer is what could be given to an account.
type offer struct {
	account account.Account
	places  []place
	choices []administration.Choice
	found   bool // services have the words that were looked for
}

// place is a scope with its words.
type place struct {
	scope       account.Scope
	text, exact string // exact tells services of the same name apart
}

// readOffer reads what could be given to an account that the user may change.
func readOffer(r *http.Request, read db.R, words string) (o offer, err error) {
	ctx := r.Context()
	if o.account, err = account.ByID(ctx, read, r.PathValue("id")); err != nil {
		return o, err
	}
	grants, err := account.GrantsOf(ctx, read, o.account.ID)
	if err != nil {
		return o, err
	}
	user := frame.User(r)
	if err := account.MayChange(user.Account.ID, user.Reach(account.ManageUsers), o.account, grants); err != nil {
		return o, err
	}
	scopes, err := scopesFor(ctx, read, o.account)
	if err != nil {
		return o, err
	}
	for _, s := range scopes {
		text, err := directory.ScopeText(ctx, read, s, o.account)
		if err != nil {
			return o, err
		}
		o.places = append(o.places, place{scope: s, text: text})
	}
	services, err := servicesNamed(ctx, read, words)
	if err != nil {
		return o, err
	}
	o.found = len(services) > 0
	for _, p := range services {
		o.places = append(o.places, p)
		scopes = append(scopes, p.scope)
	}
	o.choices, err = administration.Choices(ctx, read, user.Account, user.Grants, o.account, scopes)
	return o, err
}

// servicesNamed lists the services with words, as places where a group holds.
func servicesNamed(ctx context.Context, read db.R, words string) (list []place, err error) {
	if words == "" {
		return nil, nil
	}
	services, err := directory.Named(ctx, read, words)
	for _, s := range services {
		list = append(list, place{
			scope: account.BelowService(s.ID), text: "for the service " + s.Shown() + " and all below it",
			exact: strings.Trim("Service ID "+s.UID+", "+s.Address+", "+s.Postcode, ", ") + ". ",
		})
	}
	return list, err
}

// scopesFor lists where a group of an account can always be given: at home, in a region, everywhere.
func scopesFor(ctx context.Context, read db.R, a account.Account) (list []account.Scope, err error) {
	if a.Organisation != "" {
		list = append(list, account.OwnOrganisation)
	}
	regions, err := directory.Regions(ctx, read)
	for _, one := range regions {
		list = append(list, account.InRegion(one.ID))
	}
	return append(list, account.Everywhere), err
}

// fill offers the groups that can be given somewhere and the places where, and says why the others cannot.
func (v *giveView) fill(o offer) {
	v.Name = o.account.Name() + " (" + o.account.Username + ")"
	v.Form.About(v.Name)
	var items []nhsuk.RadioItem
	for _, g := range account.Groups() {
		can, lacks := o.group(g)
		item := nhsuk.RadioItem{Value: string(g), Text: g.Title(), Hint: letsText(g.Permissions())}
		switch {
		case can:
			items = append(items, item)
		case lacks != "":
			why := "Your own account does not let you " + lacks.Lets() + " wherever this account could have it."
			v.Others = append(v.Others, otherGroup{Title: item.Text, Lets: item.Hint, Why: why})
		}
	}
	v.Form.Offer("group", items)
	v.None = len(items) == 0
	var places []nhsuk.RadioItem
	for _, p := range o.places {
		if groups := o.givenIn(p.scope); len(groups) > 0 {
			places = append(places, nhsuk.RadioItem{Value: scopeValue(p.scope), Text: capital(p.text),
				Hint: p.exact + "For " + strings.Join(groups, ", ")})
		}
	}
	v.Form.Offer("where", places)
}

// group reports whether a group can be given anywhere, or else what the user would have to hold.
func (o offer) group(g account.Group) (can bool, lacks account.Permission) {
	for _, c := range o.choices {
		if c.Group == g {
			can = can || c.Lacks == ""
			lacks = cmp.Or(lacks, c.Lacks)
		}
	}
	return can, lacks
}

// givenIn names the groups that can be given in a scope.
func (o offer) givenIn(s account.Scope) (groups []string) {
	for _, c := range o.choices {
		if c.Scope == s && c.Lacks == "" {
			groups = append(groups, c.Group.Title())
		}
	}
	return groups
}

// letsText says what permissions let their holder do, in one sentence.
func letsText(permissions []account.Permission) string {
	var list []string
	for _, p := range permissions {
		list = append(list, p.Lets())
	}
	return capital(strings.Join(list, "; "))
}

// capital begins a sentence.
func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func (u *Users) give(w http.ResponseWriter, r *http.Request) error {
	typed := giveForm.Read(r)
	if !typed.Complete() {
		return u.showGive(w, r, http.StatusUnprocessableEntity, typed)
	}
	id := r.PathValue("id")
	group := account.Group(typed.Value("group"))
	err := u.office().Give(r.Context(), web.Actor(r), id, group, readScope(typed.Value("where")))
	if typed.Refuse(err) {
		return u.showGive(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, accountPath(id), "They have the group "+group.Title()+" now.")
}

func (u *Users) take(w http.ResponseWriter, r *http.Request) error {
	typed := takeForm.Read(r)
	id := r.PathValue("id")
	group := account.Group(typed.Value("group"))
	if err := u.office().Take(r.Context(), web.Actor(r), id, group, readScope(typed.Value("where"))); err != nil {
		return err
	}
	to := accountPath(id)
	if id == frame.User(r).Account.ID {
		to = frame.AccountPage // they may no longer see the page of users
	}
	return web.SeeOther(w, r, to, "The group "+group.Title()+" is taken away.")
}

// giveView is the page on which a group is given.
type giveView struct {
	Page      page.Params
	Name      string
	Form      *form.Rendered
	Find      *form.Rendered
	NoService bool // none has the words
	None      bool // the user can give no group
	Others    []otherGroup
}

// otherGroup is a group that the user cannot give.
type otherGroup struct{ Title, Lets, Why string }

func (v giveView) otherRows() (rows []nhsuk.SummaryListRow) {
	for _, o := range v.Others {
		rows = append(rows, nhsuk.SummaryListRow{Key: o.Title, ValueHTML: page.Lines(o.Lets, o.Why)})
	}
	return rows
}
