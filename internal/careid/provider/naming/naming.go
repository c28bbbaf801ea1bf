// Package naming keeps how the names of services and of their teams look, so that an index finds the one that people
// could take for another, however many there are. It does not know what a service or a team is.
package naming

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/name"
	"signpost/internal/platform/searchname/wordtable"
)

// Name is a name, and whose it is.
type Name struct {
	Holder audit.Ref
	Text   string
}

// looks has what each name looks like, with whom it belongs to.
var looks = wordtable.Table{Name: "provider_look", ID: "holder"}

// Put has somebody hold names, as a part of an Update, and no longer those that they held.
func Put(ctx context.Context, w *db.W, holder audit.Ref, names ...string) error {
	var keys []string
	for _, text := range names {
		keys = append(keys, name.LikenessOf(text).Keys()...)
	}
	return looks.Replace(ctx, w, keyOf(holder), keys)
}

// Alike reports whether people could take one name for the other.
func Alike(one, other string) bool { return name.LikenessOf(one).Like(name.LikenessOf(other)) }

// Taken reports whether this system, or somebody other than those who may have the name, holds one that people could
// take for it.
func Taken(ctx context.Context, r db.R, text string, may ...audit.Ref) (bool, error) {
	if isOurs(text) {
		return true, nil
	}
	var a db.Arguments
	keys := db.AddEach(&a, name.LikenessOf(text).Keys())
	holders, err := db.All(ctx, r, db.Column[string], `SELECT holder FROM provider_look WHERE word IN (`+keys+`)`,
		a.List()...)
	if err != nil {
		return false, fmt.Errorf("look for names that look alike: %w", err)
	}
	return slices.ContainsFunc(holders, func(holder string) bool {
		return !slices.ContainsFunc(may, func(own audit.Ref) bool { return keyOf(own) == holder })
	}), nil
}

// keyOf names a holder in the table.
func keyOf(holder audit.Ref) string { return holder.Kind + " " + holder.ID }
