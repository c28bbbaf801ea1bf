// Package ground holds the migrations of the tables that every side's database has, reads what migrations say, and
// refuses a database that is ahead of them.
package ground

import (
	"bytes"
	"embed"
	"io"
	"io/fs"
	"sort"
)

//go:embed *.sql
var files embed.FS

// Under shows the ground's migrations and a side's own as one folder. Their numbers begin with the date they were
// written, so that the two sets keep one order.
func Under(side fs.FS) fs.FS { return layers{files, side} }

// layers is several folders seen as one; the first that has a file gives it.
type layers []fs.FS

// Open opens the file in the first layer that has it.
func (l layers) Open(name string) (fs.File, error) {
	for _, layer := range l {
		if f, err := layer.Open(name); err == nil {
			return f, nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir lists the files of all layers in order of their names.
func (l layers) ReadDir(name string) ([]fs.DirEntry, error) {
	var list []fs.DirEntry
	for _, layer := range l {
		entries, err := fs.ReadDir(layer, name)
		if err != nil {
			return nil, err
		}
		list = append(list, entries...)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name() < list[j].Name() })
	return list, nil
}

// atLeisure is how a migration asks for an index of a table that may be large: PostgreSQL makes it while others write
// into the table. SQLite knows no such thing.
const atLeisure = "INDEX CONCURRENTLY "

// ForSQLite shows migrations as SQLite can read them.
type ForSQLite struct{ fs.FS }

// ReadDir lists the files.
func (p ForSQLite) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(p.FS, name) }

// Open opens a file whose indexes are made at once.
func (p ForSQLite) Open(name string) (fs.File, error) {
	file, err := p.FS.Open(name)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	text = bytes.ReplaceAll(text, []byte(atLeisure), []byte("INDEX "))
	return plainFile{File: file, text: bytes.NewReader(text)}, nil
}

// plainFile is a file of which another text is read.
type plainFile struct {
	fs.File
	text io.Reader
}

// Read reads that text.
func (f plainFile) Read(to []byte) (int, error) { return f.text.Read(to) }
