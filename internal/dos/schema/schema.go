// Package schema holds the tables of the directory side as forward-only migrations, each in a file named after the
// package that owns them. A released migration is never edited.
package schema

import "embed"

// Files holds the migrations, for db.Open.
//
//go:embed *.sql
var Files embed.FS
