// Package lack says of how many accounts that an import would add nobody can come in as yet, and what lets them in.
//
// It does not know how a file is read.
package lack

import (
	"fmt"

	"signpost/internal/dos/account"
)

// Lack is what keeps the people of an account out of it that can be used otherwise, as it is said of several.
type Lack string

const (
	password Lack = "have no password hash, so nobody can log in with them as yet. Enter it under password_hash. " +
		"Or, once their wave is in Choose, an administrator makes a code on the page of each, with which its holder " +
		"links their Care Identity"
	teamPassword Lack = "are shared and have no password hash, so nobody can log in with them. Enter it under " +
		"password_hash, or have each of the team request an account of their own"
	organisation Lack = "have no organisation. Their holders say where they work when they first log in with their " +
		"Care Identity, and an administrator confirms it. Enter ODS codes under organisation, or find the accounts " +
		"afterwards under Users, Organisation not known"
)

// Counts says how many accounts lack what.
type Counts map[Lack]int

// Add counts what an account lacks. Nobody comes in with one that is not active, or is a program's.
func (c Counts) Add(a account.Imported) {
	if !a.Active || a.Kind == account.Machine {
		return
	}
	switch {
	case a.PasswordHash != "":
	case a.Kind == account.Shared:
		c[teamPassword]++
	default:
		c[password]++
	}
	if a.Organisation == "" {
		c[organisation]++
	}
}

// Say words the counts, a sentence for each lack that there is.
func (c Counts) Say() (lines []string) {
	for _, one := range []Lack{password, teamPassword, organisation} {
		if c[one] > 0 {
			lines = append(lines, fmt.Sprintf("%d of the accounts to add %s.", c[one], one))
		}
	}
	return lines
}
