package users

import (
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/exception"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/reference"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// usersOnPage is the number of accounts on a page of the list.
const usersOnPage = 50

var kindTexts = map[account.Kind]string{
	account.Individual: "Individual",
	account.Shared:     "Shared",
	account.Machine:    "Machine",
	account.Ended:      "Not active",
}

// stateTexts words the states, in their order.
var stateTexts = []struct {
	state account.State
	text  string
}{
	{account.Linked, "Linked to a Care Identity"}, {account.NotLinked, "Not linked"},
	{account.NeverUsed, "Never used"}, {account.Unconfirmed, "Email address not confirmed"},
	{account.Drifted, "Email address differs from the Care Identity"}, {account.Unplaced, "Organisation not known"},
	{account.Deactivated, "Not active"},
}

// usersHint says by what accounts are found.
const usersHint = "Username, name, email address, Care Identity number or ODS code, or the reference on a page"

// searchAt is the form by which accounts are looked for on a page, in one of several regions if there are several.
func searchAt(path, hint string, regions []directory.Region) form.Form {
	f := form.Form{
		Path: path, Get: true, Attributes: templ.Attributes{"role": "search", "class": "signpost-filters"},
		Fields: []form.Field{
			form.Input(nhsuk.InputParams{
				Name: "q", Label: nhsuk.LabelParams{Text: "Search for a user", Size: "s"},
				Hint: hint, Autocomplete: "off", Spellcheck: "false",
			}),
			form.Select(nhsuk.SelectParams{Name: "kind", Label: nhsuk.LabelParams{Text: "Kind of account", Size: "s"},
				Items: []nhsuk.SelectItem{
					{Text: "Any kind"},
					{Value: string(account.Individual), Text: kindTexts[account.Individual]},
					{Value: string(account.Shared), Text: kindTexts[account.Shared]},
					{Value: string(account.Machine), Text: kindTexts[account.Machine]},
				}}),
			form.Select(nhsuk.SelectParams{Name: "state", Label: nhsuk.LabelParams{Text: "State", Size: "s"},
				Items: stateItems()}),
		},
	}
	if len(regions) > 0 {
		f.Fields = append(f.Fields, form.Select(nhsuk.SelectParams{
			Name: "region", Label: nhsuk.LabelParams{Text: "Region", Size: "s"}, Items: regionItems(regions),
		}))
	}
	return f
}

func stateItems() []nhsuk.SelectItem {
	items := []nhsuk.SelectItem{{Text: "Any state"}}
	for _, s := range stateTexts {
		items = append(items, nhsuk.SelectItem{Value: string(s.state), Text: s.text})
	}
	return items
}

func regionItems(regions []directory.Region) []nhsuk.SelectItem {
	items := []nhsuk.SelectItem{{Text: "Any region"}}
	for _, one := range regions {
		items = append(items, nhsuk.SelectItem{Value: one.ID, Text: one.Name})
	}
	return append(items, nhsuk.SelectItem{Value: account.NoRegion, Text: "Not known"})
}

// choices are what a list of users can be narrowed to.
type choices struct {
	regions []directory.Region // of which the user may see accounts; none if there is no choice
	waves   []wave.Wave
}

func (u *Users) choices(r *http.Request) (choices, error) {
	return db.Read(r.Context(), u.passwords.DB, func(read db.R) (c choices, err error) {
		if c.waves, err = wave.List(r.Context(), read); err != nil || !seen(r).Everywhere {
			return c, err
		}
		c.regions, err = directory.Regions(r.Context(), read)
		return c, err
	})
}

// moveFields narrow a list to a wave of the move, and to those who are so far.
func moveFields(waves []wave.Wave) []form.Field {
	inWave := []nhsuk.SelectItem{{Text: "Any wave"}}
	for _, one := range waves {
		inWave = append(inWave, nhsuk.SelectItem{Value: one.ID, Text: one.Name})
	}
	progress := []nhsuk.SelectItem{{Text: "Any"}}
	for _, s := range planning.Progresses() {
		progress = append(progress, nhsuk.SelectItem{Value: string(s), Text: s.Title()})
	}
	return []form.Field{
		form.Select(nhsuk.SelectParams{Name: frame.WaveField, Label: nhsuk.LabelParams{Text: "Wave", Size: "s"},
			Items: inWave}),
		form.Select(nhsuk.SelectParams{Name: frame.ProgressField, Items: progress,
			Label: nhsuk.LabelParams{Text: "How far", Size: "s"}}),
	}
}

// list shows the accounts that are looked for, or the refusals that have a reference if that is what was typed. A
// username can look like a reference, so one that nothing has is looked for among the accounts.
func (u *Users) list(w http.ResponseWriter, r *http.Request) error {
	choices, err := u.choices(r)
	if err != nil {
		return err
	}
	v := usersView{Form: usersForm(r, choices).Read(r), Work: workLists(r), Begun: r.URL.RawQuery == ""}
	quoted := reference.Read(v.Form.Value("q"))
	isReference := reference.Valid(quoted) || reference.Long(quoted)
	if isReference {
		if refusals, err := u.quoted(r, quoted); err != nil || len(refusals.List) > 0 {
			return u.showRefusals(w, r, refusals, err)
		}
	}
	found, err := db.Costly(r.Context(), u.passwords.DB, func(read db.R) (foundUsers, error) {
		found, err := findUsers(r, read, v.Form)
		if err == nil && frame.Allowed(r, account.ManageUsers) {
			found.Mailing, err = mailing.Going(r.Context(), read, web.Actor(r).ID, frame.Reach(r, account.ManageUsers))
		}
		return found, err
	})
	if v.Form.Refuse(err) {
		v.Page = u.frame.Page(w, r, "Users")
		v.Page.Wide = true
		v.Page.Error = true
		return web.Show(w, r, http.StatusUnprocessableEntity, usersPage(v))
	}
	if err != nil {
		return err
	}
	if found.elsewhere != "" {
		return web.SeeOther(w, r, found.elsewhere, "")
	}
	if isReference && found.list.Total == 0 {
		refusals, err := u.told(r, quoted)
		return u.showRefusals(w, r, refusals, err)
	}
	v.foundUsers = found
	v.Export = exportLink(r, found.list.Total)
	v.Write = frame.WriteToUsers + "?" + page.WithoutPlace(r).Encode()
	v.Counts = countsLink(v.Form)
	v.Links = found.list.Links(path.UsersPage, r)
	v.Page = u.frame.Page(w, r, v.title())
	v.Page.Wide = true
	return web.Show(w, r, http.StatusOK, usersPage(v))
}

// workLists lead to the lists of work about users that are for the user.
func workLists(r *http.Request) (links []page.Link) {
	if frame.Allowed(r, account.ManageUsers) {
		links = append(links, page.Link{Text: "Shared accounts that become people", Href: "/shared-accounts"},
			page.Link{Text: "Users whose organisation is not known",
				Href: path.UsersPage + "?state=" + string(account.Unplaced)},
			page.Link{Text: "Email addresses that differ", Href: frame.DriftPage},
			page.Link{Text: "Merge accounts of one person", Href: frame.MergesPage},
			page.Link{Text: "Mails to users", Href: frame.MailingsPage})
	}
	if frame.Allowed(r, account.ReviewLinks) {
		links = append(links, page.Link{Text: namesTitle, Href: "/users/names"},
			page.Link{Text: "Organisations to confirm", Href: "/users/organisations"})
	}
	if frame.Allowed(r, account.ManageUsers) {
		links = append(links, page.Link{Text: "Domain aliases", Href: frame.AliasesPage})
	}
	if frame.Allowed(r, account.ManageUsers, account.ManageWaves) {
		links = append(links, page.Link{Text: "Exceptions for passwords", Href: frame.ExceptionsPage})
	}
	if frame.Allowed(r, account.ViewReports) {
		links = append(links, page.Link{Text: "How far everybody is", Href: frame.BoardPage},
			page.Link{Text: "What came of the move", Href: frame.OutcomePage})
	}
	if frame.Allowed(r, account.ManageWaves) {
		links = append(links, page.Link{Text: "Waves of the move to Care Identity", Href: frame.WavesPage},
			page.Link{Text: "Messages on every page", Href: frame.BannersPage},
			page.Link{Text: "Who would be locked out", Href: frame.SimulationPage},
			page.Link{Text: "When people will be ready", Href: frame.ForecastPage})
	}
	return links
}

func searchOf(f *form.Rendered, within account.Reach) account.Search {
	return account.Search{
		Within: within,
		Words:  f.Value("q"),
		Kind:   account.Kind(f.Value("kind")),
		State:  account.State(f.Value("state")),
		Region: f.Value("region"),

		Organisation: f.Value(organisationField),
		Among: board.Among{Wave: f.Value(frame.WaveField),
			Progress: planning.Progress(f.Value(frame.ProgressField))}.Conditions(),
	}
}

// foundUsers is a page of the accounts found, or the organisations of which one is to be chosen first.
type foundUsers struct {
	Count         string
	At            string // the organisation whose users were looked for
	Head          []string
	Rows          [][]nhsuk.TableCell
	Partial       bool        // not all accounts can be found by words yet
	Organisations []page.Link // lead to the users of each organisation that may be meant
	More          bool        // there are other such organisations
	Mailing       bool        // another writer's mail is being sent to some of those whom the user looks after
	list          page.Stretch[account.Found]
	elsewhere     string // the address of the list, where an organisation was typed by its name
}

// findUsers reads the page of the accounts found that a request asks for.
func findUsers(r *http.Request, read db.R, typed *form.Rendered) (f foundUsers, err error) {
	search := searchOf(typed, seen(r))
	if search.Organisation != "" {
		meant, err := organisationsMeant(r.Context(), read, search.Organisation, search.Within)
		switch {
		case err != nil:
			return f, err
		case meant.code == "":
			return foundUsers{Organisations: choiceLinks(r, meant), More: meant.more}, nil
		case meant.code != search.Organisation:
			return foundUsers{elsewhere: usersOf(r, meant.code)}, nil
		}
		if f.At, err = directory.OrganisationText(r.Context(), read, meant.code); err != nil {
			return f, err
		}
	}
	username := func(one account.Found) string { return one.Username }
	f.list, err = page.ReadAt(r, usersOnPage, username, func(at page.Place, limit int) ([]account.Found, int, error) {
		found, err := account.Find(r.Context(), read, search, account.Place(at), limit)
		f.Partial = found.Partial
		return found.Accounts, found.Total, err
	})
	if err != nil {
		return f, err
	}
	f.Count = f.list.Count("user", "users")
	f.Head = []string{"Username", "Name", "Organisation", "Kind", "Care Identity"}
	if f.Rows, err = userRows(r.Context(), read, f.list.Items); err != nil || !aboutMove(typed) {
		return f, err
	}
	return f, f.addSteps(r.Context(), read)
}

func userRows(ctx context.Context, r db.R, list []account.Found) (rows [][]nhsuk.TableCell, err error) {
	var codes, ids []string
	for _, f := range list {
		codes = append(codes, f.Organisation)
		ids = append(ids, f.ID)
	}
	organisations, err := directory.OrganisationTexts(ctx, r, codes)
	if err != nil {
		return nil, err
	}
	until, err := exception.Until(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		rows = append(rows, []nhsuk.TableCell{{Text: f.Username, Href: accountPath(f.ID)}, nameCell(f.Account),
			{Text: placeText(organisations[f.Organisation], f.Account)}, {Text: kindTexts[f.Listed()]},
			linkedCell(f, until[f.ID])})
	}
	return rows, nil
}

// placeText says where the holder of an account works, or that this is not known; nothing of a program.
func placeText(organisation string, a account.Account) string {
	if a.Organisation == "" && a.Kind != account.Machine {
		return "Not known"
	}
	return directory.TypedText(organisation, a.Organisation)
}

// linkedCell says whether an account is linked, and until when its password works by an exception; a zero time for
// none.
func linkedCell(f account.Found, until time.Time) nhsuk.TableCell {
	switch {
	case !f.Linked.IsZero():
		return nhsuk.TableCell{Text: "Linked " + when.Date(f.Linked)}
	case !until.IsZero():
		return nhsuk.TableCell{HTML: page.Lines("Not linked", frame.ExceptionText(until))}
	}
	return nhsuk.TableCell{Text: "Not linked"}
}

// title names the page: what was found, if something was asked for, and which page of it this is.
func (v *usersView) title() string {
	switch {
	case len(v.Organisations) > 0:
		return "Which organisation do you mean?"
	case v.At != "" || searched(v.Form):
		return "Search for a user: " + v.heading()
	}
	return v.list.Titled("Users")
}

// heading says how many users were found, and where.
func (f foundUsers) heading() string {
	if f.At == "" {
		return f.Count
	}
	return f.Count + " at " + f.At
}

// searched reports whether a search asks for anything.
func searched(f *form.Rendered) bool {
	return f.Value("q")+f.Value("kind")+f.Value("state")+f.Value("region")+f.Value(frame.WaveField)+
		f.Value(frame.ProgressField) != ""
}
