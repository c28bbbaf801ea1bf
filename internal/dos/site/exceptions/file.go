package exceptions

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
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
		return written(headOf(a), rows)
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", `attachment; filename="exceptions.csv"`)
	_, err = w.Write(file)
	return err
}

func written(head []string, rows []row) ([]byte, error) {
	var file bytes.Buffer
	out := csv.NewWriter(&file)
	out.UseCRLF = true
	var names []string
	for _, one := range head {
		names = append(names, strings.ReplaceAll(strings.ToLower(one), " ", "_"))
	}
	lines := [][]string{names}
	for _, one := range rows {
		lines = append(lines, sheet.SafeRow(append([]string{one.account.Username, one.account.Name(), one.place},
			one.texts...)...))
	}
	if err := out.WriteAll(lines); err != nil {
		return nil, fmt.Errorf("write exceptions: %w", err)
	}
	return file.Bytes(), nil
}
