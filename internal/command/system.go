package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"signpost/internal/app"
	"signpost/internal/config"
	"signpost/internal/platform/backlog"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seal"
)

// system is the flags by which a command is told which system it is about. A command embeds it and opens
// what it needs.
type system struct {
	Config string `help:"TOML file to read the configuration from." type:"path" placeholder:"FILE"`
	Data   string `help:"Folder of embedded databases and keys." default:"./data" type:"path"`
}

// read reads the system's configuration.
func (s system) read() (config.Config, error) { return config.Read(s.Config, s.Data) }

// open opens the database of one side. Jobs that the command asks for are done by a node that serves.
func (s system) open(ctx context.Context, side app.Side) (*db.DB, error) {
	cfg, err := s.read()
	if err != nil {
		return nil, err
	}
	return app.OpenDatabase(ctx, cfg, side)
}

// openExisting opens the database of one side where there is one, for a command that only reads; nil is none.
func (s system) openExisting(ctx context.Context, side app.Side) (*db.DB, error) {
	cfg, err := s.read()
	if err != nil || !side.Exists(cfg) {
		return nil, err
	}
	return app.OpenDatabase(ctx, cfg, side)
}

// openRunning opens the database of one side of a system that was started once, and refuses where there is none: a
// command about one record makes no system in whatever folder it is run from.
func (s system) openRunning(ctx context.Context, side app.Side) (*db.DB, error) {
	d, err := s.openExisting(ctx, side)
	if err == nil && d == nil {
		return nil, s.noSystem()
	}
	return d, err
}

func (s system) noSystem() error {
	return fault.SayCure(fault.NotFound, "There is no system in "+s.Data+".",
		"Name the folder or the configuration that it is served with: --data or --config.")
}

// masterKeyProblem says what to do where the file of the master keys is missing; other errors it leaves as they are.
func (s system) masterKeyProblem(cfg config.Config, err error) error {
	switch {
	case !errors.Is(err, seal.ErrMissing):
		return err
	case app.CareID.Exists(cfg) || app.DoS.Exists(cfg):
		return fault.SayCure(fault.NotFound, "The master key "+cfg.MasterKeyFile()+" is missing.",
			"Bring it back from its copy, or name it by master_key in the configuration.")
	}
	return s.noSystem()
}

// closeIfOpen closes a database, if there is one.
func closeIfOpen(d *db.DB) error {
	if d == nil {
		return nil
	}
	return d.Close()
}

// usualData is where the data is if no flag says otherwise.
const usualData = "./data"

// commandLine gives the command line that runs a command on the same system.
func (s system) commandLine(words ...string) string {
	words = append([]string{"signpost"}, words...)
	if s.Config != "" {
		words = append(words, "--config", s.Config)
	}
	if usual, err := filepath.Abs(usualData); err != nil || s.Data != usual {
		words = append(words, "--data", s.Data)
	}
	for i, word := range words {
		words[i] = quoted(word)
	}
	return strings.Join(words, " ")
}

// quoted writes a word so that a shell reads it as one.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:=@%+,-]+$`)

// loopback gives the port of an address of this machine; any other address is refused, for the reason given.
func loopback(listen, example, reason string) (port string, err error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		return "", usageError("--listen must be an address of this machine, like " + example + ": " + reason)
	}
	return port, nil
}

// unlessStopped leaves out the error of a start that was told to end before it was over, which is no failure.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// otherPort says how another port is chosen, where the error is that the one of --listen is taken.
func otherPort(err error) error {
	taken, is := errors.AsType[app.TakenError](err)
	if !is || taken.Name == "operations" {
		return err
	}
	host, port, _ := net.SplitHostPort(taken.Address)
	number, _ := strconv.Atoi(port)
	return fault.SayCure(fault.Conflict, taken.Error()+".",
		"Choose another port, such as --listen "+net.JoinHostPort(host, strconv.Itoa(number+1))+".")
}

// logTo makes a log that is written to a file; no path is no log. A file may be a pipe whose reader stalls.
func logTo(path string) (*slog.Logger, func() error, error) {
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
