// Package batch does one thing to many people, whom somebody names in a file or a list: give them a position, change
// its dates, or end it.
//
// A batch is looked at first, row by row, by doing and undoing each; then somebody else approves it, and a job does it.
// Each row goes through the guard of the same act on one person, asked at that moment.
package batch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

// The kinds of events that this package records.
const (
	eventApproved  audit.Kind = "batch.approved"
	eventDone      audit.Kind = "batch.done"
	eventLooked    audit.Kind = "batch.looked-at"
	eventMade      audit.Kind = "batch.made"
	eventRejected  audit.Kind = "batch.rejected"
	eventResumed   audit.Kind = "batch.resumed"
	eventRow       audit.Kind = "batch.row"
	eventSent      audit.Kind = "batch.sent"
	eventStopped   audit.Kind = "batch.stopped"
	eventSwept     audit.Kind = "batch.swept"
	eventUndoing   audit.Kind = "batch.undo-begun"
	eventUndone    audit.Kind = "batch.undone"
	eventWithdrawn audit.Kind = "batch.withdrawn"
)

const (
	maxOpen = 20 // batches of one person that are neither done nor given up
	lasts   = 90 * 24 * time.Hour
)

// Desk keeps and does batches.
type Desk struct {
	DB  *db.DB
	Box *seal.Box
}

// State says how far a batch is.
type State string

// The states of a batch.
const (
	Looking   State = "looking" // its rows are being looked at
	Looked    State = "looked-at"
	Waiting   State = "waiting" // for somebody else to approve it
	Rejected  State = "rejected"
	Withdrawn State = "withdrawn"
	Doing     State = "doing"
	Stopped   State = "stopped"
	Done      State = "done"
	Undoing   State = "undoing"
	Undone    State = "undone"
)

// Works reports whether a job works on the batch.
func (s State) Works() bool { return s == Looking || s == Doing || s == Undoing }

// Batch is one thing to do to many people.
type Batch struct {
	ID           string
	Act          Act
	Position     string // its id
	Organisation string // ODS code of the position's
	During       registration.Dates
	Reason       string
	Heading      []string // of its rows, as they were sent
	State        State
	By           string // number of the care identity of whoever made it
	Made         time.Time
	DecidedBy    string
	Decided      time.Time
	Notes        string // of whoever decided
	Swapped      bool   // its maker approved one of whoever approved it, within 30 days
	UndoneBy     string
}

// Ref names a batch in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "batch", ID: id} }

// New is a batch that somebody asks for.
type New struct {
	Act      Act
	Position string
	During   registration.Dates
	Reason   string
	People   People
}

var (
	errAct      = fault.OfField("act", "Select what is to be done")
	errPosition = fault.OfField("position", "Select the position")
	errTwo      = fault.SayOfField("position", fault.Conflict,
		"This position gives a job at a registration authority. Give it, change it and end it on the page of each "+
			"person")
	errEnds = fault.OfField("ends", "The last day must be after the start date, and not in the past")
	errMany = fault.SayOfField("act", fault.TooMany,
		"You have 20 batches that are not done. Withdraw those that are not needed any more")
)

// Make keeps a batch and has its rows looked at. Nothing is done yet.
func (d *Desk) Make(ctx context.Context, by actor.Actor, n New) (id string, err error) {
	if _, is := acts[n.Act]; !is {
		return "", errAct
	}
	reason, err := access.Reason("why", n.Reason, "Enter why")
	if err != nil {
		return "", err
	}
	return db.Write(ctx, d.DB, by, func(w *db.W) (string, error) {
		p, err := requirePosition(ctx, w, n.Position)
		if err != nil {
			return "", err
		}
		ends := n.During.Ends
		if n.Act != End && !ends.IsZero() && !n.During.Begins(w.Now()).Before(ends) {
			return "", errEnds
		}
		open, err := db.Value[int64](ctx, w, countOpen, w.Actor().ID)
		if err != nil {
			return "", err
		}
		if open >= maxOpen {
			return "", errMany
		}
		b := Batch{ID: random.ID(), Act: n.Act, Position: p.ID, Organisation: p.Organisation, During: n.During,
			Reason: reason, Heading: n.People.heading}
		return b.ID, d.keep(ctx, w, b, n.People.rows)
	})
}

const countOpen = `SELECT COUNT(*) FROM batch WHERE made_by = $1
	AND state IN ('looking', 'looked-at', 'waiting', 'doing', 'stopped')`

// requirePosition refuses whoever may not do batches where a position is held, and one that takes two people.
func requirePosition(ctx context.Context, w *db.W, id string) (p access.Position, err error) {
	p, err = access.PositionByID(ctx, w, id)
	if errors.Is(err, fault.NotFound) {
		return p, errPosition
	}
	if err != nil {
		return p, err
	}
	if err := require(ctx, w, access.Ref(id), p.Organisation); err != nil {
		return p, err
	}
	jobs, err := officer.JobsFor(ctx, w, p)
	if err == nil && len(jobs) > 0 {
		err = errTwo
	}
	return p, err
}

func require(ctx context.Context, w *db.W, about audit.Ref, organisation string) error {
	_, err := officer.Require(ctx, w, officer.Asked{
		Act: permission.AssignBatch, About: about, At: []string{organisation},
	})
	return err
}

const (
	insertBatch = `INSERT INTO batch (id, act, position, organisation, starts_at, ends_at, reason, heading, state,
		made_by, made_at, decided_by, notes, swapped, undone_by, over_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'looking', $9, $10, '', '', FALSE, '', $11)`
	insertRow = `INSERT INTO batch_row (batch, number, sealed, uuid, state, problem, made, over_at)
		VALUES ($1, $2, $3, '', 'unread', '', '', $4)`
)

func (d *Desk) keep(ctx context.Context, w *db.W, b Batch, rows []sent) error {
	over := w.Now().Add(lasts)
	heading, err := json.Marshal(b.Heading)
	if err == nil {
		_, err = w.Exec(ctx, insertBatch, b.ID, string(b.Act), b.Position, b.Organisation, b.During.Starts,
			b.During.Ends, b.Reason, string(heading), w.Actor().ID, w.Now(), over)
	}
	if err != nil {
		return fmt.Errorf("keep batch: %w", err)
	}
	for _, row := range rows {
		text, err := json.Marshal(row)
		if err == nil {
			err = w.Soon(ctx, insertRow, b.ID, row.Number, d.Box.Seal(text, sealedAs(b.ID, row.Number)), over)
		}
		if err != nil {
			return fmt.Errorf("keep row of batch: %w", err)
		}
	}
	if err := w.Enqueue(ctx, Work{Batch: b.ID}); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventMade, Subject: Ref(b.ID), Reason: b.Reason, After: map[string]any{
		"act": b.Act, "position": b.Position, "rows": len(rows),
	}})
}

func sealedAs(batch string, number int) string { return fmt.Sprintf("batch_row/%s/%d", batch, number) }

const selectBatch = `SELECT id, act, position, organisation, starts_at, ends_at, reason, heading, state, made_by,
	made_at, decided_by, decided_at, notes, swapped, undone_by FROM batch`

func scanBatch(scan db.Scanner) (b Batch, err error) {
	var heading string
	err = scan(&b.ID, &b.Act, &b.Position, &b.Organisation, db.At(&b.During.Starts), db.At(&b.During.Ends), &b.Reason,
		&heading, &b.State, &b.By, db.At(&b.Made), &b.DecidedBy, db.At(&b.Decided), &b.Notes, &b.Swapped, &b.UndoneBy)
	if err == nil {
		err = json.Unmarshal([]byte(heading), &b.Heading)
	}
	return b, err
}

func byID(ctx context.Context, r db.R, id string) (Batch, error) {
	b, err := db.One(ctx, r, scanBatch, selectBatch+` WHERE id = $1`, id)
	if err != nil {
		return b, fmt.Errorf("read batch: %w", err)
	}
	return b, nil
}

// One reads a batch for somebody with some jobs; fault.NotFound for those who may do no batches where it is done.
func One(ctx context.Context, r db.R, l officer.List, id string) (b Batch, err error) {
	if b, err = byID(ctx, r, id); err != nil {
		return b, err
	}
	may, err := l.MayAt(ctx, r, permission.AssignBatch, b.Organisation, permission.Yes)
	if err == nil && !may {
		err = fault.NotFound
	}
	return b, err
}

// maxListed is how many batches are listed, the newest.
const maxListed = 100

// List lists the newest batches of organisations that somebody with some jobs does batches for.
func List(ctx context.Context, r db.R, l officer.List) ([]Batch, error) {
	var codes []string
	for _, o := range l.Jobs {
		if l.Rules.Of(o.Job, permission.AssignBatch) != permission.Yes {
			continue
		}
		served, err := hosting.Served(ctx, r, o.Organisation)
		if err != nil {
			return nil, err
		}
		for _, one := range served {
			codes = append(codes, one.Code)
		}
	}
	if len(codes) == 0 {
		return nil, nil
	}
	var args db.Arguments
	where := ` WHERE organisation IN (` + db.AddEach(&args, codes) + `)`
	list, err := db.All(ctx, r, scanBatch, selectBatch+where+fmt.Sprintf(
		` ORDER BY made_at DESC, id DESC LIMIT %d`, maxListed), args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list batches: %w", err)
	}
	return list, nil
}
