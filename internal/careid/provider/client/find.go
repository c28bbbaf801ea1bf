package client

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"signpost/internal/platform/db"
	"signpost/internal/platform/searchname"
)

// ByIDs reads several clients, by their ids. Unknown ones are left out.
func ByIDs(ctx context.Context, r db.R, ids []string) (map[string]Client, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, scanner(r.Now()), selectClients+` WHERE client_id IN (`+db.AddEach(&args, ids)+`)`,
		args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read clients: %w", err)
	}
	found := map[string]Client{}
	for _, c := range list {
		found[c.ID] = c
	}
	return found, nil
}

// All reads all clients, by id.
func All(ctx context.Context, r db.R) ([]Client, error) {
	list, err := db.All(ctx, r, scanner(r.Now()), selectClients+` ORDER BY client_id`)
	if err != nil {
		return nil, fmt.Errorf("list clients: %w", err)
	}
	return list, nil
}

// Search says which clients are looked for.
type Search struct {
	Words string   // beginnings of words of the name, the owner or the client id
	Teams []string // of these teams only
	Every bool     // of every team, and this system's own
}

// inOrder has those that are deleted last.
const inOrder = ` ORDER BY status = 'closed', client_id`

// Find lists the clients that are looked for: at most limit of them after the first skip, and how many there are in
// all.
func Find(ctx context.Context, r db.R, s Search, skip, limit int) ([]Client, int, error) {
	if strings.TrimSpace(s.Words) != "" {
		return s.withWords(ctx, r, skip, limit)
	}
	var a db.Arguments
	where := s.condition(&a)
	count := db.Ask(db.Column[int], `SELECT COUNT(*) FROM provider_client`+where, a.List()...)
	found := db.Ask(scanner(r.Now()), selectClients+where+inOrder+` LIMIT `+a.Add(limit)+` OFFSET `+a.Add(skip),
		a.List()...)
	if err := db.Together(ctx, r, count, found); err != nil {
		return nil, 0, fmt.Errorf("list clients: %w", err)
	}
	total, err := count.One()
	return found.All(), total, err
}

func (s Search) condition(a *db.Arguments) string {
	if s.Every {
		return ""
	}
	return ` WHERE team_id IN (` + db.AddEach(a, s.Teams) + `)`
}

// withWords is Find for a search with words. Names stand among the settings, so those of all clients are read, of which
// there are some thousands.
func (s Search) withWords(ctx context.Context, r db.R, skip, limit int) ([]Client, int, error) {
	var a db.Arguments
	where := s.condition(&a)
	words := searchname.Typed(s.Words)
	texts, err := db.All(ctx, r, scanText, `SELECT client_id, settings FROM provider_client`+where+inOrder, a.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("list names of clients: %w", err)
	}
	var ids []string
	for _, t := range texts {
		if t.has(words) {
			ids = append(ids, t.id)
		}
	}
	first := min(skip, len(ids))
	onPage := ids[first:min(first+limit, len(ids))]
	found, err := ByIDs(ctx, r, onPage)
	var list []Client
	for _, id := range onPage {
		list = append(list, found[id])
	}
	return list, len(ids), err
}

// text holds the words by which a client is found.
type text struct {
	id    string
	words []string
}

func scanText(scan db.Scanner) (t text, err error) {
	var settings string
	if err := scan(&t.id, &settings); err != nil {
		return t, err
	}
	var c struct {
		Name  string `json:"client_name"`
		Owner string `json:"owner"`
	}
	err = json.Unmarshal([]byte(settings), &c)
	t.words = searchname.Words(c.Name + " " + c.Owner + " " + t.id)
	return t, err
}

// has reports whether each of some words is the beginning of a word of the text; of no words it has none.
func (t text) has(words []string) bool {
	for _, word := range words {
		if !slices.ContainsFunc(t.words, func(own string) bool { return strings.HasPrefix(own, word) }) {
			return false
		}
	}
	return len(words) > 0
}

// Some are the first clients of a team, and how many it has.
type Some struct {
	Clients []Client
	Total   int
}

const selectFirst = `SELECT ` + clientColumns + `, clients FROM (
		SELECT *, ROW_NUMBER() OVER (PARTITION BY team_id ORDER BY status = 'closed', client_id) AS place,
			COUNT(*) OVER (PARTITION BY team_id) AS clients
		FROM provider_client WHERE team_id IN (%s)
	) AS ranked WHERE place <= %s ORDER BY team_id, place`

// OfTeams lists the first clients of each of several teams, at most limit of each, by the teams' ids.
func OfTeams(ctx context.Context, r db.R, teams []string, limit int) (map[string]Some, error) {
	read := scanner(r.Now())
	found := map[string]Some{}
	var a db.Arguments
	sql := fmt.Sprintf(selectFirst, db.AddEach(&a, teams), a.Add(limit))
	_, err := db.All(ctx, r, func(scan db.Scanner) (c Client, err error) {
		var total int
		c, err = read(func(to ...any) error { return scan(append(to, &total)...) })
		found[c.Team] = Some{Clients: append(found[c.Team].Clients, c), Total: total}
		return c, err
	}, sql, a.List()...)
	if err != nil {
		return nil, fmt.Errorf("list clients of teams: %w", err)
	}
	return found, nil
}
