package exceptions

import (
	"fmt"
	"net/http"
	"strings"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/web"
)

// maxExported is how many exceptions one file has at most.
const maxExported = 5_000

var errTooMany = fault.SayCure(fault.Invalid,
	fmt.Sprintf("There are more than %d of them, which is too many for one file.", maxExported), "Choose a wave.")

// file sends the exceptions that the page lists as a file.
func (e *Exceptions) file(w http.ResponseWriter, r *http.Request) error {
	file, err := db.Costly(r.Context(), e.office.DB, func(read db.R) ([]byte, error) {
		a, err := e.asked(r, read)
		if err != nil {
			return nil, err
		}
		rows, total, err := rowsOf(r.Context(), read, a, 0, maxExported)
		if err != nil {
			return nil, err
		}
		if total > maxExported {
			return nil, errTooMany
		}
		return sheet.CSV(columnsOf(a), linesOf(rows))
	})
	if err != nil {
		return err
	}
	return web.SendFile(w, web.CSV, "exceptions.csv", file)
}

// columnsOf names the columns of a file as programs like them.
func columnsOf(a asked) (names []string) {
	for _, one := range headOf(a) {
		names = append(names, strings.ReplaceAll(strings.ToLower(one), " ", "_"))
	}
	return names
}

func linesOf(rows []row) (lines [][]string) {
	for _, one := range rows {
		lines = append(lines, append([]string{one.account.Username, one.account.Name(), one.place}, one.texts...))
	}
	return lines
}
