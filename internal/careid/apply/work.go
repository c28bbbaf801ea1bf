package apply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"signpost/internal/careid/apply/document"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
)

// Check is the job in which a service looks at an application that was submitted.
type Check struct{ Application string }

// Kind names the job.
func (Check) Kind() string { return "apply.check" }

// SweepJob is the periodic job that forgets applications, and what they were made of.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "apply.sweep" }

// Work registers the jobs of a desk.
func (d *Desk) Work(ws *job.Workers) {
	job.Work(ws, d.check)
	job.Work(ws, d.inviteFile)
	parts := db.Sweep{Table: "application_part", Key: "application, step", Over: "over_at"}
	applications := db.Sweep{Table: "application", Key: "id", Over: "over_at"}
	rows := db.Sweep{Table: "application_row", Key: "file, number", Over: "over_at"}
	files := db.Sweep{Table: "application_file", Key: "id", Over: "over_at"}
	job.Forget(ws, SweepJob{}, job.Sweeper{
		DB: d.DB, Event: eventSwept, Tables: []db.Sweep{parts, applications, rows, files},
	})
}

const findingsStep = "findings"

// check has the service look at an application, and keeps what it would refuse for the person who decides. One that
// somebody decided meanwhile is left alone.
func (d *Desk) check(ctx context.Context, j Check) error {
	if d.Checker == nil {
		return nil // there is no service any more
	}
	e, err := db.Read(ctx, d.DB, func(r db.R) (document.Evidence, error) { return d.evidence(ctx, r, j.Application) })
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	found, err := d.Checker.Check(ctx, e)
	if err == nil {
		err = found.Check()
	}
	if err != nil {
		return fmt.Errorf("have application checked: %w", err)
	}
	text, err := json.Marshal(found)
	if err != nil {
		return fmt.Errorf("keep findings: %w", err)
	}
	return d.DB.Update(ctx, actor.ForJob(j.Kind(), j.Application), func(w *db.W) error {
		a, err := ByID(ctx, w, j.Application)
		if err != nil || a.State != Submitted {
			return err
		}
		if err := d.putPart(ctx, w, a, findingsStep, text); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventChecked, Subject: Ref(a.ID), After: found})
	})
}

// evidence gathers what a service looks at; fault.NotFound once the application waits for nobody.
func (d *Desk) evidence(ctx context.Context, r db.R, id string) (e document.Evidence, err error) {
	a, err := ByID(ctx, r, id)
	if err != nil {
		return e, err
	}
	if a.State != Submitted {
		return e, fault.NotFound
	}
	p, err := d.progress(ctx, r, a)
	if err != nil {
		return e, err
	}
	e = document.Evidence{
		Application: a.Number, Invited: a.Name(), GivenName: p.Answers.GivenName, MiddleNames: p.Answers.MiddleNames,
		FamilyName: p.Answers.FamilyName, BirthDate: string(p.BirthDate), Documents: p.Documents,
		Pictures: map[document.Shot][]byte{},
	}
	for _, s := range p.Sent {
		if e.Pictures[s], err = d.picture(ctx, r, id, s); err != nil {
			return e, err
		}
	}
	return e, nil
}

// Findings gives what a service would refuse of an application; nothing where none has looked.
func (d *Desk) Findings(ctx context.Context, r db.R, id string) (found document.Refusals, err error) {
	text, err := d.part(ctx, r, id, findingsStep)
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &found)
	}
	return found, err
}
