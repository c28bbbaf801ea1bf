package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// logFile is SQLite's log, which stays open: a sync then needs no file descriptor that may be short, and the system
// tells it of every writing that failed. Whoever uses it has the disk's turn.
type logFile struct {
	path string
	file *os.File    // nil where there was none
	info os.FileInfo // of the file
}

// sync writes the log through to the disk. Where there is none, SQLite has taken it over into the database, and that
// has reached the disk before the log went.
func (l *logFile) sync() error {
	file, err := l.current()
	if file == nil || err != nil {
		return err
	}
	return file.Sync()
}

// current gives the log that is there now; nil is none.
func (l *logFile) current() (*os.File, error) {
	info, err := os.Stat(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, l.close()
	}
	if err != nil {
		return nil, err
	}
	if l.file != nil && os.SameFile(info, l.info) {
		return l.file, nil
	}
	file, err := os.OpenFile(filepath.Clean(l.path), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	err = l.close() // of a log that is gone
	l.file = file
	l.info = info
	return file, err
}

func (l *logFile) close() error {
	file := l.file
	l.file = nil
	if file == nil {
		return nil
	}
	return file.Close()
}
