// Package schema holds the tables of this side as forward-only migrations, each in a file named by the
// slice that owns them. A released migration is never edited.
package schema

import "embed"

// Files are the migrations, to be given to db.Open.
//
//go:embed *.sql
var Files embed.FS
