package request

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/db"
)

// swapWithin is how far back it counts that two people decide for each other.
const swapWithin = 30 * 24 * time.Hour

const countSwapped = `SELECT COUNT(*) FROM ra_request WHERE state = 'completed' AND decided_at > $1
	AND decided_by <> '' AND decided_by IN ($2, $3) AND (asked_by = $4 OR subject = $4)`

// Swapped reports whether somebody who decides a request had something that they asked for, or that was about
// themselves, approved within 30 days by the one who asks, or whom the request is about.
func Swapped(ctx context.Context, r db.R, q Request, decider string) (bool, error) {
	n, err := db.Value[int64](ctx, r, countSwapped, r.Now().Add(-swapWithin), q.AskedBy, q.Subject.UUID, decider)
	if err != nil {
		return false, fmt.Errorf("count approvals in return: %w", err)
	}
	return n > 0, nil
}

// Order says how a list is sorted.
type Order string

// The orders of a list.
const (
	ByDue   Order = ""      // the most urgent first
	ByAsked Order = "asked" // the newest first
)

// Filter chooses requests. What is not said does not count.
type Filter struct {
	Organisations []string // any of them; nil for all
	AskedBy       string   // number of a care identity
	About         string   // number of a care identity
	Kind          Kind
	Open          bool      // those that wait for a decision; the others otherwise
	Any           bool      // both
	Since         time.Time // when those that were decided were decided, or later
	NotOf         string    // number of a care identity that neither asked for them nor is whom they are about
	Order         Order
}

// where gives the condition of the filter.
func (f Filter) where(a *db.Arguments) string {
	text := ` WHERE 1 = 1`
	add := func(condition string, value any) { text += ` AND ` + condition + a.Add(value) }
	if f.Organisations != nil {
		text += ` AND organisation IN (` + db.AddEach(a, f.Organisations) + `)`
	}
	if f.AskedBy != "" {
		add(`asked_by = `, f.AskedBy)
	}
	if f.About != "" {
		add(`subject = `, f.About)
	}
	if f.Kind != "" {
		add(`kind = `, string(f.Kind))
	}
	if f.NotOf != "" {
		add(`asked_by <> `, f.NotOf)
		add(`subject <> `, f.NotOf)
	}
	switch {
	case f.Any && !f.Since.IsZero():
		add(`(decided_at IS NULL OR decided_at >= `, f.Since)
		text += `)`
	case f.Any:
	case f.Open:
		text += ` AND state = 'open'`
	default:
		add(`state <> 'open' AND decided_at >= `, f.Since)
	}
	return text
}

func (f Filter) order() string {
	switch {
	case f.Any || f.Order == ByAsked: // those that wait have no time of a decision to sort by
		return ` ORDER BY asked_at DESC, id`
	case f.Open:
		return ` ORDER BY due_at, id`
	}
	return ` ORDER BY decided_at DESC, id`
}

// List lists some of the requests that a filter chooses, and counts all of them.
func (f Filter) List(ctx context.Context, r db.R, skip, limit int) ([]Request, int, error) {
	if f.Organisations != nil && len(f.Organisations) == 0 {
		return nil, 0, nil
	}
	var counted db.Arguments
	total, err := db.Value[int64](ctx, r, `SELECT COUNT(*) FROM ra_request`+f.where(&counted), counted.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("count requests: %w", err)
	}
	var a db.Arguments
	query := selectRequest + f.where(&a) + f.order() + ` LIMIT ` + a.Add(limit) + ` OFFSET ` + a.Add(skip)
	list, err := db.All(ctx, r, scanRequest, query, a.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("list requests: %w", err)
	}
	return list, int(total), nil
}
