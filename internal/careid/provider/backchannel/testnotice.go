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

// One person may have maxTests test notices sent in each testPeriod.
const (
	maxTests   = 10
	testPeriod = time.Hour
)

const countTests = `SELECT COUNT(*) FROM provider_notice WHERE uuid = $1 AND made_at > $2 AND test`

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
		sent, err := db.Value[int64](ctx, w, countTests, by.ID, w.Now().Add(-testPeriod))
		if err != nil {
			return fmt.Errorf("count test notices: %w", err)
		}
		if sent >= maxTests {
			return errTests
		}
		id, err := addNotice(ctx, w, Notice{Client: c.ID, SID: random.ID(), Test: true}, by.ID)
		if err != nil {
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
