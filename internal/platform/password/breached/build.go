package breached

import (
	"bufio"
	"crypto/sha1" //nolint:gosec // as in breached.go
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Builder makes a list from digests in any order. It keeps them in 256 files by their first byte, each of which is
// small enough to be sorted in memory.
type Builder struct {
	path   string
	folder string
	files  []*os.File
	parts  []*bufio.Writer
}

const (
	parts     = 256
	keptBytes = 8 // of each digest
)

// Begin begins to make the list that is to be at a path. Its folder must have room for twice the list. Close must be
// called, whatever comes.
func Begin(path string) (*Builder, error) {
	folder, err := os.MkdirTemp(filepath.Dir(path), ".breached-*")
	if err != nil {
		return nil, fmt.Errorf("begin list of breached passwords: %w", err)
	}
	b := &Builder{path: path, folder: folder}
	for i := range parts {
		file, err := os.OpenFile(filepath.Clean(b.part(i)), os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o600)
		if err != nil {
			b.Close()
			return nil, fmt.Errorf("begin list of breached passwords: %w", err)
		}
		b.files = append(b.files, file)
		b.parts = append(b.parts, bufio.NewWriterSize(file, 16<<10))
	}
	return b, nil
}

func (b *Builder) part(i int) string { return filepath.Join(b.folder, fmt.Sprintf("%02x", i)) }

// Add adds a digest.
func (b *Builder) Add(d [sha1.Size]byte) error {
	_, err := b.parts[d[0]].Write(d[:keptBytes])
	if err != nil {
		return fmt.Errorf("add to list of breached passwords: %w", err)
	}
	return nil
}

// Finish puts the list at its path, in the place of one that was there, and gives how many passwords it has.
func (b *Builder) Finish(about About) (n int64, err error) {
	whole := filepath.Join(b.folder, "whole")
	file, err := os.OpenFile(filepath.Clean(whole), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return 0, fmt.Errorf("write list of breached passwords: %w", err)
	}
	n, err = b.write(file, about)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(whole, b.path)
	}
	if err != nil {
		return 0, fmt.Errorf("write list of breached passwords: %w", err)
	}
	return n, nil
}

func (b *Builder) write(file io.Writer, about About) (n int64, err error) {
	out := bufio.NewWriterSize(file, 1<<20)
	index := make([]int64, prefixes+1)
	entry := make([]byte, keptBytes)
	for i := range parts {
		digests, err := b.sorted(i)
		if err != nil {
			return 0, err
		}
		for _, d := range digests {
			index[(d>>48)+1]++
			n++
			binary.BigEndian.PutUint64(entry, d)
			if _, err := out.Write(entry[keptBytes-entryBytes:]); err != nil {
				return 0, fmt.Errorf("write entries: %w", err)
			}
		}
	}
	for i := range prefixes {
		index[i+1] += index[i]
	}
	about.Count = n
	if err := writeTrailer(out, index, about); err != nil {
		return 0, err
	}
	return n, out.Flush()
}

// sorted gives the digests of one part in order, each once.
func (b *Builder) sorted(i int) ([]uint64, error) {
	if err := b.parts[i].Flush(); err != nil {
		return nil, fmt.Errorf("write part: %w", err)
	}
	text, err := os.ReadFile(b.part(i))
	if err != nil {
		return nil, fmt.Errorf("read part: %w", err)
	}
	list := make([]uint64, 0, len(text)/keptBytes)
	for chunk := range slices.Chunk(text, keptBytes) {
		list = append(list, binary.BigEndian.Uint64(chunk))
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// Close takes away what is left beside the list.
func (b *Builder) Close() {
	for _, file := range b.files {
		_ = file.Close() // it goes
	}
	_ = os.RemoveAll(b.folder) // what stays takes room, and nothing else
}
