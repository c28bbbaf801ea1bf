package request

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/db"
)

// WaitingList chooses requests that wait for a decision, by when they are due.
type WaitingList struct {
	Kind          Kind
	Organisations []string
	NotOf         string    // number of a care identity that neither asked for them nor is whom they are about
	From, Before  time.Time // when they are due; zero for any time
	AfterDue      time.Time // after the one due then, with the id below; zero for from the beginning
	AfterID       string
}

// List lists them, as many as a limit.
func (l WaitingList) List(ctx context.Context, r db.R, limit int) ([]Request, error) {
	if len(l.Organisations) == 0 {
		return nil, nil
	}
	var a db.Arguments
	where := ` WHERE state = 'open' AND organisation IN (` + db.AddEach(&a, l.Organisations) + `) AND kind = ` +
		a.Add(string(l.Kind))
	if l.NotOf != "" {
		where += ` AND asked_by <> ` + a.Add(l.NotOf) + ` AND subject <> ` + a.Add(l.NotOf)
	}
	if !l.From.IsZero() {
		where += ` AND due_at > ` + a.Add(l.From)
	}
	if !l.Before.IsZero() {
		where += ` AND due_at <= ` + a.Add(l.Before)
	}
	if !l.AfterDue.IsZero() {
		where += ` AND (due_at, id) > (` + a.Add(l.AfterDue) + `, ` + a.Add(l.AfterID) + `)`
	}
	query := selectRequest + ` WHERE id IN (SELECT id FROM ra_request` + where + ` ORDER BY due_at, id LIMIT ` +
		a.Add(limit) + `) ORDER BY due_at, id`
	list, err := db.All(ctx, r, scanRequest, query, a.List()...)
	if err != nil {
		return nil, fmt.Errorf("list requests that wait: %w", err)
	}
	return list, nil
}

// OpenAbout lists the requests that wait for a decision about each of some people, those first that are due first.
func OpenAbout(ctx context.Context, r db.R, uuids []string) (map[string][]Request, error) {
	var a db.Arguments
	list, err := db.All(ctx, r, scanRequest, selectRequest+` WHERE state = 'open' AND subject IN (`+
		db.AddEach(&a, uuids)+`) ORDER BY due_at, id`, a.List()...)
	if err != nil {
		return nil, fmt.Errorf("list requests about people: %w", err)
	}
	about := map[string][]Request{}
	for _, q := range list {
		about[q.Subject.UUID] = append(about[q.Subject.UUID], q)
	}
	return about, nil
}
