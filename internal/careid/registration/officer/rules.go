package officer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// eventRules is recorded when other rules come into force than those of before.
const eventRules audit.Kind = "registration.rules"

// inForce are the rules that stand, and the number of the decision.
type inForce struct {
	number int
	rules  permission.Rules
}

const selectRules = `SELECT number, rules FROM registration_rules ORDER BY number DESC LIMIT 1`

func readRules(ctx context.Context, r db.R) (now inForce, err error) {
	now, err = db.One(ctx, r, func(scan db.Scanner) (one inForce, err error) {
		var text string
		if err := scan(&one.number, &text); err != nil {
			return one, err
		}
		return one, json.Unmarshal([]byte(text), &one.rules)
	}, selectRules)
	if errors.Is(err, fault.NotFound) {
		return inForce{rules: permission.Usual()}, nil
	}
	if err != nil {
		return now, fmt.Errorf("read rules of registration authorities: %w", err)
	}
	return now, nil
}

// Rules gives the rules in force; the usual ones where none were ever decided.
func Rules(ctx context.Context, r db.R) (permission.Rules, error) {
	now, err := readRules(ctx, r)
	return now.rules, err
}

// Settle brings rules into force, as they are configured. Where they are in force already nothing changes, so that the
// history of events says when who may do what was widened.
func Settle(ctx context.Context, d *db.DB, by actor.Actor, rules permission.Rules) error {
	now, err := db.Read(ctx, d, func(r db.R) (inForce, error) { return readRules(ctx, r) })
	if err != nil || now.rules == rules {
		return err
	}
	err = d.Update(ctx, by, func(w *db.W) error {
		now, err := readRules(ctx, w)
		if err != nil {
			return err
		}
		if now.rules == rules {
			return errSettled
		}
		text, err := json.Marshal(rules)
		if err != nil {
			return fmt.Errorf("settle rules: %w", err)
		}
		_, err = w.Exec(ctx, `INSERT INTO registration_rules (number, rules, since) VALUES ($1, $2, $3)`, now.number+1,
			string(text), w.Now())
		if err != nil {
			return fmt.Errorf("settle rules: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventRules, Subject: rulesRef, Before: now.rules, After: rules})
	})
	if errors.Is(err, errSettled) {
		return nil
	}
	return err
}

// errSettled says that another node brought the same rules into force meanwhile.
var errSettled = errors.New("settled meanwhile")

var rulesRef = audit.Ref{Kind: "registration-rules", ID: "all"}
