package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"signpost/internal/platform/random"
)

// Module is a security module that keeps a key of its own and lets nobody have it: with one, the file
// holds master keys that only the module can read.
type Module interface {
	Wrap(plain []byte) ([]byte, error)
	Unwrap(wrapped []byte) ([]byte, error)
}

// wrappedMark begins a line of the file whose key a module has wrapped.
const wrappedMark = "pkcs11:"

// File is where the master keys are: one a line in base64, the newest first.
type File struct {
	Path   string
	Module Module // nil if the keys stand there bare, readable by the file's owner only
}

// ErrMissing is given where there is no file of master keys.
var ErrMissing = errors.New("there is no master key")

// Load reads the master keys. If the file is absent and mayCreate is set, it is made with a new key.
func (f File) Load(mayCreate bool) (*Box, error) {
	text, err := f.read()
	if errors.Is(err, ErrMissing) && mayCreate {
		return f.create()
	}
	if err != nil {
		return nil, err
	}
	if err := private(f.Path); err != nil {
		return nil, err
	}
	var masters [][]byte
	for line := range strings.FieldsSeq(string(text)) {
		master, err := f.parse(line)
		if err != nil {
			return nil, fmt.Errorf("the master key file %s %w", f.Path, err)
		}
		masters = append(masters, master)
	}
	b, err := New(masters...)
	if err != nil {
		return nil, fmt.Errorf("master key file %s: %w", f.Path, err)
	}
	return b, nil
}

func private(path string) error {
	about, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("read master key: %w", err)
	}
	if about.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("the master key file %s can be read by others: run chmod 600 %s", path, path)
	}
	return nil
}

// parse reads a line. A bare key where there is a module, or the reverse, is not what was configured.
func (f File) parse(line string) ([]byte, error) {
	text, wrapped := strings.CutPrefix(line, wrappedMark)
	key, err := base64.StdEncoding.DecodeString(text)
	switch {
	case err != nil:
		return nil, errors.New("must hold base64, one key a line")
	case wrapped && f.Module == nil:
		return nil, errors.New("holds a key that a security module has wrapped: name the module in [hsm]")
	case !wrapped && f.Module != nil:
		return nil, errors.New("holds a bare key though a security module is configured: run signpost keys wrap, and " +
			"destroy every copy of the old file")
	case !wrapped:
		return key, nil
	}
	if key, err = f.Module.Unwrap(key); err != nil {
		return nil, fmt.Errorf("holds a key that the security module cannot unwrap: %w", err)
	}
	return key, nil
}

func (f File) create() (*Box, error) {
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o700); err != nil {
		return nil, fmt.Errorf("make folder for master key: %w", err)
	}
	master := random.Bytes(keySize)
	line, err := f.line(master)
	if err != nil {
		return nil, err
	}
	if err := write(f.Path, line); err != nil {
		return nil, err
	}
	return New(master)
}

// line is how a key stands in the file.
func (f File) line(master []byte) (string, error) {
	if f.Module == nil {
		return base64.StdEncoding.EncodeToString(master) + "\n", nil
	}
	wrapped, err := f.Module.Wrap(master)
	if err != nil {
		return "", fmt.Errorf("wrap master key: %w", err)
	}
	return wrappedMark + base64.StdEncoding.EncodeToString(wrapped) + "\n", nil
}

// write puts the file in place whole, so that a fault on the way leaves the old one.
func write(path, text string) error {
	fresh, err := os.CreateTemp(filepath.Dir(path), ".master-*") // for its owner only
	if err != nil {
		return fmt.Errorf("write master key: %w", err)
	}
	_, err = fresh.WriteString(text)
	if err = errors.Join(err, fresh.Sync(), fresh.Close()); err == nil {
		err = os.Rename(fresh.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write master key: %w", errors.Join(err, os.Remove(fresh.Name())))
	}
	return nil
}

// read reads the file.
func (f File) read() ([]byte, error) {
	text, err := os.ReadFile(filepath.Clean(f.Path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w at %s", ErrMissing, f.Path)
	}
	if err != nil {
		return nil, fmt.Errorf("read master key: %w", err)
	}
	return text, nil
}

// WrapBare has the module wrap the keys that stand bare in the file, and says how many there were. What
// they sealed stays as it is. Those wrapped already are read, so that a file which cannot be used is not
// written.
func (f File) WrapBare() (n int, err error) {
	text, err := f.read()
	if err != nil {
		return 0, err
	}
	var lines strings.Builder
	for line := range strings.FieldsSeq(string(text)) {
		if !strings.HasPrefix(line, wrappedMark) {
			master, err := File{}.parse(line)
			if err != nil {
				return 0, fmt.Errorf("the master key file %s %w", f.Path, err)
			}
			if line, err = f.line(master); err != nil {
				return 0, err
			}
			n++
		}
		if _, err := f.parse(strings.TrimSpace(line)); err != nil {
			return 0, fmt.Errorf("the master key file %s %w", f.Path, err)
		}
		lines.WriteString(strings.TrimSpace(line) + "\n")
	}
	return n, write(f.Path, lines.String())
}
