// Package readinesstest makes lists of accounts and Care Identities of which the class of each account is known, for
// tests and benchmarks of package readiness.
package readinesstest

import (
	"bufio"
	"fmt"
	"io"

	"signpost/internal/dos/rollout/readiness"
)

// Population is how many there are to be.
type Population struct {
	Accounts   int
	Identities int // at least as many as there are accounts
}

// Made is what was made: how many accounts there are of each class, and the class of each by its username.
type Made struct {
	Classes map[readiness.Class]int
	Of      map[string]readiness.Class
}

// shares are of how many in a hundred accounts the classes are.
var shares = []struct {
	class readiness.Class
	share int
}{
	{readiness.Exact, 72}, {readiness.Drifted, 9}, {readiness.DuplicateAccounts, 2}, {readiness.DuplicateIdentities, 2},
	{readiness.LookAlike, 3}, {readiness.RoleMailbox, 5}, {readiness.Recycled, 2}, {readiness.None, 5},
}

// maker writes both lists.
type maker struct {
	accounts, identities *bufio.Writer
	made                 Made
	written              int // Care Identities
}

// Write writes the two lists.
func (p Population) Write(accounts, identities io.Writer) (Made, error) {
	m := &maker{accounts: bufio.NewWriterSize(accounts, 1<<20), identities: bufio.NewWriterSize(identities, 1<<20),
		made: Made{Classes: map[readiness.Class]int{}, Of: map[string]readiness.Class{}}}
	fmt.Fprintln(m.accounts, "Username,Email Id,Forename,Surname,Account Type,ODS Code,Region,Linked")
	fmt.Fprintln(m.identities, "UUID,Email,Given Name,Family Name,Status,Email Verified,ODS Code,Positions,"+
		"Authenticators,RA")
	for n := range p.Accounts {
		m.account(n, classOf(n*37%100)) // every 100 accounts have each share
	}
	for n := m.written; n < p.Identities; n++ {
		local := fmt.Sprintf("other%s.%s", letters(n), letters(n/7))
		m.identity(n, "other", local, "hospital.nhs.uk", "Oth"+letters(n), "Er"+letters(n/3))
	}
	if err := m.accounts.Flush(); err != nil {
		return m.made, fmt.Errorf("write accounts: %w", err)
	}
	if err := m.identities.Flush(); err != nil {
		return m.made, fmt.Errorf("write identities: %w", err)
	}
	return m.made, nil
}

func classOf(roll int) readiness.Class {
	for _, s := range shares {
		if roll -= s.share; roll < 0 {
			return s.class
		}
	}
	return readiness.None
}

// letters writes a number in letters, so that no two are a slip of the keyboard apart: each digit is a syllable.
func letters(n int) string {
	syllables := [...]string{"ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu"}
	text := ""
	for {
		text = syllables[n%10] + text
		if n /= 10; n == 0 {
			return text
		}
	}
}

// account writes one account, and the Care Identities that make it one of its class.
func (m *maker) account(n int, class readiness.Class) {
	first := "Ann" + letters(n)
	last := "Smith" + letters(n/3)
	local := fmt.Sprintf("ann%s.smith%s", letters(n), letters(n/3))
	domain := "trust" + letters(n%50) + ".nhs.uk"
	kind := "individual"
	switch class {
	case readiness.Exact:
		m.identity(n, "exact", local, domain, first, last)
	case readiness.Drifted:
		m.identity(n, "drifted", local, "nhs.net", first, last)
	case readiness.DuplicateIdentities:
		m.identity(n, "one", local, domain, first, last)
		m.identity(n, "two", local, domain, first, last)
	case readiness.LookAlike: // another domain, and a name that changed
		m.identity(n, "like", local, "nhs.net", first, "Jones"+letters(n))
	case readiness.Recycled:
		m.identity(n, "recycled", local, domain, "Zoe", "Young"+letters(n))
	case readiness.RoleMailbox:
		local = "reception." + letters(n)
		if n%2 == 0 {
			kind = "shared"
		}
	case readiness.DuplicateAccounts:
		m.identity(n, "shared by two", local, domain, first, last)
		m.row(fmt.Sprintf("second.%d", n), local, domain, first, last, kind, n, class)
	}
	m.row(fmt.Sprintf("user.%d", n), local, domain, first, last, kind, n, class)
}

func (m *maker) row(username, local, domain, first, last, kind string, n int, class readiness.Class) {
	fmt.Fprintf(m.accounts, "%s,%s@%s,%s,%s,%s,RX%02d,Region %d,\n", username, local, domain, first, last, kind, n%90,
		n%7)
	m.made.Classes[class]++
	m.made.Of[username] = class
}

func (m *maker) identity(n int, what, local, domain, first, last string) {
	status := "Active"
	if n%20 == 3 {
		status = "Inactive"
	}
	position := "R8008:B0166"
	if n%4 == 1 {
		position = "R8003:B0020"
	}
	kinds := []string{"Smartcard", "Security key; Windows Hello", "", "Microsoft Authenticator"}[n%4]
	fmt.Fprintf(m.identities, "5%011d,%s@%s,%s,%s,%s,Yes,RX%02d,%s,%s,RA%d\n", m.written, local, domain, first, last,
		status, (n+len(what))%90, position, kinds, n%12)
	m.written++
}
