package people

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/registration"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

var (
	errNotServedThere = fault.OfField("at", "Your registration authority does not serve this organisation. The page "+
		"People lists those that it serves")
	errWhy = fault.OfField("why", "Select one of the reasons")
)

const (
	worklistPath     = frame.PeoplePath + "/worklist"
	worklistFilePath = frame.PeoplePath + "/worklist.csv"
)

// worklistForm asks whose authenticators are looked at, and for what.
var worklistForm = form.Form{Path: worklistPath, Get: true, Fields: []form.Field{
	form.Input(nhsuk.InputParams{
		Name: "at", Label: nhsuk.LabelParams{Text: "ODS code of the organisation", Size: "s"},
		Classes: "nhsuk-input--width-10", Autocomplete: "off", Spellcheck: "false",
	}),
	form.Select(nhsuk.SelectParams{
		Name: "why", Label: nhsuk.LabelParams{Text: "Why", Size: "s"},
		Items: []nhsuk.SelectItem{
			{Text: "For any reason"},
			{Value: string(registration.HasNone), Text: "Nothing that works"},
			{Value: string(registration.SoonExpires), Text: "Smartcard ends within 90 days"},
			{Value: string(registration.HasOne), Text: "Only one that works"},
			{Value: string(registration.NeverUsed), Text: "One was never used"},
		},
	}),
}}

type worklistView struct {
	Page         page.Params
	Find         *form.Rendered
	Organisation string
	Rows         [][]nhsuk.TableCell
	Count        string
	Links        nhsuk.PaginationParams
	FileHref     string
	Filtered     bool // one reason was chosen

	list  []registration.InNeed
	found page.List[registration.InNeed]
}

// worklist lists people whose authenticators somebody should look after.
func (p *People) worklist(w http.ResponseWriter, r *http.Request) error {
	f := worklistForm.Read(r)
	v, code, err := p.readWorklist(r, f)
	if f.Refuse(err) {
		err = nil
	}
	if err != nil {
		return err
	}
	v.Find = f
	v.Filtered = f.Value("why") != ""
	v.found, err = page.Read(r, onPage, func(skip, limit int) ([]registration.InNeed, int, error) {
		from := min(skip, len(v.list))
		return v.list[from:min(from+limit, len(v.list))], len(v.list), nil
	})
	if err != nil {
		return err
	}
	v.Count = v.found.Count("person", "people")
	v.Links = v.found.Links(worklistPath, r)
	v.FileHref = worklistFilePath + "?" + url.Values{"at": {code}, "why": {f.Value("why")}}.Encode()
	for _, one := range v.found.Items {
		v.Rows = append(v.Rows, []nhsuk.TableCell{
			{HTML: nameLink(authenticatorsOf(one.Person.UUID), one.Person.FamilyName+", "+one.Person.GivenName)},
			{Text: one.Person.UUID},
			{Text: strings.Join(reasonsOf(one), ". ")},
		})
	}
	title := "Authenticators to look after"
	if v.Organisation != "" {
		title = v.found.Titled(title + " at " + v.Organisation)
	}
	v.Page = p.frame.Page(w, r, title)
	v.Page.BackHref = frame.PeoplePath
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), worklistPage(v))
}

// readWorklist reads the list that a form asks for, of an organisation that the user's registration authority serves.
func (p *People) readWorklist(r *http.Request, f *form.Rendered) (v worklistView, code string, err error) {
	a := frame.User(r).Authority
	code = chosen(r, f.Value("at"))
	f.Set("at", code)
	only := registration.Care(f.Value("why"))
	if only != "" && !slices.Contains(registration.Cares(), only) {
		return v, code, errWhy
	}
	v, err = db.Costly(r.Context(), p.frame.DB, func(read db.R) (v worklistView, err error) {
		served, err := hosting.Served(r.Context(), read, a.Organisation)
		if err != nil {
			return v, err
		}
		at, serves := among(served, code)
		if !serves {
			return v, errNotServedThere
		}
		v.Organisation = at.Text()
		v.list, err = registration.Worklist(r.Context(), read, code, only)
		return v, err
	})
	return v, code, err
}

// reasonsOf words why somebody is on the list.
func reasonsOf(n registration.InNeed) (texts []string) {
	for _, reason := range n.Reasons {
		switch reason {
		case registration.HasNone:
			texts = append(texts, "Nothing that works")
		case registration.HasOne:
			texts = append(texts, "Only one that works")
		case registration.NeverUsed:
			for _, a := range n.Unused {
				texts = append(texts, a.Name+" was never used, added on "+when.Date(a.BoundAt))
			}
		case registration.SoonExpires:
			texts = append(texts, endText(n))
		}
	}
	return texts
}

func endText(n registration.InNeed) string {
	if n.Within == 0 {
		return "Smartcard ended on " + when.Date(n.Ends)
	}
	return "Smartcard ends on " + when.Date(n.Ends) + ", within " + strconv.Itoa(n.Within) + " days"
}

// worklistFile sends the whole list as a file.
func (p *People) worklistFile(w http.ResponseWriter, r *http.Request) error {
	v, _, err := p.readWorklist(r, worklistForm.Read(r))
	if err != nil {
		return err
	}
	var rows [][]string
	for _, one := range v.list {
		rows = append(rows, []string{
			one.Person.UUID, one.Person.FamilyName, one.Person.GivenName, one.Person.Email, one.Person.Organisation,
			strings.Join(reasonsOf(one), ". "),
		})
	}
	file, err := sheet.CSV([]string{"number", "family_name", "given_name", "email", "organisation", "why"}, rows)
	if err != nil {
		return err
	}
	return web.SendFile(w, web.CSV, "authenticators.csv", file)
}
