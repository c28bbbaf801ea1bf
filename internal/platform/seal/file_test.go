package seal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/platform/seal"
)

func TestLoad(t *testing.T) {
	file := seal.File{Path: filepath.Join(t.TempDir(), "keys", "master.key")}
	if _, err := file.Load(false); err == nil {
		t.Error("an absent key was loaded")
	}
	first, err := file.Load(true)
	if err != nil {
		t.Fatal(err)
	}
	opens(t, file, first)
	if err := os.Chmod(file.Path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Load(false); err == nil {
		t.Error("a key file that others can read was taken")
	}
}

// opens holds a file to opening what a box sealed.
func opens(t *testing.T, file seal.File, by *seal.Box) {
	t.Helper()
	again, err := file.Load(false)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Open(by.Seal([]byte("x"), "a"), "a"); err != nil || string(plain) != "x" {
		t.Errorf("the key that was made and the key that was read differ: %v", err)
	}
}

// module turns every bit over, or cannot be reached.
type module struct{ gone bool }

var errGone = errors.New("no module there")

func (m module) Wrap(plain []byte) ([]byte, error) {
	if m.gone {
		return nil, errGone
	}
	wrapped := bytes.Clone(plain)
	for i := range wrapped {
		wrapped[i] ^= 0xff
	}
	return wrapped, nil
}

func (m module) Unwrap(wrapped []byte) ([]byte, error) { return m.Wrap(wrapped) }

func TestModule(t *testing.T) {
	file := seal.File{Path: filepath.Join(t.TempDir(), "master.key"), Module: module{}}
	first, err := file.Load(true)
	if err != nil {
		t.Fatal(err)
	}
	opens(t, file, first)
	if _, err := (seal.File{Path: file.Path}).Load(false); err == nil || !strings.Contains(err.Error(), "[hsm]") {
		t.Errorf("without the module: %v", err)
	}
	if _, err := (seal.File{Path: file.Path, Module: module{gone: true}}).Load(true); !errors.Is(err, errGone) {
		t.Errorf("with a module that is not there: %v", err)
	}
	absent := seal.File{Path: filepath.Join(t.TempDir(), "master.key"), Module: module{gone: true}}
	if _, err := absent.Load(true); !errors.Is(err, errGone) {
		t.Errorf("made a file without the module: %v", err)
	}
	if _, err := os.Stat(absent.Path); err == nil {
		t.Error("a bare key was written though a module is configured")
	}
}

func TestWrapBare(t *testing.T) {
	bare := seal.File{Path: filepath.Join(t.TempDir(), "master.key")}
	before, err := bare.Load(true)
	if err != nil {
		t.Fatal(err)
	}
	wrapped := seal.File{Path: bare.Path, Module: module{}}
	if _, err := wrapped.Load(true); err == nil || !strings.Contains(err.Error(), "signpost keys wrap") {
		t.Errorf("a bare key where a module is configured: %v", err)
	}
	if _, err := (seal.File{Path: bare.Path, Module: module{gone: true}}).WrapBare(); !errors.Is(err, errGone) {
		t.Errorf("with a module that is not there: %v", err)
	}
	opens(t, bare, before) // and the file is as it was
	for _, want := range []int{1, 0} {
		if n, err := wrapped.WrapBare(); n != want || err != nil {
			t.Errorf("wrapped %d, want %d: %v", n, want, err)
		}
	}
	opens(t, wrapped, before)
	if _, err := bare.Load(false); err == nil {
		t.Error("a bare key is left in the file")
	}
}
