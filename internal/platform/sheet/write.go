package sheet

import (
	"bytes"
	"encoding/csv"
	"fmt"
)

// CSV writes a file of rows under their heading, as RFC 4180 has it. A spreadsheet shows what begins like a formula,
// and does not run it.
func CSV(head []string, rows [][]string) ([]byte, error) {
	var file bytes.Buffer
	out := csv.NewWriter(&file)
	out.UseCRLF = true
	lines := [][]string{head}
	for _, row := range rows {
		lines = append(lines, SafeRow(row...))
	}
	if err := out.WriteAll(lines); err != nil {
		return nil, fmt.Errorf("write a file of rows: %w", err)
	}
	return file.Bytes(), nil
}
