package rollout

import (
	"context"
	"maps"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/standing"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
)

// Person is one account with what is known of its holder's move.
type Person struct {
	Known

	Facts path.Facts
	Since time.Time // when the care identity side began to say so; zero where it says nothing
}

// Each gives for some accounts, by their ids, what is known without asking anybody: the directory's own facts, with
// what the care identity side said last. Of the holder of a shared account nobody knows anything.
func Each(ctx context.Context, r db.R, list []account.Account) (map[string]Person, error) {
	return each(ctx, r, list, signin.DaysLeft)
}

// Counted gives it as the board counts it: without the days of work that a password has left, which take a look at
// each account. So it is for many.
func Counted(ctx context.Context, r db.R, list []account.Account) (map[string]Person, error) {
	people := make(map[string]Person, len(list))
	for some := range slices.Chunk(list, maxAtOnce) {
		of, err := each(ctx, r, some, noDays)
		if err != nil {
			return nil, err
		}
		maps.Copy(people, of)
	}
	return people, nil
}

// maxAtOnce is of how many accounts one query asks.
const maxAtOnce = 1_000

func noDays(context.Context, db.R, account.Account, wave.Wave) (int, error) { return 0, nil }

type daysLeft func(ctx context.Context, r db.R, a account.Account, of wave.Wave) (int, error)

func each(ctx context.Context, r db.R, list []account.Account, days daysLeft) (map[string]Person, error) {
	ids := idsOf(list)
	people := make(map[string]Person, len(list))
	if len(list) == 0 {
		return people, nil
	}
	waves, err := wave.EachNow(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	links, err := account.LinksOf(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	answers, err := answersOfEach(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	said, err := standing.ByAccounts(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		link, linked := links[a.ID]
		k := Known{Account: a, Wave: waves[a.ID], Linked: linked, Subject: link.Subject}
		if k.Days, err = days(ctx, r, a, k.Wave); err != nil {
			return nil, err
		}
		if a.Kind != account.Shared {
			k.Answers = answers[a.ID]
		}
		people[a.ID] = Person{Known: k, Facts: k.noted(said[a.ID]), Since: said[a.ID].Since}
	}
	return people, nil
}

// noted gives the facts with what was last said about the holder; nothing was where the line is empty.
func (k Known) noted(s standing.Standing) path.Facts {
	if s.Said == "" || k.Account.Kind == account.Shared {
		return k.Alone()
	}
	answer := s.Said.Answer()
	if s.Authority.Organisation != "" {
		answer.Authority = &s.Authority
	}
	return k.With(answer)
}

func idsOf(list []account.Account) []string {
	ids := make([]string, 0, len(list))
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	return ids
}
