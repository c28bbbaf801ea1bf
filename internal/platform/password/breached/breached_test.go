package breached_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/password/breached"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// build makes a list of the lines of a file.
func build(t *testing.T, path, text string) (breached.Counts, int64) {
	t.Helper()
	b, err := breached.Begin(path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	counts, err := breached.Read(strings.NewReader(text), 8, b.Add)
	if err != nil {
		t.Fatal(err)
	}
	n, err := b.Finish(breached.About{Source: "list.txt", Imported: noon})
	if err != nil {
		t.Fatal(err)
	}
	return counts, n
}

func has(t *testing.T, l *breached.List, plain string) bool {
	t.Helper()
	listed, err := l.Has(plain)
	if err != nil {
		t.Fatal(err)
	}
	return listed
}

// A list is of passwords and of digests, in any order, each once; what is not in it is not on it.
func TestList(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	l := breached.At(path)
	if has(t, l, "liverpool1") {
		t.Error("something is on a list that was never made")
	}
	if _, err := l.About(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("about no list: %v", err)
	}
	digest := fmt.Sprintf("%X", sha1.Sum([]byte("trombone99")))
	text := "zanzibar77\r\n\n" + digest + ":42\nliverpool1\nshort\nliverpool1\ncaf\xe9 au lait\ncafe\u0301 noir\n" +
		digest[:39] + ":42\n" + fmt.Sprintf("%x", sha1.Sum([]byte("no count"))) + "\n"
	counts, n := build(t, path, text)
	if want := (breached.Counts{Passwords: 5, Digests: 2, Short: 1, Unread: 1}); counts != want || n != 6 {
		t.Errorf("%+v, %d on the list; want %+v and 6", counts, n, want)
	}
	for plain, want := range map[string]bool{
		"zanzibar77": true, "liverpool1": true, "trombone99": true, "caf\u00e9 noir": true, "no count": true,
		"zanzibar78": false, "Liverpool1": false, "": false, "short": false, digest: false,
	} {
		if got := has(t, l, plain); got != want {
			t.Errorf("%q is on the list: %v, want %v", plain, got, want)
		}
	}
	about, err := l.About()
	if err != nil || about.Count != 6 || about.Source != "list.txt" || !about.Imported.Equal(noon) {
		t.Errorf("%+v, %v", about, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".breached-*")); len(left) > 0 {
		t.Errorf("left beside the list: %v", left)
	}
}

// Of many passwords each is found, and of as many others none.
func TestEachOfManyIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	var text strings.Builder
	const many = 20_000
	for n := range many {
		fmt.Fprintf(&text, "password %d\n", n)
	}
	if _, n := build(t, path, text.String()); n != many {
		t.Fatalf("%d on the list", n)
	}
	l := breached.At(path)
	for n := range many {
		if !has(t, l, fmt.Sprintf("password %d", n)) || has(t, l, fmt.Sprintf("another %d", n)) {
			t.Fatalf("number %d is taken for what it is not", n)
		}
	}
}

// Another list takes the place of one that is in use.
func TestAnotherListHoldsAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	l := breached.At(path)
	build(t, path, "liverpool1\n")
	if !has(t, l, "liverpool1") || has(t, l, "zanzibar77") {
		t.Fatal("the first list")
	}
	build(t, path, "zanzibar77\n")
	if has(t, l, "liverpool1") || !has(t, l, "zanzibar77") {
		t.Error("the first list still holds")
	}
}

// What is no list, or a part of one, is never taken for an empty one.
func TestDamagedListsAreErrors(t *testing.T) {
	folder := t.TempDir()
	whole := filepath.Join(folder, "whole")
	build(t, whole, "liverpool1\nzanzibar77\n")
	text, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	unordered := bytes.Clone(text)
	unordered[12+3] = 9 // the first entry of the index
	for name, damaged := range map[string][]byte{
		"empty": nil, "cut": text[:len(text)-1], "without an entry": text[6:], "with another": append(text[:6:6], text...),
		"of passwords": []byte("liverpool1\n"), "with an index out of order": unordered,
	} {
		path := filepath.Join(folder, "damaged")
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if listed, err := breached.At(path).Has("nothing"); !errors.Is(err, breached.ErrDamaged) || listed {
			t.Errorf("%s: %v, %v", name, listed, err)
		}
	}
}

// A file may be compressed; one that is no text is refused.
func TestFilesThatAreRead(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write([]byte("liverpool1\nzanzibar77\n")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, text string
		passwords  int64
		refused    bool
	}{
		{"compressed", zipped.String(), 2, false},
		{"compressed, and cut", zipped.String()[:zipped.Len()-5], 0, true},
		{"empty", "", 0, false},
		{"an archive", "PK\x03\x04\x00\x00 and so on", 0, true},
		{"one line without an end", strings.Repeat("long", 2000), 0, true},
	} {
		counts, err := breached.Read(strings.NewReader(tt.text), 8, func([sha1.Size]byte) error { return nil })
		if (err != nil) != tt.refused || !tt.refused && counts.Passwords != tt.passwords {
			t.Errorf("%s: %+v, %v", tt.name, counts, err)
		}
		if known, is := fault.From(err); tt.refused && strings.Contains(tt.name, "an ") && (!is || known.Cure == "") {
			t.Errorf("%s: %v says nothing to do", tt.name, err)
		}
	}
}
