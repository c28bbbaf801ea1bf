package requests

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/linking"
	asking "signpost/internal/dos/request"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// forms are those of a request's page that are filled in.
type forms struct{ approve, reject, question, region, organisation *form.Rendered }

func newForms(r *http.Request) forms {
	return forms{
		approve: approveForm.New(r), reject: rejectForm.New(r), question: questionForm.New(r),
		region: regionForm.New(r), organisation: organisationForm.New(r),
	}
}

func (f forms) each() []*form.Rendered {
	return []*form.Rendered{f.approve, f.reject, f.question, f.region, f.organisation}
}

// about names the request in forms that are held.
func (f forms) about(name string) {
	for _, one := range f.each() {
		one.About(name)
	}
}

func (f forms) haveProblems() bool {
	for _, one := range f.each() {
		if one.HasProblems() {
			return true
		}
	}
	return false
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.showRequest(w, r, http.StatusOK, newForms(r))
}

func (p *Pages) showRequest(w http.ResponseWriter, r *http.Request, status int, f forms) error {
	find := serviceForm.Read(r)
	words := cmp.Or(f.approve.Value("service"), find.Value("service"))
	v, err := db.Read(r.Context(), p.requests.DB, func(read db.R) (v requestView, err error) {
		err = v.read(r, read, p.requests.Post, words)
		return v, err
	})
	if err != nil {
		return err
	}
	name := v.Found.Name()
	if f.haveProblems() && !v.MayDecide {
		return web.SeeOther(w, r, pathOf(v.Found.ID), "Nothing changed. You are not looking at this request any more.")
	}
	f.about(name)
	f.approve.Offer("group", groupsHeld(r))
	f.approve.Offer("where", v.places())
	f.approve.Set("service", words)
	f.approve.Saw(v.Seen)
	v.Find = find.Set("service", words)
	v.NoService = words != "" && len(v.Services) == 0
	f.region.Offer("region", v.regionItems())
	v.forms = f
	v.Look = lookForm.New(r).About(name)
	v.TakeOver = takeOverForm.New(r).About(name)
	v.Page = p.frame.Page(w, r, "Request of "+name)
	v.Page.BackHref = frame.RequestsPage
	v.Page.Wide = true
	v.Page.Error = f.haveProblems()
	return web.Show(w, r, status, requestPage(v))
}

// read reads what the page shows, to somebody who may see it.
func (v *requestView) read(r *http.Request, read db.R, post *mail.Post, words string) (err error) {
	v.Found, err = asking.Find(r.Context(), read, reach(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if v.Regions, err = directory.Regions(r.Context(), read); err != nil {
		return err
	}
	codes := append(v.Found.Claims.Codes(), v.Found.Organisation)
	if v.Names, err = directory.OrganisationTexts(r.Context(), read, codes); err != nil {
		return err
	}
	v.Organisation = v.Names[v.Found.Organisation]
	if err := v.readMade(r, read); err != nil {
		return err
	}
	if words != "" {
		if v.Services, err = directory.Named(r.Context(), read, words); err != nil {
			return err
		}
	}
	if v.Former, err = formerOf(r, read, v.Found.Request); err != nil {
		return err
	}
	if err := v.readDoubts(r, read, post); err != nil {
		return err
	}
	mine := v.Found.Review.AccountID == web.Actor(r).ID
	problem := asking.ProblemFor(r.Context(), read, web.Actor(r).ID, reach(r), v.Found.Request)
	if problem != nil {
		said, known := fault.From(problem)
		if !known {
			return problem
		}
		v.WhyNot = said.Message + " " + said.Cure
	}
	v.MayDecide = problem == nil && mine
	v.MayLook = problem == nil && v.Found.Review.AccountID == ""
	v.MayTakeOver = problem == nil && v.Found.Review.AccountID != "" && !mine
	v.Sent = when.DateTime(v.Found.Created) + ", " + when.Ago(v.Found.Created, read.Now())
	if v.InvitedBy, err = nameOf(r, read, v.Found.InvitedBy); err != nil {
		return err
	}
	if v.AskedBy, err = nameOf(r, read, v.Found.AskedBy); err != nil {
		return err
	}
	by, err := nameOf(r, read, v.Found.DecidedBy)
	v.Decided = decidedText(v.Found.Request, by)
	return err
}

// readDoubts reads why the Care Identity of the request is to be looked at with care, and names what is shown.
func (v *requestView) readDoubts(r *http.Request, read db.R, post *mail.Post) error {
	doubts, err := asking.DoubtsOf(r.Context(), read, post, v.Found.Request)
	if err != nil {
		return err
	}
	for _, k := range doubts.Kinds {
		v.Doubts = append(v.Doubts, k.Words())
	}
	if doubts.Own {
		v.Doubts = append(v.Doubts, "Whoever approved this request before is the person of this Care Identity.")
	}
	if v.Seen, err = v.Found.Seen(doubts); err != nil {
		return err
	}
	v.Past, err = frame.PastHolders(r, read, doubts.Past, account.ApproveUser)
	return err
}

// readMade reads what a former approval made.
func (v *requestView) readMade(r *http.Request, read db.R) error {
	made, groups, err := asking.Made(r.Context(), read, v.Found.ID)
	if err != nil || made.ID == "" {
		return err
	}
	v.Made = made.Username
	v.HasGroups = []string{account.SearchOnly.Title()}
	if len(groups) > 0 {
		v.HasGroups = nil
	}
	for _, m := range groups {
		where, err := directory.ScopeText(r.Context(), read, m.Scope, made)
		if err != nil {
			return err
		}
		v.HasGroups = append(v.HasGroups, m.Group.Title()+", "+where)
	}
	return nil
}

// formerOf lists the Care Identities that were on a request before the one that is.
func formerOf(r *http.Request, read db.R, asked asking.Request) (list []string, err error) {
	shown, err := asking.Shown(r.Context(), read, asked.ID)
	if err != nil {
		return nil, err
	}
	for _, c := range shown {
		text := c.Name + ", number " + c.Subject
		if c.Subject != asked.Claims.Subject && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list, nil
}

// worksElsewhere reports whether the Care Identity names organisations, and not the one that was typed.
func (v requestView) worksElsewhere() bool {
	c := v.Found.Claims
	return len(c.Codes()) > 0 && !c.WorksAt(v.Found.Organisation)
}

// nameOf names an account; no id gives an empty text.
func nameOf(r *http.Request, read db.R, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	a, err := account.ByID(r.Context(), read, id)
	if errors.Is(err, fault.NotFound) {
		return "somebody else", nil
	}
	return a.Name() + " (" + a.Username + ")", err
}

// facts shows what was typed beside what CIS2 said, and where the two differ.
func (v requestView) facts() [][]nhsuk.TableCell {
	asked := v.Found.Request
	c := asked.Claims
	sameName := linking.SameName(account.Account{FirstName: asked.FirstName, LastName: asked.LastName}, c.Person())
	return [][]nhsuk.TableCell{
		{{Text: "Name"}, {HTML: page.Name(asked.Name())}, compared(page.Name(c.Name), c.Name != "", sameName)},
		{{Text: "Email address"}, {HTML: page.Contact(asked.Email)},
			compared(page.Contact(c.Email), c.Email != "", asking.SameAddress(asked.Email, c.Email))},
		{{Text: "Organisation"}, {Text: directory.TypedText(v.Organisation, asked.Organisation)},
			compared(page.Lines(strings.Join(v.namesOf(c.Codes()), ", ")), len(c.Codes()) > 0,
				c.WorksAt(asked.Organisation))},
	}
}

// namesOf names organisations by their codes.
func (v requestView) namesOf(codes []string) (names []string) {
	for _, code := range codes {
		names = append(names, v.Names[code])
	}
	return names
}

// rolesText lists the role profiles that CIS2 named.
func (v requestView) rolesText() []string {
	var list []string
	for _, r := range v.Found.Claims.Roles {
		list = append(list, r.Code+" at "+v.Names[r.Organisation]+activitiesText(r.Activities))
	}
	return list
}

func activitiesText(codes []string) string {
	if len(codes) == 0 {
		return ""
	}
	return " with " + strings.Join(codes, ", ")
}

func levelText(level int) string {
	if level == 0 {
		return "Not given"
	}
	return strconv.Itoa(level)
}

// places lists where a group can hold.
func (v requestView) places() []nhsuk.RadioItem {
	items := []nhsuk.RadioItem{{Value: string(account.KindOwnOrganisation), Text: "The services of " + v.Organisation}}
	for _, one := range v.Regions {
		items = append(items, nhsuk.RadioItem{Value: string(account.KindRegion) + ":" + one.ID,
			Text: "The region " + one.Name})
	}
	items = append(items, nhsuk.RadioItem{Value: string(account.KindEverywhere), Text: "Everywhere"})
	for _, s := range v.Services {
		items = append(items, nhsuk.RadioItem{
			Value: string(account.KindService) + ":" + s.ID, Text: "The service " + s.Shown() + " and all below it",
			Hint: strings.Trim("Service ID "+s.UID+", "+s.Address+", "+s.Postcode, ", "),
		})
	}
	return items
}

func (v requestView) regionItems() []nhsuk.RadioItem {
	items := []nhsuk.RadioItem{{Value: noRegion, Text: "Not known"}}
	for _, one := range v.Regions {
		items = append(items, nhsuk.RadioItem{Value: one.ID, Text: one.Name})
	}
	return items
}

func (v requestView) regionName() string {
	names := map[string]string{}
	for _, one := range v.Regions {
		names[one.ID] = one.Name
	}
	return regionText(names, v.Found.Region)
}
