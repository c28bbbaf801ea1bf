package report

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"signpost/internal/dos/rollout/readiness"
)

// Options say where to write a report and what it says of itself.
type Options struct {
	Folder string // is made where it is not there
	Now    time.Time
	Before *Before // an earlier report to compare with; nil is none
}

// Written is what was written.
type Written struct {
	Summary Summary
	Changes *Changes // nil where there was nothing to compare with
	Files   []string // paths within the folder
}

// Write writes the report of a result: people.csv, mail-merge.csv, a list for each registration authority and each
// organisation, readiness.json, and readiness.html for people. With an earlier report it writes changes.csv, and with
// refused rows refused.csv. Those of an earlier report in the folder go, so that nobody works by a list of before.
func Write(r *readiness.Result, o Options) (Written, error) {
	if err := os.MkdirAll(o.Folder, 0o750); err != nil {
		return Written{}, fmt.Errorf("make the folder of the report: %w", err)
	}
	if err := clearReport(o.Folder); err != nil {
		return Written{}, err
	}
	w := &writer{folder: folder{path: o.Folder}, result: r, days: &days{today: o.Now}}
	record := Record{Version: recordVersion, Generated: o.Now.UTC().Truncate(time.Second), Summary: Summarise(r, o.Now)}
	for _, p := range r.People {
		record.People = append(record.People, w.line(p))
	}
	if o.Before != nil {
		record.Changes = o.Before.compare(record.People)
	}
	err := w.all(record)
	return Written{Summary: record.Summary, Changes: record.Changes, Files: w.written}, err
}

func (w *writer) all(record Record) error {
	page := w.page(record)
	steps := []func() error{
		func() error {
			return w.write("readiness.html", func(out io.Writer) error {
				return readinessPage(page).Render(context.Background(), out)
			})
		},
		w.people, w.mailMerge, w.workLists,
		func() error { return w.record(record) },
	}
	if record.Changes != nil {
		steps = append(steps, func() error { return w.changes(record.Changes) })
	}
	if len(w.result.Accounts.Refused)+len(w.result.Identities.Refused) > 0 {
		steps = append(steps, w.refused)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) refused() error {
	return w.table("refused.csv", refusedHeading, func(row func(...string) error) error {
		for _, list := range []struct {
			name    string
			refused []readiness.Refused
		}{{"accounts", w.result.Accounts.Refused}, {"identities", w.result.Identities.Refused}} {
			for _, one := range list.refused {
				if err := row(list.name, itoa(one.Row), one.Reason); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
