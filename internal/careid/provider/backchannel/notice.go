package backchannel

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// The kinds of events that this package records.
const (
	EventSentAgain audit.Kind = "notice.sent-again"
	EventGivenUp   audit.Kind = "notice.given-up"
)

// The states of a notice.
const (
	Waiting   = "waiting"  // for its first try, or for the next one
	Delivered = "told"     // the service accepted it
	GivenUp   = "given up" // the service did not accept it within GiveUp
)

// Notice is one notice to a client, as the people who look after the client see it.
type Notice struct {
	ID     string
	Client string // its id
	SID    string
	Made   time.Time
	State  string
	Tries  int64 // in this round
	Tried  time.Time
	Answer string    // to the last try
	Next   time.Time // the next try; zero if there is none
	Test   bool      // a test that somebody of its team asked for: no session has ended
}

// Failing reports whether the notice was tried and the service has not accepted it yet.
func (n Notice) Failing() bool { return n.State == GivenUp || n.State == Waiting && n.Tries > 0 }

const (
	selectNotices = `SELECT id, client_id, sid, made_at, state, tries, tried_at, answer, next_at, test
	FROM provider_notice`
	newestFirst = ` ORDER BY made_at DESC, id DESC LIMIT $2 OFFSET $3`
)

// Of lists the newest notices to a client, at most limit of them after the first skip. Count says how many there are.
func Of(ctx context.Context, r db.R, clientID string, skip, limit int) ([]Notice, error) {
	return listNotices(ctx, r, ` WHERE client_id = $1`, clientID, skip, limit)
}

// About lists the newest notices that say that a session of a care identity has ended.
func About(ctx context.Context, r db.R, uuid string, limit int) ([]Notice, error) {
	return listNotices(ctx, r, ` WHERE uuid = $1 AND NOT test`, uuid, 0, limit)
}

func listNotices(ctx context.Context, r db.R, where, key string, skip, limit int) ([]Notice, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (n Notice, err error) {
		err = scan(&n.ID, &n.Client, &n.SID, db.At(&n.Made), &n.State, &n.Tries, db.At(&n.Tried), &n.Answer,
			db.At(&n.Next), &n.Test)
		return n, err
	}, selectNotices+where+newestFirst, key, limit, skip)
	if err != nil {
		return nil, fmt.Errorf("list notices: %w", err)
	}
	return list, nil
}

// Tally counts a client's notices, the tests among them apart.
type Tally struct{ Delivered, Waiting, Failing, GivenUp, Tests int64 }

const selectTally = `SELECT state, tries > 0, test, COUNT(*) FROM provider_notice WHERE client_id = $1
	GROUP BY state, tries > 0, test`

// All is how many notices there are.
func (t Tally) All() int { return int(t.Delivered + t.Waiting + t.GivenUp + t.Tests) }

// Count counts the notices to a client that the ledger still holds. Waiting includes Failing.
func Count(ctx context.Context, r db.R, clientID string) (t Tally, err error) {
	err = r.Each(ctx, func(scan func(...any) error) error {
		var state string
		var tried, test bool
		var n int64
		if err := scan(&state, &tried, &test, &n); err != nil {
			return err
		}
		switch {
		case test:
			t.Tests += n
		case state == Delivered:
			t.Delivered += n
		case state == GivenUp:
			t.GivenUp += n
		default:
			t.Waiting += n
			if tried {
				t.Failing += n
			}
		}
		return nil
	}, selectTally, clientID)
	if err != nil {
		return t, fmt.Errorf("count notices: %w", err)
	}
	return t, nil
}

const (
	selectFailing = `SELECT id FROM provider_notice WHERE client_id = $1 AND NOT test AND (state = 'given up'
		OR state = 'waiting' AND tries > 0) AND (round = 1 OR round_at <= $3) ORDER BY made_at, id LIMIT $2`
	selectAgainSince = `SELECT COUNT(*) FROM provider_notice WHERE id = $1 AND client_id = $2 AND round > 1
		AND round_at > $3`
	newRound = `UPDATE provider_notice SET round = round + 1, round_at = $3, state = 'waiting', tries = 0,
		next_at = $3 WHERE id = $1 AND client_id = $2 AND NOT test RETURNING round`

	maxAgain     = 500
	minUntilNext = 20 * time.Minute // from sending a notice again to sending it once more, by hand
)

// Again sends one notice to a client again, whatever its state, but no more often than every 20 minutes. A test is sent
// by SendTest only.
func Again(ctx context.Context, d *db.DB, by actor.Actor, clientID, id string) error {
	_, err := again(ctx, d, by, clientID, func(w *db.W) ([]string, error) {
		lately, err := db.Value[int64](ctx, w, selectAgainSince, id, clientID, w.Now().Add(-minUntilNext))
		if err == nil && lately > 0 {
			err = errAgain
		}
		return []string{id}, err
	})
	return err
}

// AgainAll sends the notices that a client has not accepted again, but for those that Again would refuse, at most 500
// at a time, and returns how many.
func AgainAll(ctx context.Context, d *db.DB, by actor.Actor, clientID string) (int, error) {
	return again(ctx, d, by, clientID, func(w *db.W) ([]string, error) {
		return db.All(ctx, w, db.Column[string], selectFailing, clientID, maxAgain,
			w.Now().Add(-minUntilNext))
	})
}

// again begins a new round for the notices that choose returns. The actor must be in the client's team or an
// operator.
func again(
	ctx context.Context, d *db.DB, by actor.Actor, clientID string, choose func(w *db.W) ([]string, error),
) (int, error) {
	return db.Write(ctx, d, by, func(w *db.W) (int, error) {
		c, err := client.ByID(ctx, w, clientID)
		if err != nil {
			return 0, err
		}
		if err := team.Allow(ctx, w, client.Ref(c.ID), c.Team, team.Operators); err != nil {
			return 0, err
		}
		if c.BackchannelLogoutURI == "" {
			return 0, errNoAddress
		}
		ids, err := choose(w)
		if err != nil {
			return 0, fmt.Errorf("choose notices: %w", err)
		}
		if len(ids) == 0 {
			return 0, nil
		}
		for _, id := range ids {
			if err := beginRound(ctx, w, c.ID, id); err != nil {
				return 0, err
			}
		}
		return len(ids), w.Record(ctx, audit.Event{
			Kind: EventSentAgain, Subject: client.Ref(c.ID), After: map[string]any{"notices": ids},
		})
	})
}

func beginRound(ctx context.Context, w *db.W, clientID, id string) error {
	round, err := db.Value[int64](ctx, w, newRound, id, clientID, w.Now())
	if err != nil {
		return fmt.Errorf("send notice again: %w", err)
	}
	return w.Enqueue(ctx, DeliverJob{NoticeID: id, Round: round})
}

var errAgain = fault.SayCure(fault.TooMany, "This notice was sent again less than 20 minutes ago.",
	"Its answer is on this page. To try the address at once, send a test notice.")

var errNoAddress = fault.SayCure(fault.Conflict, "The client has no back-channel logout address.",
	"Enter one in its settings, then send the notices again.")
