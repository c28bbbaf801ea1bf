package identity

import (
	"context"
	"fmt"

	"signpost/internal/platform/db"
	"signpost/internal/platform/searchname"
)

// AtOrganisation lists the people who were registered at an organisation, in the order of their names: those whose
// names have words that begin as a text has them, or all if it is empty; at most limit of them after the first skip,
// and how many there are in all.
func AtOrganisation(
	ctx context.Context, r db.R, organisation, text string, skip, limit int,
) (list []Identity, total int, err error) {
	var a db.Arguments
	where := ` WHERE organisation = ` + a.Add(organisation)
	if words := searchname.Typed(text); len(words) > 0 {
		sorted, _, err := wordTable.Rarest(ctx, r, words, maxFound)
		if err != nil {
			return nil, 0, err
		}
		where += ` AND ` + wordTable.Condition(&a, "identity.uuid", sorted)
	}
	count := db.Ask(db.Column[int], `SELECT COUNT(*) FROM identity`+where, a.List()...)
	order := ` ORDER BY family_name, given_name, uuid LIMIT ` + a.Add(limit) + ` OFFSET ` + a.Add(skip)
	found := db.Ask(scanIdentity, selectIdentity+where+order, a.List()...)
	if err := db.Together(ctx, r, count, found); err != nil {
		return nil, 0, fmt.Errorf("list people of an organisation: %w", err)
	}
	total, err = count.One()
	return found.All(), total, err
}

// maxAlike is how many possible matches are given: beyond that a name tells nobody apart.
const maxAlike = 20

const selectAlike = selectIdentity + ` WHERE status <> 'closed' AND uuid IN (
	SELECT uuid FROM identity WHERE email_canonical = $1 AND email_canonical <> ''
	UNION SELECT i.uuid FROM identity i WHERE i.uuid IN (SELECT uuid FROM identity_word WHERE word = $2)
		AND EXISTS (SELECT 1 FROM identity_word g WHERE g.uuid = i.uuid AND g.word = $3))
	ORDER BY family_name, given_name, uuid LIMIT $4`

// Alike lists people who may be the same as somebody who is about to be registered: they have the email address, or a
// word of each of the names.
func Alike(ctx context.Context, r db.R, n New) ([]Identity, error) {
	i, err := n.identity()
	if err != nil {
		return nil, err
	}
	list, err := db.All(ctx, r, scanIdentity, selectAlike, i.EmailCanonical, firstWord(i.FamilyName),
		firstWord(i.GivenName), maxAlike)
	if err != nil {
		return nil, fmt.Errorf("find possible matches: %w", err)
	}
	return list, nil
}

// selectNamed goes through those with the first word and asks of each whether they have the second, which many more may
// have.
const selectNamed = selectIdentity + ` WHERE uuid IN (SELECT f.uuid FROM identity_word f WHERE f.word = $1
	AND EXISTS (SELECT 1 FROM identity_word g WHERE g.word = $2 AND g.uuid = f.uuid)) ORDER BY uuid LIMIT $3`

// maxNamed is how many people with one name are compared: beyond that a name says nothing of who is meant.
const maxNamed = 100

// Named lists people whose names have the first word of each of two names.
func Named(ctx context.Context, r db.R, given, family string) ([]Identity, error) {
	if firstWord(given) == "" || firstWord(family) == "" {
		return nil, nil
	}
	list, err := db.All(ctx, r, scanIdentity, selectNamed, firstWord(family), firstWord(given), maxNamed)
	if err != nil {
		return nil, fmt.Errorf("find people by name: %w", err)
	}
	return list, nil
}

// firstWord is the first word of a name as it is searched by.
func firstWord(name string) string {
	words := searchname.Words(name)
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// NumbersAt lists the numbers of the people who were registered at an organisation and whose identity is active.
func NumbersAt(ctx context.Context, r db.R, organisation string) ([]string, error) {
	list, err := db.All(ctx, r, db.Column[string],
		`SELECT uuid FROM identity WHERE organisation = $1 AND status = 'active' ORDER BY uuid`, organisation)
	if err != nil {
		return nil, fmt.Errorf("list numbers at %s: %w", organisation, err)
	}
	return list, nil
}

const rollOrder = ` ORDER BY family_name, given_name, uuid LIMIT `

// Roll lists people who were registered at an organisation in the order of their names, as many as a limit, after one
// of them, or from the beginning. It reads what it lists and no more, by an index.
func Roll(ctx context.Context, r db.R, organisation string, after Identity, limit int) ([]Identity, error) {
	var a db.Arguments
	where := ` WHERE organisation = ` + a.Add(organisation)
	if after.UUID != "" {
		where += ` AND (family_name, given_name, uuid) > (` + a.Add(after.FamilyName) + `, ` + a.Add(after.GivenName) +
			`, ` + a.Add(after.UUID) + `)`
	}
	list, err := db.All(ctx, r, scanIdentity, selectIdentity+where+rollOrder+a.Add(limit), a.List()...)
	if err != nil {
		return nil, fmt.Errorf("list people of an organisation in order: %w", err)
	}
	return list, nil
}
