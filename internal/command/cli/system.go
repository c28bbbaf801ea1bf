package cli

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"strings"

	"signpost/internal/app"
	"signpost/internal/config"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seal"
)

// System is the flags by which a command is told which system it is about. A command embeds it and opens
// what it needs.
type System struct {
	Config string `help:"TOML file to read the configuration from." type:"path" placeholder:"FILE"`
	Data   string `help:"Folder of embedded databases and keys." default:"./data" type:"path"`
}

// Read reads the system's configuration.
func (s System) Read() (config.Config, error) { return config.Read(s.Config, s.Data) }

// Open opens the database of one side. Jobs that the command asks for are done by a node that serves.
func (s System) Open(ctx context.Context, side app.Side) (*db.DB, error) {
	cfg, err := s.Read()
	if err != nil {
		return nil, err
	}
	return app.OpenDatabase(ctx, cfg, side)
}

// OpenExisting opens the database of one side where there is one, for a command that only reads; nil is none.
func (s System) OpenExisting(ctx context.Context, side app.Side) (*db.DB, error) {
	cfg, err := s.Read()
	if err != nil || !side.Exists(cfg) {
		return nil, err
	}
	return app.OpenDatabase(ctx, cfg, side)
}

// OpenRunning opens the database of one side of a system that was started once, and refuses where there is none: a
// command about one record makes no system in whatever folder it is run from.
func (s System) OpenRunning(ctx context.Context, side app.Side) (*db.DB, error) {
	d, err := s.OpenExisting(ctx, side)
	if err == nil && d == nil {
		return nil, s.NoSystem()
	}
	return d, err
}

// NoSystem says that there is no system where the flags say, and how another place is named.
func (s System) NoSystem() error {
	where := s.Data
	if cfg, err := s.Read(); err == nil {
		where = cfg.Data
	}
	return fault.SayCure(fault.NotFound, "There is no system in "+where+".",
		"Start it first, with signpost serve, or name the folder or the configuration that it is served with: "+
			"--data or --config.")
}

// Named reads the configuration of a system that is, or is to be, served. It is refused where none was named.
func (s System) Named() (config.Config, error) {
	cfg, err := s.Read()
	if err != nil {
		return cfg, Cured(err)
	}
	if s.Config == "" && cfg.Addresses == (config.Addresses{}) {
		return cfg, fault.SayCure(fault.Invalid, "A configuration is needed, and none was named.",
			"Name it: --config signpost.toml. docs/running.md shows what is in it.")
	}
	return cfg, nil
}

// MasterKeyProblem says what to do where the file of the master keys is missing; other errors it leaves as they are.
func (s System) MasterKeyProblem(cfg config.Config, err error) error {
	switch {
	case !errors.Is(err, seal.ErrMissing):
		return err
	case app.CareID.Exists(cfg) || app.DoS.Exists(cfg):
		return fault.SayCure(fault.NotFound, "The master key "+cfg.MasterKeyFile()+" is missing.",
			"Bring it back from its copy, or name it by master_key in the configuration.")
	}
	return s.NoSystem()
}

// CloseIfOpen closes a database, if there is one.
func CloseIfOpen(d *db.DB) error {
	if d == nil {
		return nil
	}
	return d.Close()
}

// usualData is where the data is if no flag says otherwise.
const usualData = "./data"

// CommandLine gives the command line that runs a command on the same system.
func (s System) CommandLine(words ...string) string {
	words = append([]string{Program}, words...)
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
