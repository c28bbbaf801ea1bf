package mirror

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/simulation"
	"signpost/internal/platform/db"
)

// Report is what a mirror shows.
type Report struct {
	Mirror     Mirror                     `json:"mirror"`
	Came       int                        `json:"came"`        // people who came in
	TurnedAway int                        `json:"turned_away"` // of them would have been
	Now        map[simulation.Outcome]int `json:"now"`         // of these: what would become of them now
	People     []Person                   `json:"people"`      // of these; those who lack most first
	Places     []Place                    `json:"places"`      // where most would have been first
}

// Person is somebody who would have been turned away.
type Person struct {
	Account      string               `json:"account"`                // id
	Organisation string               `json:"organisation,omitempty"` // ODS code
	First        time.Time            `json:"first"`
	AlsoEntered  bool                 `json:"also_entered"` // they came with their Care Identity, too
	Now          simulation.Judgement `json:"now"`
}

// Place is an organisation of people who would have been turned away.
type Place struct {
	Organisation string `json:"organisation,omitempty"` // ODS code; empty for those without one
	People       int    `json:"people"`
	LockedOut    int    `json:"lacking"` // of them lack something still
}

type row struct {
	account             string
	entered, turnedAway int
	first               time.Time
}

func rowsOf(ctx context.Context, r db.R, id string) ([]row, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (one row, err error) {
		err = scan(&one.account, &one.entered, &one.turnedAway, db.At(&one.first))
		return one, err
	}, `SELECT account_id, SUM(entered), SUM(turned_away), MIN(first_at) FROM mirror_person WHERE mirror_id = $1
		GROUP BY account_id ORDER BY MIN(first_at), account_id`, id)
	if err != nil {
		return nil, fmt.Errorf("read what a mirror shows: %w", err)
	}
	return list, nil
}

// Read reads what a mirror shows. What people lack is as it is now: whoever has linked since lacks nothing.
func Read(ctx context.Context, d *db.DB, id string) (Report, error) {
	return db.Costly(ctx, d, func(r db.R) (Report, error) {
		m, err := ByID(ctx, r, id)
		if err != nil {
			return Report{}, err
		}
		rows, err := rowsOf(ctx, r, id)
		if err != nil {
			return Report{}, err
		}
		members, err := report.Members(ctx, r)
		if err != nil {
			return Report{}, err
		}
		return made(m, rows, members, r.Now()), nil
	})
}

// made makes a report.
func made(m Mirror, rows []row, members []report.Member, now time.Time) Report {
	v := Report{Mirror: m, Came: len(rows), Now: map[simulation.Outcome]int{}}
	away := map[string]row{}
	for _, one := range rows {
		if one.turnedAway > 0 {
			away[one.account] = one
		}
	}
	v.TurnedAway = len(away)
	judged := simulation.Some(members, m.Phase, now, func(id string) bool { _, is := away[id]; return is })
	places := map[string]*Place{}
	for _, member := range members {
		one, is := away[member.ID]
		if !is {
			continue
		}
		p := Person{Account: member.ID, Organisation: member.Organisation, First: one.first,
			AlsoEntered: one.entered > 0, Now: judged[member.ID]}
		v.People = append(v.People, p)
		v.Now[p.Now.Outcome]++
		if places[p.Organisation] == nil {
			places[p.Organisation] = &Place{Organisation: p.Organisation}
		}
		places[p.Organisation].People++
		if p.Now.Outcome == simulation.LockedOut {
			places[p.Organisation].LockedOut++
		}
	}
	for _, p := range places {
		v.Places = append(v.Places, *p)
	}
	v.sort()
	return v
}

// sort puts those first who matter most.
func (v *Report) sort() {
	slices.SortFunc(v.People, func(a, b Person) int {
		if a.Now.Days != b.Now.Days {
			return b.Now.Days - a.Now.Days
		}
		if !a.First.Equal(b.First) {
			return a.First.Compare(b.First)
		}
		return strings.Compare(a.Account, b.Account)
	})
	slices.SortFunc(v.Places, func(a, b Place) int {
		if a.People != b.People {
			return b.People - a.People
		}
		return strings.Compare(a.Organisation, b.Organisation)
	})
}

// Text says what was found, in one sentence or two.
func (v Report) Text() string {
	switch {
	case v.Came == 0:
		return "Nobody of the wave logged in."
	case v.TurnedAway == 0:
		return fmt.Sprintf("People who logged in: %d. Nobody would have been turned away.", v.Came)
	}
	return fmt.Sprintf("People who logged in: %d. Would have been turned away: %d, of whom %d lack something still.",
		v.Came, v.TurnedAway, v.Now[simulation.LockedOut])
}
