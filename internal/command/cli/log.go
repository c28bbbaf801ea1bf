package cli

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"signpost/internal/platform/backlog"
)

// LogTo makes a log that is written to a file; no path is no log. A file may be a pipe whose reader stalls.
func LogTo(path string) (*slog.Logger, func() error, error) {
	if path == "" {
		return slog.New(slog.NewJSONHandler(io.Discard, nil)), func() error { return nil }, nil
	}
	file, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open log: %w", err)
	}
	lines := backlog.New(file)
	return slog.New(slog.NewJSONHandler(lines, nil)), func() error {
		lines.Close(lastLines)
		return file.Close()
	}, nil
}
