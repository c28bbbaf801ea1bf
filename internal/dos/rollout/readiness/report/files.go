package report

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"signpost/internal/platform/sheet"
)

// folder is where a report is written.
type folder struct {
	path    string
	written []string // names of files, in the order in which they were written
}

// The folders of lists within a report.
const (
	authorityLists    = "registration-authorities"
	organisationLists = "organisations"
)

// clearReport takes away the lists that not every report has. All others are written anew. What has the name of a list
// and another heading is somebody's own, and stays.
func clearReport(folder string) error {
	for _, list := range []struct {
		name    string // of a file, or of a folder of lists
		heading []string
	}{
		{"changes.csv", changesHeading}, {"refused.csv", refusedHeading}, {authorityLists, authorityHeading},
		{organisationLists, organisationHeading},
	} {
		from := filepath.Join(folder, list.name)
		err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() || filepath.Ext(path) != ".csv" {
				return err
			}
			return removeList(path, list.heading)
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("take away a list of before: %w", err)
		}
	}
	return nil
}

// removeList takes a list away that has a heading.
func removeList(path string, heading []string) error {
	file, err := os.Open(path) //nolint:gosec // in the folder that the command was given
	if err != nil {
		return err
	}
	want := sheet.ByteOrderMark + strings.Join(heading, ",") + "\n"
	has := make([]byte, len(want))
	_, err = io.ReadFull(file, has)
	if closing := file.Close(); closing != nil {
		return closing
	}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if string(has) != want {
		return nil
	}
	return os.Remove(path)
}

// write makes one file. It stands under its name only once it is whole.
func (f *folder) write(name string, fill func(w io.Writer) error) error {
	path := filepath.Join(f.path, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("make the folder of %s: %w", name, err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".writing-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	buffer := bufio.NewWriterSize(file, 1<<16)
	err = fill(buffer)
	if err == nil {
		err = buffer.Flush()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name()) // what is left of a file that failed
		return fmt.Errorf("write %s: %w", name, err)
	}
	f.written = append(f.written, name)
	return nil
}

// table makes a CSV file that spreadsheet programs open as it is, and run nothing of.
func (f *folder) table(name string, heading []string, rows func(row func(cells ...string) error) error) error {
	return f.write(name, func(w io.Writer) error {
		if _, err := io.WriteString(w, sheet.ByteOrderMark); err != nil {
			return err
		}
		writer := csv.NewWriter(w)
		if err := writer.Write(heading); err != nil {
			return err
		}
		if err := rows(func(cells ...string) error { return writer.Write(sheet.SafeRow(cells...)) }); err != nil {
			return err
		}
		writer.Flush()
		return writer.Error()
	})
}

// fileName makes a name of a file of a code that somebody typed.
func fileName(code string) string {
	name := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' {
			return c
		}
		return '-'
	}, code)
	if name = strings.Trim(name, "-"); name == "" {
		return "not-said"
	}
	return name[:min(len(name), maxFileName)]
}

// maxFileName is how long the part of a file's name is that comes from a list, in bytes.
const maxFileName = 60
