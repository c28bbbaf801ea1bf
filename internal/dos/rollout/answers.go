package rollout

import (
	"context"
	"fmt"

	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Question is one of the plain questions that a person answers where no other side can.
type Question string

// The three questions.
const (
	AskIdentity Question = "identity" // do you have a Care Identity?
	AskEmail    Question = "email"    // does it carry the same email address?
	AskAccess   Question = "access"   // can you sign in with it, and do you hold the position?
)

// Choices are the answers that each question takes, in the order in which to show them.
var Choices = map[Question][]string{
	AskIdentity: {"active", "inactive", "none", "unsure"},
	AskEmail:    {"same", "different", "unsure"},
	AskAccess:   {"both", "no-authenticator", "no-position", "neither", "unsure"},
}

// Questions lists the questions in the order in which to ask them.
func Questions() []Question { return []Question{AskIdentity, AskEmail, AskAccess} }

const putAnswer = `INSERT INTO rollout_answer (account_id, question, answer) VALUES ($1, $2, $3)
	ON CONFLICT (account_id, question) DO UPDATE SET answer = $3`

// Answer keeps what a person answered; every question must have one of its choices.
func Answer(ctx context.Context, d *db.DB, accountID string, given map[Question]string) error {
	for _, q := range Questions() {
		if !contains(Choices[q], given[q]) {
			return fault.OfField(string(q), "Choose an answer")
		}
	}
	return d.Keep(ctx, func(k *db.K) error {
		for _, q := range Questions() {
			if _, err := k.Exec(ctx, putAnswer, accountID, string(q), given[q]); err != nil {
				return fmt.Errorf("keep answer: %w", err)
			}
		}
		return nil
	})
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

type given struct{ question, answer string }

func answersOf(ctx context.Context, r db.R, accountID string) (map[Question]string, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (g given, err error) {
		err = scan(&g.question, &g.answer)
		return g, err
	}, `SELECT question, answer FROM rollout_answer WHERE account_id = $1`, accountID)
	if err != nil {
		return nil, fmt.Errorf("read answers: %w", err)
	}
	answers := map[Question]string{}
	for _, g := range list {
		answers[Question(g.question)] = g.answer
	}
	return answers, nil
}

// answered adds what the person has answered to the facts. What they were unsure of stays unknown.
func (k Known) answered(f path.Facts) path.Facts {
	f.Identity = map[string]path.Identity{"active": path.OneActive, "inactive": path.OneInactive,
		"none": path.NoIdentity}[k.Answers[AskIdentity]]
	f.Email = map[string]path.Email{"same": path.EmailAgrees, "different": path.EmailDifferent}[k.Answers[AskEmail]]
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
		// Whoever is linked has signed in with a Care Identity that was good enough.
		f.Identity = path.OneActive
	}
	return f
}
