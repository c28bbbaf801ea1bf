package request

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var (
	errNoAnswer   = fault.OfField("answer", "Enter your answer, in 2,000 characters or fewer")
	errNoQuestion = fault.SayCure(fault.Conflict, "Nobody is waiting for an answer from you.",
		"Open the link in the newest email about your request.")
)

const answerQuestion = `UPDATE request SET state = 'open', answer = $2, question_at = NULL, asker_ms = asker_ms + $3
	WHERE id = $1 AND state = 'asked'`

// Reply gives the asker's answer to the administrators' question, and the request back to them.
func (q *Requests) Reply(ctx context.Context, by actor.Actor, cookie, answer string) error {
	answer = strings.TrimSpace(answer)
	if answer == "" || utf8.RuneCountInString(answer) > maxReason {
		return errNoAnswer
	}
	return q.DB.Update(ctx, by, func(w *db.W) error {
		asked, err := q.confirmed(ctx, w, cookie)
		if err != nil {
			return err
		}
		if asked.State != Asked {
			return errNoQuestion // without an event, as strangers may send it for ever
		}
		took := w.Now().Sub(asked.QuestionAt)
		if err := w.Change(ctx, answerQuestion, asked.ID, answer, took.Milliseconds()); err != nil {
			return fmt.Errorf("keep answer: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventAnswered, Subject: Ref(asked.ID), After: answer})
	})
}

// Withdraw ends a request at the asker's wish, and the account that a former approval made.
func (q *Requests) Withdraw(ctx context.Context, by actor.Actor, cookie string) error {
	return q.DB.Update(ctx, by, func(w *db.W) error {
		asked, err := q.confirmed(ctx, w, cookie)
		if err != nil {
			return err
		}
		if !asked.State.Undecided() {
			return errOver
		}
		if err := endAccount(ctx, w, asked, "The request for it was withdrawn."); err != nil {
			return err
		}
		if err := q.close(ctx, w, asked, Withdrawn); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventWithdrawn, Subject: Ref(asked.ID)})
	})
}
