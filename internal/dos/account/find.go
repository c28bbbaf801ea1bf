package account

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account/among"
	"signpost/internal/dos/account/headcount"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/searchname"
)

// Ended is what lists call accounts of any kind that are not active.
const Ended Kind = "not-active"

// Listed gives the kind under which lists have the account.
func (a Account) Listed() Kind {
	if !a.Active {
		return Ended
	}
	return a.Kind
}

// State says how far an account has come.
type State string

// The states that can be searched for. All but Deactivated are of active accounts.
const (
	Linked      State = "linked"
	NotLinked   State = "not-linked"  // of people
	NeverUsed   State = "never-used"  // nobody ever logged in with it
	Unconfirmed State = "unconfirmed" // nobody ever confirmed its email address
	Drifted     State = "drifted"     // its email address is not that of the holder's Care Identity
	Deactivated State = "not-active"
	Unplaced    State = "no-organisation" // of people: where they work is not known
)

// NoRegion is what a search has for the region of accounts whose region is not known.
const NoRegion = "none"

// stateConditions say in SQL which accounts are in a state.
var stateConditions = map[State]string{
	"":          "TRUE",
	Linked:      "a.active AND a.linked",
	NotLinked:   "a.active AND NOT a.web_service_only AND NOT a.linked",
	NeverUsed:   "a.active AND NOT a.used AND NOT " + headcount.Entered,
	Unconfirmed: "a.active AND a.email_proved_at IS NULL",
	Drifted:     "a.active AND a.drifted",
	Deactivated: "NOT a.active",
	Unplaced:    "a.active AND NOT a.web_service_only AND a.organisation = ''",
}

// inState says the same of a sort of accounts, for the states by which accounts are counted. Others have an index of
// the few accounts that are in them.
var inState = map[State]func(headcount.Sort) bool{
	"":          func(headcount.Sort) bool { return true },
	Linked:      func(s headcount.Sort) bool { return s.Active && s.Linked },
	NotLinked:   func(s headcount.Sort) bool { return s.Active && s.Kind != string(Machine) && !s.Linked },
	NeverUsed:   func(s headcount.Sort) bool { return s.Active && !s.Used },
	Unconfirmed: func(s headcount.Sort) bool { return s.Active && !s.Proved },
	Deactivated: func(s headcount.Sort) bool { return !s.Active },
}

// minLetters is how many letters and digits the longest word of a search needs.
const minLetters = 2

// Search says which accounts are looked for. It finds accounts within a reach only; one without words
// finds all of those.
type Search struct {
	Words  string // beginnings of words of username, names, email address or ODS code; or a Care Identity number
	Kind   Kind
	State  State
	Region string // id of a region, or NoRegion; empty for any
	// Organisation is the ODS code of one; empty for any.
	Organisation string
	Within       Reach
	Among        among.All // what else they have to be
	// Known are ids of accounts that are known to have the words elsewhere than in the account.
	Known []string
}

var errVague = fault.OfField("q", fmt.Sprintf("Enter a word of at least %d letters or digits", minLetters))

// vague reports whether nearly every account has the words of a search.
func (s Search) vague() bool {
	addresses, rest := addressesIn(s.Words)
	return strings.TrimSpace(s.Words) != "" && len(addresses) == 0 && !searchname.HasWord(rest, minLetters)
}

// Found is an account with when it was linked; a zero time is not linked.
type Found struct {
	Account
	Linked time.Time
}

const selectFound = `SELECT a.id, a.username, a.first_name, a.last_name, a.email, a.email_key, a.email_since,
	a.email_proved_at, a.shared, a.web_service_only, a.active, a.password_hash, a.organisation, a.created_at,
	a.relink_until, a.region, a.phone, a.access_reason, a.approved_by, a.approved_at,
	a.reading_only, a.retire_at, l.linked_at
	FROM account a LEFT JOIN account_link l ON l.account_id = a.id WHERE `

func scanFound(scan db.Scanner) (f Found, err error) {
	f.Account, err = scanAccount(func(to ...any) error { return scan(append(to, db.At(&f.Linked))...) })
	return f, err
}

// maxFound is how many accounts may have the rarest word of a search. Nobody reads through more.
const maxFound = 5000

var errTooMany = fault.OfField("q", fmt.Sprintf("More than %d users have this. Add another word, or enter the whole "+
	"username or email address", maxFound))

// Results are a page of the accounts that a search finds.
type Results struct {
	Accounts []Found
	Total    int  // on all pages
	Partial  bool // some accounts are not found by all their words yet, as in the minutes after an upgrade
}

// Place is where a page of a list begins that is in the order of usernames: after one, or so that it ends before one;
// at the beginning if neither is given.
type Place struct{ After, Before string }

// Find lists accounts by username, at most limit of them from a place on. Words that too many accounts have are
// fault.Invalid.
func Find(ctx context.Context, r db.R, s Search, at Place, limit int) (results Results, err error) {
	if s.vague() {
		return results, errVague
	}
	var usernames []string
	if s.Words != "" {
		if usernames, err = s.usernames(ctx, r, Place{}, maxFound+1); err != nil {
			return results, err
		}
		results.Total = len(usernames)
		usernames = at.of(usernames, limit)
		results.Partial, err = db.Value[bool](ctx, r, selectUnfolded)
	} else if usernames, err = s.usernames(ctx, r, at, limit); err == nil {
		results.Total, err = s.count(ctx, r)
	}
	if err != nil {
		return results, fmt.Errorf("find accounts: %w", err)
	}
	var a db.Arguments
	rows := selectFound + `a.username IN (` + db.AddEach(&a, usernames) + `) ORDER BY a.username`
	if results.Accounts, err = db.All(ctx, r, scanFound, rows, a.List()...); err != nil {
		return results, fmt.Errorf("read the accounts found: %w", err)
	}
	return results, nil
}

// usernames lists those of the accounts looked for that stand at a place. An index has all that is asked for.
func (s Search) usernames(ctx context.Context, r db.R, at Place, limit int) ([]string, error) {
	var a db.Arguments
	where, err := s.condition(ctx, r, &a)
	if err != nil {
		return nil, err
	}
	order := ` ORDER BY a.username`
	switch {
	case s.Words != "":
		order += ` || ''` // else SQLite reads all accounts in the index's order, and looks at each for the words
	case at.After != "":
		where += ` AND a.username > ` + a.Add(at.After)
	case at.Before != "":
		where += ` AND a.username < ` + a.Add(at.Before)
		order += ` DESC`
	}
	text := `SELECT a.username FROM account a WHERE ` + where + order + ` LIMIT ` + a.Add(limit)
	return db.All(ctx, r, db.Column[string], text, a.List()...)
}

// of gives what stands at the place of a list in order.
func (p Place) of(list []string, limit int) []string {
	switch {
	case p.After != "":
		from, found := slices.BinarySearch(list, p.After)
		if found {
			from++
		}
		list = list[from:]
	case p.Before != "":
		to, _ := slices.BinarySearch(list, p.Before)
		return list[max(to-limit, 0):to]
	}
	return list[:min(limit, len(list))]
}

// count counts the accounts of a search that has no words: those of regions are counted already, and few belong to one
// organisation.
func (s Search) count(ctx context.Context, r db.R) (int, error) {
	var a db.Arguments
	where, err := s.condition(ctx, r, &a)
	if err != nil || where == nothing {
		return 0, err
	}
	if _, counted := inState[s.State]; !counted || s.Organisation != "" || len(s.Among) > 0 {
		return db.Value[int](ctx, r, countFew+where, a.List()...)
	}
	counted, err := headcount.Read(ctx, r)
	if err != nil {
		return 0, err
	}
	n := counted.Count(func(sort headcount.Sort) bool { return s.means(sort) && s.Within.hasRegion(sort.Region) })
	if s.Within.Everywhere || len(s.Within.Organisations) == 0 {
		return n, nil
	}
	others, err := db.Value[int](ctx, r, countFew+where+` AND `+s.Within.besideRegions(&a), a.List()...)
	return n + others, err
}

// countFew counts accounts of a condition one by one.
const countFew = `SELECT COUNT(*) FROM account a WHERE `

// means reports whether accounts of a sort are of the kind, the state and the region looked for.
func (s Search) means(sort headcount.Sort) bool {
	return (s.Kind == "" || string(s.Kind) == sort.Kind) && inState[s.State](sort) &&
		(s.Region == "" || s.Region == sort.Region || s.Region == NoRegion && sort.Region == "")
}

const selectUnfolded = `SELECT EXISTS (SELECT 1 FROM account WHERE unfolded)`

// IDs is a query for the ids of the accounts that a search finds.
type IDs struct {
	SQL     string
	Args    []any
	Partial bool // some accounts are not found by all their words yet, as in the minutes after an upgrade
}

// IDs prepares the query for another table's rows about the accounts that are found. Words that too many accounts have
// are fault.Invalid.
func (s Search) IDs(ctx context.Context, r db.R) (ids IDs, err error) {
	if s.vague() {
		return ids, errVague
	}
	var a db.Arguments
	where, err := s.condition(ctx, r, &a)
	if err != nil {
		return ids, err
	}
	if s.Words != "" {
		ids.Partial, err = db.Value[bool](ctx, r, selectUnfolded)
	}
	ids.SQL = `SELECT a.id FROM account a WHERE ` + where
	ids.Args = a.List()
	return ids, err
}

// Shared reports whether a search finds accounts that are within another reach too, and whether all it finds are.
func (s Search) Shared(ctx context.Context, r db.R, other Reach) (some, all bool, err error) {
	ask := func(within string) (bool, error) {
		var a db.Arguments
		where, err := s.condition(ctx, r, &a)
		if err != nil {
			return false, err
		}
		return db.Value[bool](ctx, r, `SELECT EXISTS (SELECT 1 FROM account a WHERE `+where+` AND `+within+
			other.Condition(&a)+`)`, a.List()...)
	}
	if some, err = ask(""); err != nil || !some {
		return false, false, err
	}
	outside, err := ask("NOT ")
	return some, !outside, err
}

// nothing is the condition of a search that finds no account.
const nothing = "FALSE"

// condition is that an account is one of those looked for.
func (s Search) condition(ctx context.Context, r db.R, a *db.Arguments) (string, error) {
	kind, known := kindConditions[s.Kind]
	state, also := stateConditions[s.State]
	if !known || !also {
		return nothing, nil // before anything is added that the query would not use, which PostgreSQL refuses
	}
	words, err := s.wordsCondition(ctx, r, a)
	if err != nil {
		return "", err
	}
	condition := words + " AND " + kind + " AND " + state + " AND " + s.Within.Condition(a)
	if s.Organisation != "" {
		condition += " AND a.organisation = " + a.Add(s.Organisation)
	}
	if condition, err = s.Among.And(ctx, r, condition, a, "a.id"); err != nil {
		return "", err
	}
	switch s.Region {
	case "":
	case NoRegion:
		condition += " AND a.region = ''"
	default:
		condition += " AND a.region = " + a.Add(s.Region)
	}
	return condition, nil
}

// kindConditions say in SQL which accounts are of a kind.
var kindConditions = map[Kind]string{
	"":         "TRUE",
	Machine:    "a.web_service_only",
	Shared:     "a.shared AND NOT a.web_service_only",
	Individual: "NOT a.shared AND NOT a.web_service_only",
}

// wordsCondition is that an account has the words, or the link to the Care Identity with this number if there is one.
func (s Search) wordsCondition(ctx context.Context, r db.R, a *db.Arguments) (string, error) {
	number := strings.Join(strings.Fields(strings.ReplaceAll(s.Words, "-", " ")), "")
	if number != "" && strings.Trim(number, "0123456789") == "" {
		const linked = `SELECT EXISTS (SELECT 1 FROM account_link WHERE subject = $1)`
		is, err := db.Value[bool](ctx, r, linked, number)
		if err != nil {
			return "", fmt.Errorf("find the account of a Care Identity: %w", err)
		}
		if is {
			return "a.id IN (SELECT account_id FROM account_link WHERE subject = " + a.Add(number) + ")", nil
		}
	}
	words, rows, err := wordTable.Rarest(ctx, r, typedWords(s.Words), maxFound)
	if err == nil && rows > maxFound {
		err = errTooMany
	}
	condition := wordTable.Condition(a, "a.id", words)
	if len(s.Known) > 0 {
		condition = "(" + condition + " OR a.id IN (" + db.AddEach(a, s.Known) + "))"
	}
	return condition, err
}

// Counts are how many accounts there are of each kind and in each state.
type Counts struct {
	All    int
	Kinds  map[Kind]int
	States map[State]int
}

// Count counts the accounts within a reach, of one organisation if its ODS code is given.
func Count(ctx context.Context, r db.R, within Reach, organisation string) (Counts, error) {
	counts := Counts{Kinds: map[Kind]int{}, States: map[State]int{}}
	counted, err := within.counted(ctx, r, organisation)
	if err != nil {
		return counts, err
	}
	for sort, n := range counted {
		counts.All += n
		counts.Kinds[Kind(sort.Kind)] += n
	}
	for state, is := range inState {
		if state != "" {
			counts.States[state] = counted.Count(is)
		}
	}
	for _, state := range []State{Drifted, Unplaced} { // few are in them
		search := Search{State: state, Within: within, Organisation: organisation}
		if counts.States[state], err = search.count(ctx, r); err != nil {
			return counts, err
		}
	}
	return counts, nil
}

// counted gives how many accounts within the reach there are of each sort, of one organisation if it is given.
func (r Reach) counted(ctx context.Context, read db.R, organisation string) (headcount.Counts, error) {
	if organisation != "" {
		var a db.Arguments
		of := headcount.Counts{}
		where := r.Condition(&a) + " AND a.organisation = " + a.Add(organisation)
		return of, headcount.Among(ctx, read, of, where, a.List()...)
	}
	all, err := headcount.Read(ctx, read)
	if err != nil {
		return nil, err
	}
	return r.cut(ctx, read, all)
}

// cut leaves of counts what is within the reach. The accounts of organisations are few, and are looked at one by one.
func (r Reach) cut(ctx context.Context, read db.R, all headcount.Counts) (headcount.Counts, error) {
	cut := headcount.Counts{}
	for sort, n := range all {
		if r.hasRegion(sort.Region) {
			cut[sort] += n
		}
	}
	if r.Everywhere || len(r.Organisations) == 0 {
		return cut, nil
	}
	var a db.Arguments
	err := headcount.Among(ctx, read, cut, r.besideRegions(&a), a.List()...)
	return cut, err
}
