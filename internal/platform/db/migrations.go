package db

import (
	"embed"
	"io/fs"
	"sort"
)

//go:embed ground/*.sql
var ground embed.FS

// merged shows the ground's migrations and the side's own as one folder. Their numbers begin with
// the date they were written, so that the two sets keep one order.
func merged(side fs.FS) (fs.FS, error) {
	own, err := fs.Sub(ground, "ground")
	if err != nil {
		return nil, err
	}
	return layers{own, side}, nil
}

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
