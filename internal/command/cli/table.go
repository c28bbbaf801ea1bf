package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"signpost/internal/platform/sheet"
)

// ReadTable opens the table in a file and has it read. The error names the file.
func ReadTable[T any](path string, read func(*sheet.File) (T, error)) (content T, err error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return content, fmt.Errorf("%s: %s", filepath.Base(path), Sentence(fmt.Errorf("cannot be opened: %w", err)))
	}
	defer func() { _ = file.Close() }()
	looked, err := sheet.Look(file, 0)
	if err == nil {
		content, err = read(looked)
	}
	if err != nil {
		return content, fmt.Errorf("%s: %s", filepath.Base(path), Sentence(err))
	}
	return content, nil
}
