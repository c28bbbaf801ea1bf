// Package reports serves the reports of registration authorities, on pages and as files.
package reports

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/report"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

const (
	onPage = 50
	// maxRows is how many rows one file has at most.
	maxRows = 100_000
	// maxStretch is how many of them are read at once.
	maxStretch = 500
)

// Reports serves the pages.
type Reports struct{ frame *frame.Frame }

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	p := &Reports{frame: f}
	may := f.May(permission.ReportPositions, permission.ReportCards, permission.ReportUsers, permission.ReportRest)
	s.Handle("GET "+frame.ReportsPath, may, p.list)
	s.Handle("GET "+frame.ReportsPath+"/{report}", may, p.show)
	s.Handle("GET "+frame.ReportsPath+"/{report}/file.csv", may, p.file(web.CSV, "csv", sheet.CSV))
	s.Handle("GET "+frame.ReportsPath+"/{report}/file.xlsx", may, p.file(sheet.XLSX, "xlsx", sheet.Book))
}

var errNotTheirs = fault.SayCure(fault.Forbidden,
	"Your job at the registration authority does not let you draw this report.",
	"Ask a registration authority manager.")

type link struct{ Href, Text, About string }

type listView struct {
	Page  page.Params
	Links []link
}

// list leads to the reports that the user may draw.
func (p *Reports) list(w http.ResponseWriter, r *http.Request) error {
	v := listView{Page: p.frame.Page(w, r, "Reports")}
	for _, one := range report.All() {
		if frame.User(r).Officers.May(one.Act, permission.Yes) {
			v.Links = append(v.Links, link{frame.ReportPath(one.Name), one.Title, one.About})
		}
	}
	return web.Show(w, r, http.StatusOK, listPage(v))
}

// formOf chooses what of a report is shown.
func formOf(rep report.Report) form.Form {
	f := form.Form{Path: frame.ReportPath(rep.Name), Get: true}
	for _, one := range rep.Filters {
		items := []nhsuk.SelectItem{{Text: "Any"}}
		for _, o := range one.Options {
			items = append(items, nhsuk.SelectItem{Value: o.Value, Text: o.Text})
		}
		f.Fields = append(f.Fields, form.Select(nhsuk.SelectParams{
			Name: one.Name, Label: nhsuk.LabelParams{Text: one.Label, Size: "s"}, Items: items,
		}))
	}
	f.Fields = append(f.Fields, form.Input(nhsuk.InputParams{
		Name: "at", Label: nhsuk.LabelParams{Text: "ODS code of the organisation", Size: "s"},
		Hint: "All that your registration authority serves if you enter nothing", Classes: "nhsuk-input--width-10",
		Autocomplete: "off", Spellcheck: "false",
	}))
	return f
}

// asked is what a request asks for.
type asked struct {
	report report.Report
	form   *form.Rendered
	chosen report.Chosen
	at     string // ODS code; empty for all
}

func read(r *http.Request) (a asked, err error) {
	if a.report, err = report.Named(r.PathValue("report")); err != nil {
		return a, err
	}
	if !frame.User(r).Officers.May(a.report.Act, permission.Yes) {
		return a, errNotTheirs
	}
	a.form = formOf(a.report).Read(r)
	a.chosen = report.Chosen{}
	for _, one := range a.report.Filters {
		a.chosen[one.Name] = a.form.Value(one.Name)
	}
	a.chosen = a.report.Clean(a.chosen)
	a.at = strings.ToUpper(strings.TrimSpace(a.form.Value("at")))
	return a, nil
}

// query is what was asked for as the address has it.
func (a asked) query() url.Values {
	q := url.Values{}
	for name, value := range maps.All(a.chosen) {
		q.Set(name, value)
	}
	if a.at != "" {
		q.Set("at", a.at)
	}
	return q
}

// stretch is a part of a report that was read.
type stretch struct {
	lines []report.Line
	next  report.Place
	cut   bool // the user's registration authority may serve more organisations than were looked through
}

func (p *Reports) stretch(r *http.Request, a asked, after report.Place, limit int) (stretch, error) {
	user := frame.User(r)
	reader := deciding.Reader{UUID: user.Identity.UUID, List: user.Officers}
	return db.Costly(r.Context(), p.frame.DB, func(read db.R) (s stretch, err error) {
		codes, err := a.report.Places(r.Context(), read, reader, a.at)
		if err != nil {
			return s, err
		}
		s.cut = len(codes) >= hosting.MaxServed
		s.lines, s.next, err = a.report.Stretch(r.Context(), read, codes, a.chosen, after, limit)
		return s, err
	})
}

// drawn records what was drawn.
func (p *Reports) drawn(r *http.Request, a asked, format string, rows int) error {
	at := frame.User(r).Office.Organisation
	return a.report.Drawn(r.Context(), p.frame.DB, web.Actor(r), at, a.chosen, a.at, format, rows)
}

type reportView struct {
	Page     page.Params
	About    string
	Filter   *form.Rendered
	Head     []string
	Rows     [][]nhsuk.TableCell
	More     bool
	Cut      bool // not all organisations are in it
	FileHref string
	BookHref string
	Links    nhsuk.PaginationParams
}

// show shows a stretch of a report.
func (p *Reports) show(w http.ResponseWriter, r *http.Request) error {
	a, err := read(r)
	if err != nil {
		return err
	}
	after := r.URL.Query().Get("after")
	s, err := p.stretch(r, a, report.ReadPlace(after), onPage)
	if a.form.Refuse(err) {
		err = nil
	} else if err == nil {
		err = p.drawn(r, a, "page", len(s.lines))
	}
	if err != nil {
		return err
	}
	path := frame.ReportPath(a.report.Name)
	v := reportView{About: a.report.About, Filter: a.form, More: !s.next.Over(), Cut: s.cut,
		FileHref: path + "/file.csv?" + a.query().Encode(), BookHref: path + "/file.xlsx?" + a.query().Encode()}
	for _, c := range onPages(a.report) {
		v.Head = append(v.Head, c.Title)
	}
	for _, l := range s.lines {
		v.Rows = append(v.Rows, cells(a.report, l))
	}
	title := "Report on " + strings.ToLower(a.report.Title)
	if after != "" {
		title += ", further on"
		v.Links.Previous = nhsuk.PaginationLink{Href: path + "?" + a.query().Encode(), Text: "Beginning"}
	}
	if v.More {
		q := a.query()
		q.Set("after", s.next.String())
		v.Links.Next = nhsuk.PaginationLink{Href: path + "?" + q.Encode(), Text: "Next"}
	}
	v.Page = p.frame.Page(w, r, title)
	v.Page.Wide = true
	v.Page.BackHref = frame.ReportsPath
	v.Page.Error = a.form.HasProblems()
	return web.Show(w, r, a.form.Status(), reportPage(v))
}

// onPages are the columns that a page has room for.
func onPages(rep report.Report) []report.Column {
	return slices.DeleteFunc(slices.Clone(rep.Columns), func(c report.Column) bool { return c.Title == "" })
}

func inFiles(rep report.Report) []report.Column {
	return slices.DeleteFunc(slices.Clone(rep.Columns), func(c report.Column) bool { return c.Name == "" })
}

func cells(rep report.Report, l report.Line) (row []nhsuk.TableCell) {
	for i, c := range onPages(rep) {
		if i == 0 {
			row = append(row, nhsuk.TableCell{HTML: numberLink(frame.PathOf(l.UUID()), l.UUID())})
			continue
		}
		row = append(row, nhsuk.TableCell{HTML: page.Name(c.Text(l))})
	}
	return row
}

var errCut = fault.SayCure(fault.Invalid, "Your registration authority serves more organisations than one report has.",
	"Choose an organisation by its ODS code.")

var errTooMany = fault.SayCure(fault.Invalid, "There are more than 100,000 rows, which is too many for one file.",
	"Choose an organisation, or less by a filter.")

// file sends a whole report as a file of some kind.
func (p *Reports) file(kind, ending string, written func(head []string, rows [][]string) ([]byte, error)) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		a, err := read(r)
		if err != nil {
			return err
		}
		rows, err := p.whole(r, a)
		if err != nil {
			return err
		}
		var head []string
		for _, c := range inFiles(a.report) {
			head = append(head, c.Name)
		}
		content, err := written(head, rows)
		if err != nil {
			return err
		}
		if err := p.drawn(r, a, ending, len(rows)); err != nil {
			return err
		}
		return web.SendFile(w, kind, a.report.Name+"."+ending, content)
	}
}

// whole reads a whole report, a stretch at a time, so that nobody waits for it.
func (p *Reports) whole(r *http.Request, a asked) (rows [][]string, err error) {
	for at := (report.Place{}); ; {
		s, err := p.stretch(r, a, at, maxStretch)
		if err != nil {
			return nil, err
		}
		if s.cut {
			return nil, errCut
		}
		for _, l := range s.lines {
			var row []string
			for _, c := range inFiles(a.report) {
				row = append(row, c.Text(l))
			}
			rows = append(rows, row)
		}
		if len(rows) > maxRows {
			return nil, errTooMany
		}
		if at = s.next; at.Over() {
			return rows, nil
		}
	}
}
