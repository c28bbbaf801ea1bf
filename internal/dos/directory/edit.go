package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// The kinds of events that this package records.
const (
	eventServiceChangeRefused audit.Kind = "service.change-refused"
	// ServiceChanged is the kind of the event of a change of a service's record.
	ServiceChanged audit.Kind = "service.changed"
)

// Limits on a capacity (reference, directory of services §2.4).
const (
	maxNotes        = 900
	maxCapacityTime = 120 * time.Hour
)

// SetCapacity records how much a service can take, and for how long; zero means until it is changed again. It
// returns fault.Conflict if somebody has changed the capacity since the version that was seen.
func SetCapacity(ctx context.Context, d *db.DB, by actor.Actor, id string, to Capacity, notes string,
	duration time.Duration, seen Version) error {
	if err := checkCapacity(to, notes, duration); err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		s, err := editable(ctx, w, id, account.EditCapacity)
		if err != nil {
			return err
		}
		if changedSince(seen, s.Capacity.Version()) && (s.Capacity.Status != to || s.Capacity.Notes != notes) {
			return fault.SayCure(fault.Conflict, s.Capacity.By+" changed the capacity while you were writing.",
				"Look at what it is now, and save again if yours is right.")
		}
		return setCapacity(ctx, w, s,
			CapacityNow{Status: to, Notes: notes, At: w.Now(), Until: endOf(w.Now(), duration)})
	})
}

// checkCapacity says all that is wrong with a capacity, each of its own field.
func checkCapacity(to Capacity, notes string, duration time.Duration) error {
	var problems []error
	if to != Green && to != Amber && to != Red {
		problems = append(problems, fault.OfField("status", "Choose green, amber or red"))
	}
	if len([]rune(notes)) > maxNotes {
		problems = append(problems, fault.OfField("notes", "Enter notes of 900 characters or less"))
	}
	if duration < 0 || duration > maxCapacityTime {
		problems = append(problems, fault.OfField("lasts", "Choose a time of up to 5 days"))
	}
	return errors.Join(problems...)
}

// editable reads a service that the actor may change. An attempt that is not allowed is recorded as an event.
func editable(ctx context.Context, w *db.W, id string, p account.Permission) (Service, error) {
	reach, err := account.WidenedReachOf(ctx, w, p) // first, so that nobody learns which services there are
	if err != nil {
		return Service{}, refuse(ctx, w, id, err)
	}
	s, err := ByID(ctx, w, id)
	if err != nil {
		return s, err
	}
	within, err := Within(ctx, w, reach, s)
	if err == nil && !within {
		return s, refuse(ctx, w, id, Outside(reach))
	}
	return s, err
}

func changedSince(seen, now Version) bool { return seen != "" && seen != now }

// refuse records an event if err says that the actor may not change the service.
func refuse(ctx context.Context, w *db.W, id string, err error) error {
	if !errors.Is(err, fault.Forbidden) {
		return err
	}
	return w.Refuse(ctx, audit.Event{Kind: eventServiceChangeRefused, Subject: Ref(id)}, err)
}

func endOf(now time.Time, duration time.Duration) time.Time {
	if duration == 0 {
		return time.Time{}
	}
	return now.Add(duration)
}

const updateCapacity = `UPDATE service
	SET capacity = $2, capacity_notes = $3, capacity_at = $4, capacity_by = $5, capacity_until = $6, changed_at = $4
	WHERE id = $1`

func setCapacity(ctx context.Context, w *db.W, s Service, to CapacityNow) error {
	if err := w.Change(ctx, updateCapacity, s.ID, string(to.Status), to.Notes, w.Now(), w.Actor().Name,
		to.Until); err != nil {
		return fmt.Errorf("set capacity: %w", err)
	}
	return recordChange(ctx, w, s.ID, "Capacity", s.Capacity.historyText(), to.historyText())
}

// SetHours replaces the weekly hours of a service. It returns fault.Conflict if somebody has changed the hours
// since the version that was seen.
func SetHours(ctx context.Context, d *db.DB, by actor.Actor, id string, to Week, allHours bool, seen Version) error {
	return d.Update(ctx, by, func(w *db.W) error {
		s, err := editable(ctx, w, id, account.EditService)
		if err != nil {
			return err
		}
		if s.Hours.String() == to.String() && s.AllHours == allHours {
			return nil
		}
		if changedSince(seen, s.HoursVersion()) {
			return fault.SayCure(fault.Conflict, "Somebody changed the opening hours while you were writing.",
				"Look at what they are now, and save again if yours are right.")
		}
		if err := w.Change(ctx, `UPDATE service SET hours = $2, all_hours = $3, changed_at = $4 WHERE id = $1`, id,
			to.String(), allHours, w.Now()); err != nil {
			return fmt.Errorf("set hours: %w", err)
		}
		before, after := hoursChange(s, Service{Hours: to, AllHours: allHours})
		return recordChange(ctx, w, id, "Opening hours", before, after)
	})
}

// hoursChange describes a change of hours for the history, before and after. It names only the days that differ.
func hoursChange(before, after Service) (string, string) {
	everyDay := before.AllHours != after.AllHours
	text := func(s Service) string {
		if s.AllHours {
			return "Open all hours"
		}
		var days []string
		for i, day := range s.Hours {
			if !everyDay && slices.Equal(before.Hours[i], after.Hours[i]) {
				continue
			}
			hours := FormatDay(day)
			if hours == "" {
				hours = "closed"
			}
			days = append(days, DayNames[i]+" "+hours)
		}
		return strings.Join(days, "; ")
	}
	return text(before), text(after)
}

const insertHistory = `INSERT INTO service_history (id, service_id, field, before, after, changed_by,
	changed_by_kind, changed_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

func addHistory(ctx context.Context, w *db.W, id, field, before, after string) error {
	by := w.Actor()
	_, err := w.Exec(ctx, insertHistory, random.ID(), id, field, before, after, by.Name, string(by.Kind), w.Now())
	if err != nil {
		return fmt.Errorf("keep history: %w", err)
	}
	return nil
}

// recordChange writes the change of one field to the service's history and to the audit, and numbers it.
func recordChange(ctx context.Context, w *db.W, id, field, before, after string) error {
	if err := addHistory(ctx, w, id, field, before, after); err != nil {
		return err
	}
	if err := w.Record(ctx, audit.Event{
		Kind:    ServiceChanged,
		Subject: Ref(id),
		Before:  map[string]string{field: before},
		After:   map[string]string{field: after},
	}); err != nil {
		return err
	}
	_, err := Changed(ctx, w)
	return err
}

// HistoryEntry is one change of one field.
type HistoryEntry struct {
	Field, Before, After, By string
	At                       time.Time
}

// History lists the changes of a service, the newest first: at most limit of them after the first skip, and how many
// there are in all.
func History(ctx context.Context, r db.R, id string, skip, limit int) (list []HistoryEntry, total int, err error) {
	count := db.Ask(db.Column[int], `SELECT COUNT(*) FROM service_history WHERE service_id = $1`, id)
	changes := db.Ask(func(scan db.Scanner) (p HistoryEntry, err error) {
		err = scan(&p.Field, &p.Before, &p.After, &p.By, db.At(&p.At))
		return p, err
	}, `SELECT field, before, after, changed_by, changed_at FROM service_history WHERE service_id = $1
		ORDER BY changed_at DESC, id DESC LIMIT $2 OFFSET $3`, id, limit, skip)
	if err := db.Together(ctx, r, count, changes); err != nil {
		return nil, 0, fmt.Errorf("read history: %w", err)
	}
	total, err = count.One()
	return changes.All(), total, err
}
