package importing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory/importing/lack"
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
	Allowed  bool     `json:"allowed"`  // all but one are shared accounts, which may have the address of one person
}

// population is what rows about accounts are held against: one another, and the accounts that are there.
type population struct {
	byUsername            map[string]account.Account   // that are there
	byEmail               map[string][]account.Account // likewise
	rowsOf, rowsOfAddress map[string][]*Accepted       // of the file
	looks                 map[string][]string          // what usernames look like
	likeness              map[string][]string          // usernames, by what they look like
	names                 names
	grants                map[string]account.Grants // of the accounts that are there, by id
}

// checkAccounts holds the rows that can be read against one another and against what is there: nobody can say which of
// two rows with one username or address is right, so both are refused, each with the other. r is nil where there is no
// directory yet.
func checkAccounts(ctx context.Context, r db.R, reading Reading) (Reading, error) {
	there, err := thereAlready(ctx, r)
	if err != nil {
		return reading, err
	}
	rows := reading.Accepted
	reading.Accepted = make([]Accepted, 0, len(rows))
	reading.lacking = lack.Counts{}
	all := populationOf(rows, there)
	if err := all.readWhatIsKnown(ctx, r); err != nil {
		return reading, err
	}
	for _, row := range rows {
		if err := reading.takeAccount(row, all); err != nil {
			return reading, err
		}
	}
	taken := map[int]bool{}
	for _, row := range reading.Accepted {
		taken[row.Number] = true
	}
	reading.Notes = slices.DeleteFunc(reading.Notes, func(note Refused) bool { return !taken[note.Number] })
	reading.Collisions = all.collisions()
	reading.About = append(reading.About, reading.lacking.Say()...)
	slices.SortFunc(reading.Refused, func(a, b Refused) int { return cmp.Compare(a.Number, b.Number) })
	slices.SortFunc(reading.Notes, func(a, b Refused) int { return cmp.Compare(a.Number, b.Number) })
	return reading, nil
}

// takeAccount accepts or refuses a row about an account, or counts it as unchanged.
func (r *Reading) takeAccount(row Accepted, all population) (err error) {
	one, _ := row.value.(person) // accountRow made it
	notes, problem := all.names.resolve(&one)
	if problem == nil {
		problem = all.problem(row, one)
	}
	a, there := all.byUsername[row.Key]
	switch {
	case problem != nil:
	case there && one.losesOrganisation(a):
		problem = errUnknownOrganisation(one.organisation, a.Organisation)
	case there:
		differences := all.names.differences(row.Number, a, all.grants[a.ID], one)
		if len(differences) == 0 {
			r.Unchanged++
			return nil
		}
		r.Differences = append(r.Differences, differences...)
		if problem = r.mayChange(a, differences); problem == nil {
			err = row.change(a, one)
		}
	default:
		notes = append(notes, all.notes(one)...)
		r.lacking.Add(one.Imported)
		row.Record, err = encoded(one.Imported)
	}
	if problem != nil {
		r.refuseRow(row.Number, row.cells, problem)
		return nil
	}
	// Of the row nothing more is needed, and there may be very many.
	row.value = nil
	row.cells = nil
	r.accept(row, parsedRow{notes: notes, counted: countedAs[one.Kind]})
	return err
}

// mayChange refuses a row that changes an account which is there, where nobody asked for that or no import may.
func (r *Reading) mayChange(a account.Account, differences []Difference) error {
	if !r.ChangeExisting || slices.ContainsFunc(differences, func(d Difference) bool { return d.fixed }) {
		return otherDetails(a, differences)
	}
	return nil
}

// change makes the row one that changes an account.
func (a *Accepted) change(of account.Account, one person) (err error) {
	a.Key = keyOf(of.Username, of.ID) + changedKey
	if a.before, err = encoded(of.Changeable()); err != nil {
		return err
	}
	a.Record, err = encoded(accountChange{ID: of.ID, Before: of.Changeable(), After: one.changed(of)})
	return err
}

// countedAs names what accounts of a kind are counted among.
var countedAs = map[account.Kind]string{account.Shared: "shared accounts", account.Machine: "machine accounts"}

// thereAlready lists the accounts that are there.
func thereAlready(ctx context.Context, r db.R) ([]account.Account, error) {
	if r == nil {
		return nil, nil
	}
	return account.Everyone(ctx, r)
}

func populationOf(rows []Accepted, there []account.Account) population {
	p := population{
		byUsername: map[string]account.Account{}, byEmail: map[string][]account.Account{},
		rowsOf: make(map[string][]*Accepted, len(rows)), rowsOfAddress: make(map[string][]*Accepted, len(rows)),
		likeness: make(map[string][]string, len(rows)), looks: make(map[string][]string, len(rows)),
	}
	for _, a := range there {
		p.byUsername[account.FoldUsername(a.Username)] = a
		if a.EmailKey != "" {
			p.byEmail[a.EmailKey] = append(p.byEmail[a.EmailKey], a)
		}
		p.look(a.Username)
	}
	for i := range rows {
		row := &rows[i]
		one, _ := row.value.(person)
		if p.rowsOf[row.Key] = append(p.rowsOf[row.Key], row); len(p.rowsOf[row.Key]) == 1 {
			p.look(one.Username)
		}
		if one.emailKey != "" {
			p.rowsOfAddress[one.emailKey] = append(p.rowsOfAddress[one.emailKey], row)
		}
	}
	return p
}

// readWhatIsKnown reads what files name, and what the accounts that are there may do, if a row is about one.
func (p *population) readWhatIsKnown(ctx context.Context, r db.R) (err error) {
	if p.names, err = namesIn(ctx, r); err != nil || r == nil {
		return err
	}
	for key := range p.rowsOf {
		if _, there := p.byUsername[key]; there {
			p.grants, err = account.AllGrants(ctx, r)
			return err
		}
	}
	return nil
}

// notes are what somebody should look at in a row that is taken: the other usernames that people could take for its
// own, and shared accounts with its address.
func (p population) notes(one person) []string {
	notes := p.lookAlikes(one)
	if one.Kind == account.Shared {
		return notes
	}
	if teams := p.teamsWith(one.emailKey); teams != "" {
		notes = append(notes, fault.Quoted(one.Email)+" is also the address of "+teams+": if several people read it, "+
			"give this account an address that its holder alone reads")
	}
	return notes
}

// teamsWith names the shared accounts that have an address, in the file and there already.
func (p population) teamsWith(key string) string {
	var teams []string
	for _, row := range p.rowsOfAddress[key] {
		if one, _ := row.value.(person); one.Kind == account.Shared {
			teams = append(teams, fmt.Sprintf("%s in row %d", fault.Quoted(one.Username), row.Number))
		}
	}
	for _, a := range p.byEmail[key] {
		if a.Kind == account.Shared && len(p.rowsOf[account.FoldUsername(a.Username)]) == 0 {
			teams = append(teams, "the account "+fault.Quoted(a.Username))
		}
	}
	return strings.Join(teams[:min(len(teams), maxOthers)], ", ")
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
			note := "The username " + fault.Quoted(one.Username) + " looks like " + p.whereIs(other) +
				": make sure that they are two people"
			if !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
	}
	return notes
}

// whereIs names a username and where it stands.
func (p population) whereIs(folded string) string {
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
	if one.Kind == account.Shared {
		return nil
	}
	if others := otherRows(individuals(p.rowsOfAddress[one.emailKey]), row); others != "" {
		return fault.OfField("email", fault.Quoted(one.Email)+" is also in "+others+
			". Give each account an address of its own, or mark those as shared that several people use")
	}
	for _, holder := range p.byEmail[one.emailKey] {
		if holder.Kind == account.Shared || account.FoldUsername(holder.Username) == row.Key {
			continue
		}
		return fault.OfField("email", fault.Quoted(one.Email)+" is the address of the account "+
			fault.Quoted(holder.Username)+", which is there already. Enter the person's own address, or leave out "+
			"the row")
	}
	return nil
}

// individuals are the rows about accounts that are not shared.
func individuals(rows []*Accepted) (list []*Accepted) {
	for _, row := range rows {
		if one, _ := row.value.(person); one.Kind != account.Shared {
			list = append(list, row)
		}
	}
	return list
}

// otherRows names the rows but one.
func otherRows(rows []*Accepted, but Accepted) string {
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
		c := Collision{What: "email", Value: key, Rows: numbersOf(rows), Accounts: []string{}}
		alone := len(individuals(rows))
		for _, a := range p.byEmail[key] {
			if slices.ContainsFunc(rows, func(row *Accepted) bool { return p.byUsername[row.Key].ID == a.ID }) {
				continue // a row is about it
			}
			c.Accounts = append(c.Accounts, a.Username)
			if a.Kind != account.Shared {
				alone++
			}
		}
		c.Allowed = alone == 1
		if alone > 0 && len(c.Rows)+len(c.Accounts) > 1 {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b Collision) int {
		return cmp.Or(cmp.Compare(a.Rows[0], b.Rows[0]), cmp.Compare(a.What, b.What))
	})
	return list
}

func numbersOf(rows []*Accepted) (numbers []int) {
	for _, row := range rows {
		numbers = append(numbers, row.Number)
	}
	return numbers
}
