// Package byfile answers the questions of a directory that came in a file, where the two sides cannot reach each other.
package byfile

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"

	"signpost/internal/careid/extract"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

var columns = sheet.Options{Columns: []string{"ref", "email"}, Optional: []string{"subject"}}

// ErrRow is given where a row of a file is not a question. It says which row, and what is wrong.
var ErrRow = errors.New("a row is not a question")

// Read reads the questions of a file. One that cannot be read refuses the file, as a program wrote it.
func Read(file *sheet.File) ([]wire.Question, error) {
	rows, err := file.Open(columns)
	if err != nil {
		return nil, err
	}
	var list []wire.Question
	seen := map[string]int{}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = row.Refused
		}
		if err != nil {
			return nil, err
		}
		q, err := wire.QuestionIn(row.Get)
		if err != nil {
			return nil, fmt.Errorf("%w: row %d: %w", ErrRow, row.Number, err)
		}
		if first := seen[q.Ref]; first > 0 {
			return nil, fmt.Errorf("%w: row %d has the ref of row %d", ErrRow, row.Number, first)
		}
		seen[q.Ref] = row.Number
		list = append(list, q)
	}
	if len(list) == 0 {
		return nil, fault.Say(fault.Invalid, "There are no questions in the file.")
	}
	return list, nil
}

// Answer answers questions into a file, and has each set of them recorded as questions over HTTP are.
func Answer(ctx context.Context, e *extract.Extract, by actor.Actor, questions []wire.Question, to io.Writer) error {
	out := csv.NewWriter(to)
	if err := out.Write(wire.AnswerColumns()); err != nil {
		return fmt.Errorf("write answers: %w", err)
	}
	for some := range slices.Chunk(questions, wire.MaxBatch) {
		response, err := e.AnswerFor(ctx, by, wire.Request{Version: wire.Version, Questions: some})
		if err != nil {
			return err
		}
		for _, a := range response.Answers {
			if err := out.Write(sheet.SafeRow(a.Row()...)); err != nil {
				return fmt.Errorf("write answers: %w", err)
			}
		}
	}
	out.Flush()
	return out.Error()
}
