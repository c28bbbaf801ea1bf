package readiness

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"signpost/internal/national/path"
	"signpost/internal/platform/email"
	"signpost/internal/platform/sheet"
)

// Kind is the kind of an account.
type Kind string

// The kinds.
const (
	Individual Kind = "individual"
	Shared     Kind = "shared"
	Machine    Kind = "machine" // does not move
)

// Account is one account of the list.
type Account struct {
	Row                 int // as a spreadsheet shows it
	Username            string
	Email               string // as it stands in the list
	FirstName, LastName string
	Kind                Kind
	Organisation        string // its ODS code, or whatever the list says
	OrganisationName    string
	Region              string
	Authority           string // the registration authority
	Requested           bool   // whoever uses a shared account has asked for one of their own
	EmailConfirmed      path.Known
	Linked              path.Known
	subject             string // the Care Identity that it is linked to; empty where the list does not name it
	key                 string // the canonical address; empty where there is none that can be compared
	role                bool   // the address is a team's
	name                uint64
}

// Name is the person's name.
func (a Account) Name() string { return strings.TrimSpace(a.FirstName + " " + a.LastName) }

// accountPart is what one worker read of the accounts.
type accountPart struct {
	accounts []Account
	inactive int
	refused  []Refused
	words    words
}

// accountList is the accounts that a list has.
type accountList struct {
	accounts []Account
	inactive int // that were left out, since nobody can use them
	refused  []Refused
	about    sheet.About
}

func readAccounts(open sheet.Source, columns map[string]string) (list accountList, err error) {
	options, err := named(accountColumns(), "accounts", columns)
	if err != nil {
		return list, err
	}
	parts, about, err := sheet.ReadLarge(open, options, func() *accountPart { return &accountPart{words: newWords()} },
		(*accountPart).row)
	if err != nil {
		return list, err
	}
	list.about = about
	for _, part := range parts {
		list.accounts = append(list.accounts, part.accounts...)
		list.inactive += part.inactive
		list.refused = append(list.refused, part.refused...)
	}
	slices.SortFunc(list.accounts, func(a, b Account) int { return cmp.Compare(a.Row, b.Row) })
	list.refuseTwice()
	sortRefused(list.refused)
	return list, nil
}

// row adds the account of one row.
func (p *accountPart) row(c *sheet.Cells) {
	if c.Refused != nil {
		p.refused = append(p.refused, Refused{Row: c.Number, Reason: c.Refused.Error()})
		return
	}
	username := string(c.Get(accountUsername))
	if username == "" {
		if string(c.Get(accountEmail)) != "" {
			p.refused = append(p.refused, Refused{Row: c.Number, Reason: fmt.Sprintf(
				"Row %d has no username. Enter the username that the account is logged in with.", c.Number)})
		}
		return
	}
	if status := p.words.statusOf(c.Get(accountStatus)); status != unsaid && status != active {
		p.inactive++
		return
	}
	a := Account{
		Row:              c.Number,
		Username:         username,
		Email:            string(c.Get(accountEmail)),
		FirstName:        string(c.Get(accountFirstName)),
		LastName:         string(c.Get(accountLastName)),
		Kind:             p.kindOf(c),
		Organisation:     p.words.textOf(c.Get(accountOrganisation)),
		OrganisationName: p.words.textOf(c.Get(accountOrganisationName)),
		Region:           p.words.textOf(c.Get(accountRegion)),
		Authority:        p.words.textOf(c.Get(accountAuthority)),
		EmailConfirmed:   p.words.yesOrNo(c.Get(accountProved)),
		Requested:        p.words.yesOrNo(c.Get(accountRequested)) == path.Yes,
		Linked:           linkedIn(c.Get(accountLinked)),
		subject:          subjectIn(c.Get(accountLinked)),
		name:             nameKey(c.Get(accountFirstName), c.Get(accountLastName)),
	}
	a.address(c.Get(accountEmail))
	p.accounts = append(p.accounts, a)
}

// address keeps what is compared of an account's address.
func (a *Account) address(typed []byte) {
	var room [100]byte
	key, automatic := email.AppendKey(room[:0], typed)
	if !automatic {
		return
	}
	a.key = string(key)
	if parsed, err := email.Parse(a.key); err == nil {
		a.role = email.RoleMailbox(parsed)
	}
}

func (p *accountPart) kindOf(c *sheet.Cells) Kind {
	switch path.Yes {
	case p.words.yesOrNo(c.Get(accountMachine)):
		return Machine
	case p.words.yesOrNo(c.Get(accountShared)):
		return Shared
	}
	return p.words.kindOf(c.Get(accountKind))
}

// linkedIn reads the Care Identity that an account is linked to, or whether it is. An empty cell is no link.
func linkedIn(cell []byte) path.Known {
	if len(cell) == 0 || yesOrNo(cell) == path.No {
		return path.No
	}
	return path.Yes
}

// subjectIn reads the number of the Care Identity that an account is linked to, where a cell has one.
func subjectIn(cell []byte) string {
	number := uuidIn(cell)
	if strings.Trim(number, "0123456789") != "" || len(number) < minSubject {
		return ""
	}
	return number
}

// minSubject is the shortest number of a Care Identity, in digits: a 1 in that cell says yes.
const minSubject = 6

// uuidIn reads the number of a Care Identity. People write it in groups of digits.
func uuidIn(cell []byte) string { return strings.ReplaceAll(string(cell), " ", "") }

// refuseTwice leaves out all but the first of accounts of one username: a list that names somebody twice says two
// things of them.
func (l *accountList) refuseTwice() {
	first := make(map[string]int, len(l.accounts))
	l.accounts = slices.DeleteFunc(l.accounts, func(a Account) bool {
		key := strings.ToLower(a.Username)
		row, twice := first[key]
		if twice {
			l.refused = append(l.refused, Refused{Row: a.Row, Reason: fmt.Sprintf(
				"Row %d has the username %s, which row %d has too. Delete one of the two.", a.Row, a.Username, row)})
			return true
		}
		first[key] = a.Row
		return false
	})
}

// Refused is a row of which nothing could be made.
type Refused struct {
	Row    int    `json:"row"`
	Reason string `json:"reason"`
}

func sortRefused(list []Refused) {
	slices.SortFunc(list, func(a, b Refused) int { return cmp.Compare(a.Row, b.Row) })
}
