package app

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"signpost/internal/app/doorway"
	"signpost/internal/careid/authenticator/smartcard/issuing"
	"signpost/internal/careid/provider/key"
	"signpost/internal/config"
	"signpost/internal/national/cards"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/seal/hsm"
)

// WithMasterKey calls fn with the file of the master keys. The security module, if there is one, is open
// meanwhile and not afterwards.
func WithMasterKey(cfg config.Config, fn func(seal.File) error) (err error) {
	if err := cfg.HSM.Check(); err != nil {
		return err
	}
	file := seal.File{Path: cfg.MasterKeyFile()}
	if cfg.HSM.Module == "" {
		return fn(file)
	}
	o, err := moduleOptions(cfg, cfg.HSM.Key)
	if err != nil {
		return err
	}
	module, err := hsm.Open(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, module.Close()) }()
	file.Module = module
	return fn(file)
}

// moduleOptions name a key in the security module.
func moduleOptions(cfg config.Config, key string) (hsm.Options, error) {
	o := hsm.Options{Module: cfg.HSM.Module, Token: cfg.HSM.Token, PIN: cfg.HSM.PIN, Key: key}
	if cfg.HSM.PINFile != "" {
		pin, err := os.ReadFile(filepath.Clean(cfg.HSM.PINFile))
		if err != nil {
			return o, fmt.Errorf("read the security module's PIN: %w", err)
		}
		o.PIN = strings.TrimSpace(string(pin))
	}
	return o, nil
}

// cardIssuer makes what issues smartcards; nil where none is issued here. A key in the security module stays open as
// long as the program runs.
func (s *System) cardIssuer(c *CareIdentity) (*issuing.Desk, error) {
	at := s.Config.Smartcard
	if !at.Issues() || !s.runs("cim") {
		return nil, nil
	}
	inModule := func(label string) (crypto.Signer, error) {
		o, err := moduleOptions(s.Config, label)
		if err != nil {
			return nil, err
		}
		return hsm.OpenSigner(o)
	}
	authority, err := doorway.Issuer(at, s.Config.Addresses.CIM+cards.ListPath, inModule)
	return &issuing.Desk{DB: c.DB, Box: s.box, Authority: authority}, err
}

// OpenBox reads the master keys, and makes the first if there is none and mayCreate is set.
func OpenBox(cfg config.Config, mayCreate bool) (box *seal.Box, err error) {
	err = WithMasterKey(cfg, func(f seal.File) error {
		box, err = f.Load(mayCreate)
		return err
	})
	return box, err
}

// lookEvery is how often a node looks for changes of the signing keys: what is done on one holds on all
// soon after.
const lookEvery = 3 * time.Second

// followKeys keeps a node's signing keys up to date, and writes down who fetched them, until ctx ends.
func followKeys(ring *key.Ring, log *slog.Logger) func(ctx context.Context) {
	return func(ctx context.Context) {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			if err := errors.Join(ring.Refresh(ctx), ring.Flush(ctx)); err != nil && ctx.Err() == nil {
				log.Warn("signing keys", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}
}
