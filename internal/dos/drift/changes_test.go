package drift_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"signpost/internal/dos/account"
	asking "signpost/internal/dos/extract"
	"signpost/internal/dos/standing"
	"signpost/internal/national/extract"
	"signpost/internal/platform/db"
)

// changing is a care identity side whose answers have handles, and that says what the test has it say of who changed.
type changing struct {
	*world

	tell  []extract.Changes
	since []string
	fails error
}

func (c *changing) AskAll(ctx context.Context, questions []extract.Question) ([]extract.Answer, error) {
	answers, err := c.world.AskAll(ctx, questions)
	for i := range answers {
		answers[i].Handles = []string{"address of " + questions[i].Email}
	}
	return answers, err
}

func (c *changing) Changes(_ context.Context, since string) (extract.Changes, error) {
	c.since = append(c.since, since)
	if c.fails != nil {
		err := c.fails
		c.fails = nil
		return extract.Changes{}, err
	}
	if len(c.tell) == 0 {
		return extract.Changes{Next: since}, nil
	}
	told := c.tell[0]
	c.tell = c.tell[1:]
	return told, nil
}

func following(t *testing.T) *changing {
	c := &changing{world: newWorld(t)}
	c.watch.Asker = c
	c.watch.Changes = c
	return c
}

func (c *changing) follow() error {
	c.Helper()
	for {
		more, err := c.watch.FollowChanges(c.Context())
		if err != nil || !more {
			return err
		}
	}
}

func called(a account.Account) string { return "address of " + a.EmailKey }

// Those whose handles are told are asked about again, and nobody else.
func TestThoseWhoChangedAreAskedAboutAgain(t *testing.T) {
	c := following(t)
	ann := c.person("ann", nil)
	c.person("bob", nil)
	c.run()
	c.asked = nil
	c.apart(ann, "ann.smith@other.nhs.uk")
	c.tell = []extract.Changes{
		{Next: "1", Handles: []string{"nobody's"}, More: true}, {Next: "2", Handles: []string{called(ann), "nobody's"}},
	}
	c.Must(c.follow())
	if len(c.asked) != 1 || c.asked[0].Email != ann.EmailKey {
		t.Errorf("asked about %+v", c.asked)
	}
	if got := fmt.Sprint(c.since); got != "[ 1]" {
		t.Errorf("asked from %s on", got)
	}
	said, err := db.Read(t.Context(), c.DB, func(r db.R) (map[string]standing.Standing, error) {
		return standing.ByAccounts(t.Context(), r, []string{ann.ID})
	})
	c.Must(err)
	if got := said[ann.ID].Said.Answer().Email; got != extract.EmailDifferent {
		t.Errorf("what is kept says %q", got)
	}
}

// Where asking about them fails, they are told again.
func TestWhatFailsOnTheWayIsToldAgain(t *testing.T) {
	c := following(t)
	ann := c.person("ann", nil)
	c.run()
	changed := extract.Changes{Next: "1", Handles: []string{called(ann)}}
	c.tell = []extract.Changes{changed, changed}
	c.away = errors.New("away")
	if c.follow() == nil {
		t.Fatal("nothing failed")
	}
	c.away = nil
	c.asked = nil
	c.Must(c.follow())
	if got := fmt.Sprintf("%q, asked about %d", c.since, len(c.asked)); got != `["" ""], asked about 1` {
		t.Error(got)
	}
}

// Everybody is asked about anew where that is said, and where it is no longer known from where on to ask; an older care
// identity side that says nothing of changes is left alone.
func TestEverybodyIsAskedAboutWhereThatIsSaid(t *testing.T) {
	for name, tt := range map[string]struct {
		tell  []extract.Changes
		fails error
		anew  bool
	}{
		"nothing":                {[]extract.Changes{{Next: "2"}}, nil, false},
		"everybody":              {[]extract.Changes{{Next: "2", Everybody: true}}, nil, true},
		"the point is not known": {[]extract.Changes{{Next: "2"}}, fmt.Errorf("400: %w", asking.ErrRefused), true},
		"no changes are told":    {nil, fmt.Errorf("404: %w", asking.ErrUnknown), false},
	} {
		t.Run(name, func(t *testing.T) {
			c := following(t)
			c.person("ann", nil)
			c.run()
			c.tell = []extract.Changes{{Next: "1"}}
			c.Must(c.follow())
			c.asked = nil
			c.Clock.Advance(time.Minute)
			c.tell = tt.tell
			c.fails = tt.fails
			c.Must(c.follow())
			c.Clock.Advance(time.Minute)
			_, err := c.watch.Chunk(t.Context())
			c.Must(err)
			if anew := len(c.asked) > 0; anew != tt.anew {
				t.Errorf("asked about %d", len(c.asked))
			}
			c.asked = nil
			c.Must(c.follow())
			_, err = c.watch.Chunk(t.Context())
			c.Must(err)
			if len(c.asked) > 0 {
				t.Error("asked about all once more")
			}
		})
	}
}
