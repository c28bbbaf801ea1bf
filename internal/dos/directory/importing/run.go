package importing

import (
	"context"
	"io"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/db"
	"signpost/internal/platform/records"
)

// Run is one import.
type Run = records.Run

// Plan says what an import would change.
type Plan = records.Plan

// UndoResult says what an undo did.
type UndoResult = records.UndoResult

// source is what the format's records are written as.
func (f Format) source() records.Source {
	return records.Source{Kind: f.Kind, Name: f.Name, Table: f.table}
}

// Imports are those of the directory.
func Imports() records.Imports {
	i := records.Imports{Changed: func(ctx context.Context, w *db.W) error {
		_, err := directory.Changed(ctx, w)
		return err
	}}
	for _, f := range Formats {
		i.Sources = append(i.Sources, f.source())
	}
	return i
}

// Compare compares the accepted rows with the records that are there.
func Compare(ctx context.Context, r db.R, f Format, rows []Accepted) (Plan, error) {
	return records.Compare(ctx, r, f.table, wanted(rows))
}

// IntoNothing compares the accepted rows with a directory that is not there yet.
func IntoNothing(rows []Accepted) Plan { return records.IntoNothing(wanted(rows)) }

func wanted(rows []Accepted) []records.Wanted {
	list := make([]records.Wanted, 0, len(rows))
	for _, row := range rows {
		list = append(list, records.Wanted{Key: row.Key, Record: row.Record, Before: row.before})
	}
	return list
}

// Apply stages the plan's changes, writes them in chunks under one import id, and returns that id; it is empty if
// there is nothing to change. Chunks written before an interruption stay, and Resume continues from there. staged and
// written are told how far it has come.
func Apply(ctx context.Context, d *db.DB, f Format, p Plan, staged, written func(done, total int)) (string, error) {
	return Imports().Apply(ctx, d, f.source(), p, staged, written)
}

// Resume writes the records that an import has staged and not yet written.
func Resume(ctx context.Context, d *db.DB, id string, progress func(done, total int)) error {
	return Imports().Resume(ctx, d, id, progress)
}

// Undo restores the records that were there before an import, except those that were changed after it, the last one
// first. An undo that was interrupted can be run again.
func Undo(ctx context.Context, d *db.DB, id string, progress func(done, total int)) (UndoResult, error) {
	return Imports().Undo(ctx, d, id, progress)
}

// Runs lists the imports, the newest first, at most limit of them.
func Runs(ctx context.Context, r db.R, limit int) ([]Run, error) {
	return Imports().Runs(ctx, r, limit)
}

// LastOf gives when the last import of a kind of records was finished; zero if there was none.
func LastOf(ctx context.Context, r db.R, kind string) (time.Time, error) {
	return records.LastOf(ctx, r, kind)
}

// WriteRefused writes the refused rows as a CSV file that can be mended and imported: the reason, then the columns
// as they stand in the file that was read. A file without a heading gets one.
func (r Reading) WriteRefused(to io.Writer) error {
	return records.WriteRefused(to, r.heading, r.Refused)
}
