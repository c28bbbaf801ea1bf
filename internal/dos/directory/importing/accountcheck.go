package importing

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
)

// Collision is a username or an address that several rows or accounts have, of which one alone can have it.
type Collision struct {
	What     string   `json:"what"` // username or email
	Value    string   `json:"value"`
	Rows     []int    `json:"rows"`
	Accounts []string `json:"accounts"` // usernames of those that are there
}

// population is what rows about accounts are held against: one another, and the accounts that are there.
type population struct {
	byUsername, byEmail   map[string]account.Account // that are there
	rowsOf, rowsOfAddress map[string][]Accepted      // of the file
	looks                 map[string][]string        // what usernames look like
	likeness              map[string][]string        // usernames, by what they look like
}

// checkAccounts holds the rows that can be read against one another and against what is there: nobody can say which of
// two rows with one username or address is right, so both are refused, each with the other. r is nil where there is no
// directory yet.
func checkAccounts(ctx context.Context, r db.R, reading Reading) (Reading, error) {
	known, err := namesIn(ctx, r)
	if err != nil {
		return reading, err
	}
	there, err := thereAlready(ctx, r)
	if err != nil {
		return reading, err
	}
	rows := reading.Accepted
	reading.Accepted = nil
	all := populationOf(rows, there)
	for _, row := range rows {
		one, _ := row.value.(person) // accountRow made it
		notes, err := known.resolve(&one)
		if err == nil {
			err = all.problem(row, one)
		}
		switch existing, same := all.byUsername[row.Key]; {
		case same && err == nil && sameAccount(existing, one.Imported):
			reading.Unchanged++
			continue
		case same && err == nil:
			err = otherDetails(existing, one.Imported)
		}
		if err != nil {
			reading.refuseRow(row.Number, row.cells, err)
			continue
		}
		if row.Record, err = recordOf(one); err != nil {
			return reading, err
		}
		reading.accept(row, parsedRow{notes: append(notes, all.lookAlikes(one)...), counted: countedAs[one.Kind]})
	}
	taken := map[int]bool{}
	for _, row := range reading.Accepted {
		taken[row.Number] = true
	}
	reading.Notes = slices.DeleteFunc(reading.Notes, func(note Refused) bool { return !taken[note.Number] })
	reading.Collisions = all.collisions()
	slices.SortFunc(reading.Refused, func(a, b Refused) int { return cmp.Compare(a.Number, b.Number) })
	slices.SortFunc(reading.Notes, func(a, b Refused) int { return cmp.Compare(a.Number, b.Number) })
	return reading, nil
}

// countedAs names what accounts of a kind are counted among.
var countedAs = map[account.Kind]string{account.Shared: "shared accounts", account.Machine: "machine accounts"}

func recordOf(one person) (string, error) {
	record, err := json.Marshal(one.Imported)
	return string(record), err
}

// thereAlready lists the accounts that are there.
func thereAlready(ctx context.Context, r db.R) ([]account.Account, error) {
	if r == nil {
		return nil, nil
	}
	return account.Everyone(ctx, r)
}

func populationOf(rows []Accepted, there []account.Account) population {
	p := population{
		byUsername: map[string]account.Account{}, byEmail: map[string]account.Account{},
		rowsOf: make(map[string][]Accepted, len(rows)), rowsOfAddress: make(map[string][]Accepted, len(rows)),
		likeness: make(map[string][]string, len(rows)), looks: make(map[string][]string, len(rows)),
	}
	for _, a := range there {
		p.byUsername[account.FoldUsername(a.Username)] = a
		if a.EmailKey != "" && a.Kind != account.Shared {
			p.byEmail[a.EmailKey] = a
		}
		p.look(a.Username)
	}
	for _, row := range rows {
		one, _ := row.value.(person)
		if p.rowsOf[row.Key] = append(p.rowsOf[row.Key], row); len(p.rowsOf[row.Key]) == 1 {
			p.look(one.Username)
		}
		if one.emailKey != "" && one.Kind != account.Shared {
			p.rowsOfAddress[one.emailKey] = append(p.rowsOfAddress[one.emailKey], row)
		}
	}
	return p
}

// look notes what a username looks like.
func (p population) look(username string) {
	folded := account.FoldUsername(username)
	p.looks[folded] = name.LikenessOf(username).Keys()
	for _, key := range p.looks[folded] {
		if !slices.Contains(p.likeness[key], folded) {
			p.likeness[key] = append(p.likeness[key], folded)
		}
	}
}

// lookAlikes notes the other usernames that people could take for that of a row.
func (p population) lookAlikes(one person) (notes []string) {
	own := account.FoldUsername(one.Username)
	for _, key := range p.looks[own] {
		for _, other := range p.likeness[key] {
			if other == own {
				continue
			}
			note := "The username " + fault.Quoted(one.Username) + " looks like " + p.called(other) +
				": make sure that they are two people"
			if !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
	}
	return notes
}

// called names a username and where it stands.
func (p population) called(folded string) string {
	if rows := p.rowsOf[folded]; len(rows) > 0 {
		one, _ := rows[0].value.(person)
		return fmt.Sprintf("%s in row %d", fault.Quoted(one.Username), rows[0].Number)
	}
	return "that of the account " + fault.Quoted(p.byUsername[folded].Username)
}

// problem refuses a row whose username or address another row or account has.
func (p population) problem(row Accepted, one person) error {
	if others := otherRows(p.rowsOf[row.Key], row); others != "" {
		return fault.OfField("username", fault.Quoted(one.Username)+" is also in "+others+
			", capital and small letters being the same. Keep one row, or give each person a username of their own")
	}
	key := one.emailKey
	if others := otherRows(p.rowsOfAddress[key], row); others != "" && one.Kind != account.Shared {
		return fault.OfField("email", fault.Quoted(one.Email)+" is also in "+others+
			". Give each account an address of its own, or mark those as shared that several people use")
	}
	holder, held := p.byEmail[key]
	if held && one.Kind != account.Shared && account.FoldUsername(holder.Username) != row.Key {
		return fault.OfField("email", fault.Quoted(one.Email)+" is the address of the account "+
			fault.Quoted(holder.Username)+", which is there already. Enter the person's own address, or leave out "+
			"the row")
	}
	return nil
}

// otherRows names the rows but one.
func otherRows(rows []Accepted, but Accepted) string {
	var numbers []string
	for _, row := range rows {
		if row.Number != but.Number {
			numbers = append(numbers, fmt.Sprint(row.Number))
		}
	}
	switch {
	case len(numbers) == 0:
		return ""
	case len(numbers) == 1:
		return "row " + numbers[0]
	case len(numbers) > maxOthers:
		return fmt.Sprintf("%d other rows, from row %s on", len(numbers), numbers[0])
	}
	return "rows " + strings.Join(numbers[:len(numbers)-1], ", ") + " and " + numbers[len(numbers)-1]
}

// maxOthers is how many other rows a reason names.
const maxOthers = 5

// differences names in what an account that is there differs from a row, in the words of the columns.
func differences(a account.Account, i account.Imported) (names []string) {
	for _, field := range []struct {
		name, there, here string
	}{
		{"first name", a.FirstName, i.FirstName}, {"last name", a.LastName, i.LastName},
		{"email", a.EmailKey, i.EmailKey()}, {"kind", string(a.Kind), string(i.Kind)},
		{"organisation", a.Organisation, i.Organisation}, {"region", a.Region, i.Region},
		{"status", fmt.Sprint(a.Active), fmt.Sprint(i.Active)},
	} {
		if field.there != field.here {
			names = append(names, field.name)
		}
	}
	return names
}

// sameAccount reports whether a row says what is there. What changes by use, such as the password, does not count.
func sameAccount(a account.Account, i account.Imported) bool { return len(differences(a, i)) == 0 }

// otherDetails refuses a row about an account that is there and is not as the row says.
func otherDetails(a account.Account, i account.Imported) error {
	return fault.OfField("username", "The account "+fault.Quoted(a.Username)+" is there already, with another "+
		strings.Join(differences(a, i), ", ")+". An import changes no account: change it on its page, or leave out "+
		"the row")
}

// collisions lists the usernames and addresses that several have, each with all who have it.
func (p population) collisions() (list []Collision) {
	for key, rows := range p.rowsOf {
		if len(rows) > 1 {
			one, _ := rows[0].value.(person)
			c := Collision{What: "username", Value: one.Username, Rows: numbersOf(rows), Accounts: []string{}}
			if a, there := p.byUsername[key]; there {
				c.Accounts = append(c.Accounts, a.Username)
			}
			list = append(list, c)
		}
	}
	for key, rows := range p.rowsOfAddress {
		holder, held := p.byEmail[key]
		if held && slices.ContainsFunc(rows, func(row Accepted) bool { return p.byUsername[row.Key].ID == holder.ID }) {
			held = len(rows) > 1
		}
		if len(rows) < 2 && !held {
			continue
		}
		c := Collision{What: "email", Value: key, Rows: numbersOf(rows), Accounts: []string{}}
		if held {
			c.Accounts = append(c.Accounts, holder.Username)
		}
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b Collision) int {
		return cmp.Or(cmp.Compare(a.Rows[0], b.Rows[0]), cmp.Compare(a.What, b.What))
	})
	return list
}

func numbersOf(rows []Accepted) (numbers []int) {
	for _, row := range rows {
		numbers = append(numbers, row.Number)
	}
	return numbers
}
