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
	"signpost/internal/platform/random"
)

// EventTested is recorded when a test notice is sent.
const EventTested audit.Kind = "notice.test-sent"

// How many test notices one person may have sent in a time.
const (
	maxTests   = 10
	testsCount = time.Hour
)

const (
	countTests = `SELECT COUNT(*) FROM provider_notice WHERE uuid = $1 AND made_at > $2 AND test`
	insertTest = `INSERT INTO provider_notice (id, client_id, sid, uuid, made_at, round, round_at, state, tries,
	answer, next_at, test)
	VALUES ($1, $2, $3, $4, $5, 1, $5, 'waiting', 0, '', $5, TRUE)`
)

// SendTest sends a test notice to the address that the team of a client wants, also before it is approved. It says that
// a session of the actor has ended that there never was, so that it tells of nobody else and logs nobody out. The actor
// is in the team.
func SendTest(ctx context.Context, d *db.DB, by actor.Actor, clientID string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		c, err := client.ByID(ctx, w, clientID)
		if err != nil {
			return err
		}
		if err := team.Allow(ctx, w, client.Ref(c.ID), c.Team); err != nil {
			return err
		}
		address := c.Wanted().BackchannelLogoutURI
		switch {
		case !c.Active:
			return errNotActive
		case address == "":
			return errNoAddress
		}
		sent, err := db.Value[int64](ctx, w, countTests, by.ID, w.Now().Add(-testsCount))
		if err != nil {
			return fmt.Errorf("count test notices: %w", err)
		}
		if sent >= maxTests {
			return errTests
		}
		id := random.ID()
		if _, err := w.Exec(ctx, insertTest, id, c.ID, random.ID(), by.ID, w.Now()); err != nil {
			return fmt.Errorf("leave test notice: %w", err)
		}
		if err := w.Enqueue(ctx, DeliverJob{NoticeID: id, Round: 1}); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{
			Kind: EventTested, Subject: client.Ref(c.ID), After: map[string]string{"notice": id, "address": address},
		})
	})
}

var (
	errNotActive = fault.SayCure(fault.Conflict, "The client is suspended or deleted, so it is sent nothing.",
		"Resume it first.")
	errTests = fault.SayCure(fault.TooMany,
		fmt.Sprintf("You sent %d test notices within an hour.", maxTests), "Wait an hour, then send another one.")
)
