package account

import (
	"context"
	"fmt"
	"strings"
	"time"

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

// The states that can be searched for. All but the last are of active accounts.
const (
	Linked      State = "linked"
	NotLinked   State = "not-linked"  // of people
	NeverUsed   State = "never-used"  // nobody ever logged in with it
	Unconfirmed State = "unconfirmed" // nobody ever confirmed its email address
	Deactivated State = "not-active"
)

// NoRegion is what a search has for the region of accounts whose region is not known.
const NoRegion = "none"

const isLinked = "EXISTS (SELECT 1 FROM account_link k WHERE k.account_id = a.id)"

// stateConditions say in SQL which accounts are in a state.
var stateConditions = map[State]string{
	"":          "TRUE",
	Linked:      "a.active AND " + isLinked,
	NotLinked:   "a.active AND NOT a.web_service_only AND NOT " + isLinked,
	NeverUsed:   "a.active AND NOT EXISTS (SELECT 1 FROM account_login g WHERE g.account_id = a.id)",
	Unconfirmed: "a.active AND a.email_proved_at IS NULL",
	Deactivated: "NOT a.active",
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
	Within Reach
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

// Find lists accounts by username, at most limit of them after the first skip. Words that too many accounts have are
// fault.Invalid.
func Find(ctx context.Context, r db.R, s Search, skip, limit int) (Results, error) {
	if s.vague() {
		return Results{}, errVague
	}
	var a db.Arguments
	where, err := s.condition(ctx, r, &a)
	if err != nil {
		return Results{}, err
	}
	const counts = `SELECT COUNT(*), EXISTS (SELECT 1 FROM account WHERE unfolded) FROM account a WHERE `
	counted := db.Ask(func(scan db.Scanner) (found Results, err error) {
		err = scan(&found.Total, &found.Partial)
		return found, err
	}, counts+where, a.List()...)
	order := ` ORDER BY a.username`
	if s.Words != "" {
		order += ` || ''` // else SQLite reads all accounts in the index's order, and looks at each for the words
	}
	order += ` LIMIT ` + a.Add(limit) + ` OFFSET ` + a.Add(skip)
	found := db.Ask(scanFound, selectFound+where+order, a.List()...)
	if err := db.Together(ctx, r, counted, found); err != nil {
		return Results{}, fmt.Errorf("find accounts: %w", err)
	}
	results, err := counted.One()
	results.Accounts = found.All()
	results.Partial = results.Partial && s.Words != ""
	return results, err
}

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
	const unfolded = `SELECT EXISTS (SELECT 1 FROM account WHERE unfolded)`
	if s.Words != "" {
		ids.Partial, err = db.Value[bool](ctx, r, unfolded)
	}
	ids.SQL = `SELECT a.id FROM account a WHERE ` + where
	ids.Args = a.List()
	return ids, err
}

// condition is that an account is one of those looked for.
func (s Search) condition(ctx context.Context, r db.R, a *db.Arguments) (string, error) {
	kind, known := kindConditions[s.Kind]
	state, also := stateConditions[s.State]
	if !known || !also {
		return "FALSE", nil // before anything is added that the query would not use, which PostgreSQL refuses
	}
	words, err := s.wordsCondition(ctx, r, a)
	if err != nil {
		return "", err
	}
	condition := words + " AND " + kind + " AND " + state + " AND " + s.Within.condition(a)
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

// Count counts the accounts within a reach.
func Count(ctx context.Context, r db.R, within Reach) (Counts, error) {
	var a db.Arguments
	kinds := []Kind{Individual, Shared, Machine}
	states := []State{Linked, NotLinked, NeverUsed, Unconfirmed, Deactivated}
	text := "SELECT COUNT(*)"
	for _, k := range kinds {
		text += ", COUNT(CASE WHEN " + kindConditions[k] + " THEN 1 END)"
	}
	for _, s := range states {
		text += ", COUNT(CASE WHEN " + stateConditions[s] + " THEN 1 END)"
	}
	text += " FROM account a WHERE " + within.condition(&a)
	counts, err := db.One(ctx, r, func(scan db.Scanner) (counts Counts, err error) {
		numbers := make([]int, 1+len(kinds)+len(states))
		to := make([]any, len(numbers))
		for i := range numbers {
			to[i] = &numbers[i]
		}
		err = scan(to...)
		counts = Counts{All: numbers[0], Kinds: map[Kind]int{}, States: map[State]int{}}
		for i, k := range kinds {
			counts.Kinds[k] = numbers[1+i]
		}
		for i, s := range states {
			counts.States[s] = numbers[1+len(kinds)+i]
		}
		return counts, err
	}, text, a.List()...)
	if err != nil {
		return counts, fmt.Errorf("count accounts: %w", err)
	}
	return counts, nil
}
