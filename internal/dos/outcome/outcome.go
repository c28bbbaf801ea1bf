// Package outcome counts what became of logins: who came in and by what, who was turned away and why, by person, wave
// and day.
//
// It counts the events of logins some seconds later, so a login pays nothing for it, and decides nothing.
package outcome

import (
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/clock"
)

// Linked is the outcome of somebody who linked their account. It stands beside those of the door.
const Linked signin.Outcome = "linked"

// Way is by what somebody came: a password, or an authenticator as CIS2 names it.
type Way string

// The ways that are no authenticator.
const (
	Password Way = "password"
	NotKnown Way = "not-known"
)

// Attempt is one login, or one link.
type Attempt struct {
	At      time.Time
	Person  string          // the account's id; where nobody's account is known, the Care Identity as events name it
	Account account.Account // as it is now; none where it is not known
	Wave    wave.Wave       // of the account
	Way     Way
	Outcome signin.Outcome
}

// DayOf gives the beginning of a day in London.
func DayOf(t time.Time) time.Time {
	t = t.In(clock.London)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, clock.London)
}

// Count is how often something happened on a day, in a wave.
type Count struct {
	Day     time.Time
	Wave    string // id; empty for accounts in none, and for Care Identities without an account
	Way     Way
	Outcome signin.Outcome
	People  int
	Tries   int
}
