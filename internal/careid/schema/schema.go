// Package schema holds the tables of the care identity side as forward-only migrations, each in a file named
// after the package that owns the tables. A released migration is never edited.
package schema

import "embed"

// Files holds the migrations for db.Open.
//
//go:embed *.sql
var Files embed.FS
