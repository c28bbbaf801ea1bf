package headcount

import (
	"fmt"
	"strings"
)

// Sort is what accounts are counted by.
type Sort struct {
	Kind   string // as package account names it
	Active bool
	Linked bool
	Used   bool // somebody logged in with it at some time
	Proved bool // its email address is confirmed
	Region string
}

// sortOf writes in SQL the sort of an account as String does. The index account_uncounted has the same words.
const sortOf = `CASE WHEN web_service_only THEN 'machine' WHEN shared THEN 'shared' ELSE 'individual' END
	|| CASE WHEN active THEN ' 1' ELSE ' 0' END || CASE WHEN linked THEN '1' ELSE '0' END
	|| CASE WHEN used THEN '1' ELSE '0' END || CASE WHEN email_proved_at IS NULL THEN '0 ' ELSE '1 ' END || region`

// String writes the sort as the database keeps it.
func (s Sort) String() string {
	return s.Kind + " " + bit(s.Active) + bit(s.Linked) + bit(s.Used) + bit(s.Proved) + " " + s.Region
}

func bit(is bool) string {
	if is {
		return "1"
	}
	return "0"
}

// parse reads what String wrote.
func parse(text string) (Sort, error) {
	kind, rest, _ := strings.Cut(text, " ")
	bits, region, found := strings.Cut(rest, " ")
	if !found || len(bits) != 4 {
		return Sort{}, fmt.Errorf("%q is no sort of accounts", text)
	}
	is := func(i int) bool { return bits[i] == '1' }
	return Sort{Kind: kind, Active: is(0), Linked: is(1), Used: is(2), Proved: is(3), Region: region}, nil
}
