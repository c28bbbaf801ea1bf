package outcome

import (
	"net/http"
	"slices"
	"strings"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/web"
)

var (
	errNoTable = fault.SayCure(fault.NotFound, "There is no such table on these days.",
		"Go back to the page and choose one that is there.")
	errDays = fault.SayCure(fault.Invalid, "These are no days of which something is kept for you.",
		"Go back to the page and choose other days.")
)

// file sends one table as a file.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	f, s, err := p.ask(r)
	if err != nil {
		return err
	}
	if f.HasProblems() {
		return errDays
	}
	got, err := db.Costly(r.Context(), p.frame.Linker.DB, func(d db.R) (found, error) {
		return read(r.Context(), d, s)
	})
	if err != nil {
		return err
	}
	tables := figuresOf(r, got).tables()
	at := slices.IndexFunc(tables, func(t table) bool { return t.Name == r.URL.Query().Get("table") })
	if at < 0 {
		return errNoTable
	}
	return sendSheet(w, tables[at].Name+".csv", columns(tables[at].Head), tables[at].cells())
}

// columns names the columns of a file as programs like them.
func columns(head []string) (names []string) {
	plain := strings.NewReplacer(" ", "_", "(", "", ")", "", ",", "")
	for _, one := range head {
		names = append(names, plain.Replace(strings.ToLower(one)))
	}
	return names
}

func (t table) cells() (rows [][]string) {
	for _, row := range t.Rows {
		var texts []string
		for _, cell := range row {
			texts = append(texts, cell.Text)
		}
		rows = append(rows, texts)
	}
	return rows
}

func sendSheet(w http.ResponseWriter, name string, head []string, rows [][]string) error {
	file, err := sheet.CSV(head, rows)
	if err != nil {
		return err
	}
	return web.SendFile(w, web.CSV, name, file)
}
