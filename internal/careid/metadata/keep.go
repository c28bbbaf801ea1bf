package metadata

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// The kinds of events that this package records.
const (
	eventImported audit.Kind = "metadata.imported"
	eventJudged   audit.Kind = "metadata.judged"
)

// Issue is the issue that is kept.
type Issue struct {
	Number     int64
	NextUpdate time.Time
	Imported   time.Time
}

// Overdue reports whether the next issue should have come by a time.
func (i Issue) Overdue(now time.Time) bool { return now.After(i.NextUpdate.AddDate(0, 0, 1)) }

// Current gives the issue that is kept, or fault.NotFound.
func Current(ctx context.Context, r db.R) (Issue, error) {
	i, err := db.One(ctx, r, func(scan db.Scanner) (i Issue, err error) {
		err = scan(&i.Number, db.At(&i.NextUpdate), db.At(&i.Imported))
		return i, err
	}, `SELECT number, next_update, imported_at FROM metadata_issue`)
	if err != nil {
		return i, fmt.Errorf("read which metadata is kept: %w", err)
	}
	return i, nil
}

// Of gives what is published about a model, by its AAGUID, or fault.NotFound.
func Of(ctx context.Context, r db.R, aaguid string) (Model, error) {
	text, err := db.Value[string](ctx, r, `SELECT entry FROM metadata_model WHERE aaguid = $1`, aaguid)
	if err == nil && text == "" { // the newest issue has it no more
		err = fault.NotFound
	}
	if err != nil {
		return Model{}, fmt.Errorf("read metadata of %s: %w", aaguid, err)
	}
	return parse(json.RawMessage(text))
}

// Saved says what an issue changed.
type Saved struct{ New, Changed, Gone int }

// MayFollow refuses an issue that came before the one that is kept.
func MayFollow(ctx context.Context, r db.R, b Blob) error {
	current, err := Current(ctx, r)
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	if err == nil && b.Number < current.Number {
		return fault.SayCure(fault.Conflict, fmt.Sprintf("A newer issue is here already: number %d.", current.Number),
			"Fetch the newest one.")
	}
	return err
}

// The level at which a model was last judged, where it was not judged since it changed.
const unjudged = -1

const (
	deleteIssue = `DELETE FROM metadata_issue`
	insertIssue = `INSERT INTO metadata_issue (number, next_update, imported_at) VALUES ($1, $2, $3)`
	putModel    = `INSERT INTO metadata_model (aaguid, entry, judged) VALUES ($1, $2, $3)
		ON CONFLICT (aaguid) DO UPDATE SET entry = $2, judged = $3`
)

// Save keeps an issue in the place of the one before, and says what is different. What a model is worth now is to be
// judged after it.
func Save(ctx context.Context, w *db.W, b Blob) (s Saved, err error) {
	if err := MayFollow(ctx, w, b); err != nil {
		return s, err
	}
	before, err := texts(ctx, w)
	if err != nil {
		return s, err
	}
	for _, m := range b.Models {
		was, there := before[m.AAGUID()]
		delete(before, m.AAGUID())
		switch {
		case !there || was == "":
			s.New++
		case !bytes.Equal([]byte(was), m.text):
			s.Changed++
		default:
			continue
		}
		if err := put(ctx, w, m.AAGUID(), string(m.text)); err != nil {
			return s, err
		}
	}
	for aaguid, was := range before {
		if was == "" {
			continue
		}
		s.Gone++
		if err := put(ctx, w, aaguid, ""); err != nil {
			return s, err
		}
	}
	if _, err := w.Exec(ctx, deleteIssue); err != nil {
		return s, fmt.Errorf("forget the issue before: %w", err)
	}
	if _, err := w.Exec(ctx, insertIssue, b.Number, b.NextUpdate, w.Now()); err != nil {
		return s, fmt.Errorf("note which metadata is kept: %w", err)
	}
	subject := audit.Ref{Kind: "metadata", ID: strconv.FormatInt(b.Number, 10)}
	return s, w.Record(ctx, audit.Event{Kind: eventImported, Subject: subject, After: s})
}

func put(ctx context.Context, w *db.W, aaguid, text string) error {
	if _, err := w.Exec(ctx, putModel, aaguid, text, unjudged); err != nil {
		return fmt.Errorf("keep metadata of %s: %w", aaguid, err)
	}
	return nil
}

// texts gives what is kept of each model, by AAGUID; empty for one that went.
func texts(ctx context.Context, r db.R) (map[string]string, error) {
	type row struct{ aaguid, text string }
	list, err := db.All(ctx, r, func(scan db.Scanner) (one row, err error) {
		err = scan(&one.aaguid, &one.text)
		return one, err
	}, `SELECT aaguid, entry FROM metadata_model`)
	if err != nil {
		return nil, fmt.Errorf("read what metadata is kept: %w", err)
	}
	all := map[string]string{}
	for _, one := range list {
		all[one.aaguid] = one.text
	}
	return all, nil
}

// Verdict is how highly a model is certified now, where that is not what it was when it was last judged.
type Verdict struct {
	AAGUID    string
	Certified int
}

// Due lists the models of which something else is true at a time than when they were last judged: their entry changed,
// or a status began or ended.
func Due(ctx context.Context, r db.R, at time.Time) (due []Verdict, err error) {
	type row struct {
		aaguid, text string
		judged       int64
	}
	list, err := db.All(ctx, r, func(scan db.Scanner) (one row, err error) {
		err = scan(&one.aaguid, &one.text, &one.judged)
		return one, err
	}, `SELECT aaguid, entry, judged FROM metadata_model ORDER BY aaguid`)
	if err != nil {
		return nil, fmt.Errorf("read what metadata is kept: %w", err)
	}
	for _, one := range list {
		v := Verdict{AAGUID: one.aaguid}
		if one.text != "" {
			m, err := parse(json.RawMessage(one.text))
			if err != nil {
				return nil, err
			}
			v.Certified = m.Certified(at)
		}
		if int64(v.Certified) != one.judged {
			due = append(due, v)
		}
	}
	return due, nil
}

const (
	noteJudged = `UPDATE metadata_model SET judged = $2 WHERE aaguid = $1`
	forgetGone = `DELETE FROM metadata_model WHERE aaguid = $1 AND entry = ''`
)

// Judged notes that the credentials of a model were judged by a verdict.
func Judged(ctx context.Context, w *db.W, v Verdict) error {
	if _, err := w.Exec(ctx, noteJudged, v.AAGUID, v.Certified); err != nil {
		return fmt.Errorf("note verdict on %s: %w", v.AAGUID, err)
	}
	if _, err := w.Exec(ctx, forgetGone, v.AAGUID); err != nil {
		return fmt.Errorf("forget %s: %w", v.AAGUID, err)
	}
	return w.Record(ctx, audit.Event{Kind: eventJudged, Subject: audit.Ref{Kind: "model", ID: v.AAGUID},
		After: map[string]any{"certified": v.Certified}})
}
