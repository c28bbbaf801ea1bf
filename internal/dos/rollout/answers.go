package rollout

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Question is one of the questions that a person answers if the care identity side does not know.
type Question string

// The three questions.
const (
	AskIdentity Question = "identity" // do you already have a Care Identity?
	AskEmail    Question = "email"    // does it carry the same email address?
	AskAccess   Question = "access"   // can you sign in with it, and do you hold the position?
)

// Choices lists the answers to each question in the order in which to show them.
var Choices = map[Question][]string{
	AskIdentity: {"active", "inactive", "none", "unsure"},
	AskEmail:    {"same", "unconfirmed", "different", "unsure"},
	AskAccess:   {"both", "no-authenticator", "no-position", "neither", "unsure"},
}

// Questions lists the questions in the order in which to ask them.
func Questions() []Question { return []Question{AskIdentity, AskEmail, AskAccess} }

const putAnswer = `INSERT INTO rollout_answer (account_id, question, answer) VALUES ($1, $2, $3)
	ON CONFLICT (account_id, question) DO UPDATE SET answer = $3`

// Answer stores the answers of the holder of an individual account, in place of any before. The first question must be
// answered.
func Answer(ctx context.Context, d *db.DB, accountID string, answers map[Question]string) error {
	if err := check(answers); err != nil {
		return err
	}
	return d.Keep(ctx, func(k *db.K) error {
		if _, err := k.Exec(ctx, `DELETE FROM rollout_answer WHERE account_id = $1`, accountID); err != nil {
			return fmt.Errorf("forget earlier answers: %w", err)
		}
		for _, q := range Questions() {
			if answers[q] == "" {
				continue
			}
			if _, err := k.Exec(ctx, putAnswer, accountID, string(q), answers[q]); err != nil {
				return fmt.Errorf("keep answer: %w", err)
			}
		}
		return nil
	})
}

// check refuses answers that are none of the choices.
func check(answers map[Question]string) error {
	for _, q := range Questions() {
		optional := q != AskIdentity && answers[q] == ""
		if !optional && !slices.Contains(Choices[q], answers[q]) {
			return fault.OfField(string(q), "Choose an answer")
		}
	}
	return nil
}

func answersOf(ctx context.Context, r db.R, accountID string) (map[Question]string, error) {
	of, err := answersOfEach(ctx, r, []string{accountID})
	return of[accountID], err
}

// answersOfEach reads what the holders of some accounts answered, by the accounts' ids, of which each has a map.
func answersOfEach(ctx context.Context, r db.R, ids []string) (map[string]map[Question]string, error) {
	of := map[string]map[Question]string{}
	for _, id := range ids {
		of[id] = map[Question]string{}
	}
	var args db.Arguments
	err := r.Each(ctx, func(scan db.Scanner) error {
		var id, question, answer string
		if err := scan(&id, &question, &answer); err != nil {
			return err
		}
		of[id][Question(question)] = answer
		return nil
	}, `SELECT account_id, question, answer FROM rollout_answer WHERE account_id IN (`+db.AddEach(&args, ids)+`)`,
		args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read answers: %w", err)
	}
	return of, nil
}

// withAnswers adds the person's answers to the facts. A fact that they were unsure of stays unknown.
func (k Known) withAnswers(f path.Facts) path.Facts {
	f.Identity = map[string]path.Identity{"active": path.OneActive, "inactive": path.OneInactive,
		"none": path.NoIdentity}[k.Answers[AskIdentity]]
	f.Email = map[string]path.Email{
		"same": path.EmailAgrees, "unconfirmed": path.EmailUnverified, "different": path.EmailDifferent,
	}[k.Answers[AskEmail]]
	switch k.Answers[AskAccess] {
	case "both":
		f.Position = path.Yes
		f.Authenticator = path.Sufficient
		f.Approved = path.Yes
		f.Working = path.Yes
	case "no-authenticator":
		f.Position = path.Yes
		f.Authenticator = path.NoAuthenticator
	case "no-position":
		f.Position = path.No
		f.Authenticator = path.Sufficient
		f.Approved = path.Yes
		f.Working = path.Yes
	case "neither":
		f.Position = path.No
		f.Authenticator = path.NoAuthenticator
	}
	if k.Linked {
		// Somebody whose account is linked has signed in with an active Care Identity.
		f.Identity = path.OneActive
	}
	return f
}
