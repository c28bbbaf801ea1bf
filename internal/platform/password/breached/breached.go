// Package breached keeps a list of passwords that are known from breaches, and looks passwords up in it.
//
// The list is one file: the first 64 bits of the SHA-1 digest of each password, in order, so that a look-up reads a few
// kilobytes of a list of any size. A national list of a thousand million passwords takes 6 GB; no password can be read
// from it. The package knows no rules about passwords.
package breached

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the lists that are published are of SHA-1 digests; nothing is kept secret by it
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"sync"
	"time"

	"signpost/internal/platform/fault"
)

// A file has the entries of all passwords in order, then the index, then what is known of the list. An entry lacks the
// first two bytes of the digest, by which the index says where its entries begin.
const (
	entryBytes   = 6
	prefixes     = 1 << 16
	indexBytes   = (prefixes + 1) * 8
	aboutBytes   = 512
	trailerBytes = indexBytes + aboutBytes
	format       = "signpost breached passwords 1"
)

// About says what a list is.
type About struct {
	Format   string    `json:"format"`
	Count    int64     `json:"passwords"`
	Source   string    `json:"source"` // name of the file from which it was imported
	Imported time.Time `json:"imported"`
}

// List looks passwords up in the list at a path. A list that is imported later is found without a start.
type List struct {
	path string

	mu   sync.Mutex
	open *opened // nil until it is needed
}

// At gives the list at a path, which need not be there yet.
func At(path string) *List { return &List{path: filepath.Clean(path)} }

// digest gives the SHA-1 digest of a password.
func digest(plain string) (d [sha1.Size]byte) { return sha1.Sum([]byte(plain)) } //nolint:gosec // as above

// Has reports whether a password is on the list. Nothing is on a list that was never imported.
func (l *List) Has(plain string) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	o, err := l.current()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return o.has(digest(plain))
}

// About gives what the list is, or fs.ErrNotExist.
func (l *List) About() (About, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	o, err := l.current()
	if err != nil {
		return About{}, err
	}
	return o.about, nil
}

// current gives the file that is at the path now.
func (l *List) current() (*opened, error) {
	info, err := os.Stat(l.path)
	if err != nil {
		return nil, fmt.Errorf("list of breached passwords: %w", err)
	}
	if l.open != nil && os.SameFile(info, l.open.info) && info.ModTime().Equal(l.open.info.ModTime()) {
		return l.open, nil
	}
	if l.open != nil {
		_ = l.open.file.Close() // it was only read
		l.open = nil
	}
	l.open, err = open(l.path)
	return l.open, err
}

// opened is a file that is read from.
type opened struct {
	file  *os.File
	info  fs.FileInfo
	about About
	index []int64 // for each prefix, how many entries are before it
}

// ErrDamaged says that a file is no list, or not a whole one.
var ErrDamaged = errors.New("the file is no list of breached passwords, or not a whole one")

func open(path string) (o *opened, err error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("open list of breached passwords: %w", err)
	}
	o = &opened{file: file}
	if err = o.read(); err != nil {
		_ = file.Close() // it was only read
		return nil, fmt.Errorf("read list of breached passwords: %w", err)
	}
	return o, nil
}

func (o *opened) read() (err error) {
	if o.info, err = o.file.Stat(); err != nil {
		return fmt.Errorf("size: %w", err)
	}
	body := o.info.Size() - trailerBytes
	if body < 0 {
		return ErrDamaged
	}
	trailer := make([]byte, trailerBytes)
	if _, err := o.file.ReadAt(trailer, body); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if err := json.Unmarshal(trailer[indexBytes:], &o.about); err != nil || o.about.Format != format {
		return ErrDamaged
	}
	o.index = make([]int64, prefixes+1)
	for i := range o.index {
		o.index[i] = int64(binary.BigEndian.Uint64(trailer[8*i:]))
		if i > 0 && o.index[i] < o.index[i-1] {
			return ErrDamaged
		}
	}
	if o.index[0] != 0 || o.index[prefixes] != o.about.Count || o.about.Count*entryBytes != body {
		return ErrDamaged
	}
	return nil
}

func (o *opened) has(d [sha1.Size]byte) (bool, error) {
	prefix := int(binary.BigEndian.Uint16(d[:]))
	from, to := o.index[prefix], o.index[prefix+1]
	entries := make([]byte, (to-from)*entryBytes)
	if _, err := o.file.ReadAt(entries, from*entryBytes); err != nil && len(entries) > 0 {
		return false, fmt.Errorf("look up in list of breached passwords: %w", err)
	}
	wanted := d[2 : 2+entryBytes]
	n := int(to - from)
	at := func(i int) []byte { return entries[i*entryBytes : (i+1)*entryBytes] }
	i := sort.Search(n, func(i int) bool { return bytes.Compare(at(i), wanted) >= 0 })
	return i < n && bytes.Equal(at(i), wanted), nil
}

// writeTrailer writes what comes after the entries.
func writeTrailer(to io.Writer, index []int64, about About) error {
	trailer := make([]byte, 0, trailerBytes)
	for _, n := range index {
		trailer = binary.BigEndian.AppendUint64(trailer, uint64(n))
	}
	about.Format = format
	text, err := json.Marshal(about)
	if err == nil && len(text) > aboutBytes {
		err = fault.Say(fault.Invalid, "The name of the file is too long.")
	}
	if err != nil {
		return fmt.Errorf("describe list of breached passwords: %w", err)
	}
	trailer = append(trailer, text...)
	trailer = append(trailer, bytes.Repeat([]byte(" "), aboutBytes-len(text))...)
	if _, err := to.Write(trailer); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	return nil
}
