package people

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/registration/finding"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// searchForm asks whom to find. It is sent as a form that changes something, as each search is recorded and no
// National Insurance number is to stand in an address.
var searchForm = form.Form{Path: frame.PeoplePath + "/find", Page: "Find a person", Act: "Find", Fields: []form.Field{
	form.Input(nhsuk.InputParams{
		Name: "find", Label: nhsuk.LabelParams{Text: "Find a person", Size: "s"},
		Hint: "Any of their names or how these begin, their email address of today or before, Care Identity number, " +
			"or National Insurance number. Your search is recorded.",
		Autocomplete: "off", Spellcheck: "false",
	}).Required("Enter whom to find"),
}}

// sealedSearch is the context of what was searched for in an address: another user cannot read it.
func sealedSearch(r *http.Request) string { return "people/find/" + frame.User(r).Identity.UUID }

// search records what is searched for and leads to who was found.
func (p *People) search(w http.ResponseWriter, r *http.Request) error {
	f := searchForm.Read(r)
	typed := strings.TrimSpace(f.Value("find"))
	if !f.Complete() {
		return p.showFound(w, r, f, "")
	}
	err := finding.Note(r.Context(), p.frame.DB, web.Actor(r), frame.User(r).Office.Organisation, typed)
	if f.Refuse(err) {
		return p.showFound(w, r, f, "")
	}
	if err != nil {
		return err
	}
	sealed := base64.RawURLEncoding.EncodeToString(p.frame.Box.Seal([]byte(typed), sealedSearch(r)))
	return web.SeeOther(w, r, searchForm.Path+"?"+url.Values{"search": {sealed}}.Encode(), "")
}

// found shows who was found.
func (p *People) found(w http.ResponseWriter, r *http.Request) error {
	f := searchForm.New(r)
	sealed, err := base64.RawURLEncoding.DecodeString(r.URL.Query().Get("search"))
	if err != nil {
		return p.showFound(w, r, f, "")
	}
	typed, err := p.frame.Box.Open(sealed, sealedSearch(r))
	if err != nil { // nothing was searched for, or by somebody else
		return p.showFound(w, r, f, "")
	}
	if !f.HasProblems() {
		f.Set("find", string(typed))
	}
	return p.showFound(w, r, f, string(typed))
}

func (p *People) showFound(w http.ResponseWriter, r *http.Request, f *form.Rendered, typed string) error {
	v := foundView{Form: f, Searched: typed != ""}
	title := searchForm.Page
	if typed != "" {
		found, err := db.Costly(r.Context(), p.frame.DB, func(read db.R) (page.List[finding.Found], error) {
			return page.Read(r, onPage, func(skip, limit int) ([]finding.Found, int, error) {
				return finding.Find(r.Context(), read, p.frame.Box, frame.User(r).Office.Organisation, typed, skip,
					limit)
			})
		})
		if err != nil && !f.Refuse(err) {
			return err
		}
		if err == nil {
			title = found.Titled("People found")
			v.Count = found.Count("person", "people")
			v.Links = found.Links(searchForm.Path, r)
			v.Rows = foundRows(found.Items)
		}
	}
	v.Page = p.frame.Page(w, r, title)
	v.Page.Error = f.HasProblems()
	v.Page.BackHref = frame.PeoplePath
	return web.Show(w, r, f.Status(), foundPage(v))
}

func foundRows(list []finding.Found) (rows [][]nhsuk.TableCell) {
	for _, one := range list {
		if one.Elsewhere() {
			at := "Another registration authority, which is not known here"
			if one.Authority != "" {
				at = "Registration authority: " + one.Authority
			}
			rows = append(rows, []nhsuk.TableCell{
				{HTML: page.Name(one.Name)}, {Text: "Not shown"}, {Text: "Not shown"}, {Text: at}, {Text: "Not shown"},
			})
			continue
		}
		i := one.Identity
		rows = append(rows, []nhsuk.TableCell{
			{HTML: nameLink(pathOf(i.UUID), one.Name)}, {Text: i.UUID}, {HTML: page.Contact(i.Email)}, {Text: one.At},
			{HTML: nhsuk.Tag(frame.StatusTag(i.Status))},
		})
	}
	return rows
}
