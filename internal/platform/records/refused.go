package records

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"slices"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

// Refused is a row that cannot be imported, with the reason and what to do about it.
type Refused struct {
	Number int      `json:"row"`
	Field  string   `json:"column,omitempty"`
	Reason string   `json:"reason"`
	Cells  []string `json:"-"` // as they stand in the file
}

// ByRow orders refused rows as they stand in their file.
func ByRow(a, b Refused) int { return cmp.Compare(a.Number, b.Number) }

// Refuse makes the refusal of a row from what is wrong with it.
func Refuse(number int, cells []string, err error) Refused {
	refused := Refused{Number: number, Reason: err.Error(), Cells: cells}
	if f, known := fault.From(err); known {
		refused.Field = f.Field
		refused.Reason = f.Message
		if f.Cure != "" {
			refused.Reason += " " + f.Cure
		}
	}
	return refused
}

// ReasonCount is how many rows have one reason.
type ReasonCount struct {
	Field  string `json:"column,omitempty"`
	Reason string `json:"reason"`
	Rows   int    `json:"rows"`
}

// particular matches what differs in a reason from row to row: the value, and the numbers of rows and columns.
var particular = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\b(?:[Rr]ows?|has|lines) \d+(?: to \d+)?`)

// inGeneral is a reason without what differs in it from row to row.
func inGeneral(reason string) string {
	return particular.ReplaceAllStringFunc(reason, func(part string) string {
		if part[0] == '"' {
			return "“…”"
		}
		return digits.ReplaceAllString(part, "…")
	})
}

var digits = regexp.MustCompile(`\d+`)

// CountReasons counts rows by reason, the most frequent first.
func CountReasons(rows []Refused) []ReasonCount {
	counts := []ReasonCount{}
	for _, row := range rows {
		reason := inGeneral(row.Reason)
		at := slices.IndexFunc(counts, func(c ReasonCount) bool { return c.Field == row.Field && c.Reason == reason })
		if at < 0 {
			at = len(counts)
			counts = append(counts, ReasonCount{Field: row.Field, Reason: reason})
		}
		counts[at].Rows++
	}
	slices.SortStableFunc(counts, func(a, b ReasonCount) int { return cmp.Compare(b.Rows, a.Rows) })
	return counts
}

const reasonHeading = "Reason"

// HasRefused reports whether a file has refused rows that WriteRefused wrote.
func HasRefused(file io.Reader) bool {
	const first = sheet.ByteOrderMark + reasonHeading + ","
	begins := make([]byte, len(first))
	_, err := io.ReadFull(file, begins)
	return err == nil && string(begins) == first
}

// WriteRefused writes the refused rows as a CSV file that can be mended and imported: the reason, then the columns
// as they stand in the file that was read. A file without a heading gets one.
func WriteRefused(to io.Writer, heading []string, list []Refused) error {
	if _, err := io.WriteString(to, sheet.ByteOrderMark); err != nil {
		return fmt.Errorf("write refused rows: %w", err)
	}
	rows := csv.NewWriter(to)
	_ = rows.Write(append([]string{reasonHeading}, heading...)) // Flush keeps the error
	for _, refused := range list {
		reason := refused.Reason
		if refused.Field != "" {
			reason = refused.Field + ": " + reason
		}
		_ = rows.Write(append([]string{reason}, sheet.SafeRow(refused.Cells...)...))
	}
	rows.Flush()
	if err := rows.Error(); err != nil {
		return fmt.Errorf("write refused rows: %w", err)
	}
	return nil
}
