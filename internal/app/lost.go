package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"signpost/internal/careid/provider/key"
	"signpost/internal/config"
	"signpost/internal/dos/account"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// notLost refuses a care identity database in which nothing was ever made where this system was used before: the
// database was lost, or is looked for in the wrong place. To go on with an empty one would give everybody who signs in
// another number, and nobody's link would lead to them.
func (s *System) notLost(ctx context.Context, care *db.DB) error {
	used, err := db.Glance(ctx, care, func(r db.R) (bool, error) { return key.Any(ctx, r) })
	if err != nil || used {
		return err
	}
	if _, err := os.Stat(clientKeyFile(s.Config, "cim")); err == nil {
		return s.lost("its key " + clientKeyFile(s.Config, "cim") + " is there")
	}
	links, err := s.hasLinks(ctx)
	if err == nil && links {
		err = s.lost("accounts of the directory are linked to people in it")
	}
	return err
}

func (s *System) lost(evidence string) error {
	return fault.SayCure(fault.Conflict,
		"The care identity database is empty, but this system was used before: "+evidence+".",
		"Restore the database from its backup, or mend its address in the configuration. "+
			"To start from nothing, name an empty data folder and an empty directory.")
}

// hasLinks reports whether the directory, if there is one, links accounts to people of our own CIS2.
func (s *System) hasLinks(ctx context.Context) (links bool, err error) {
	if !DoS.Exists(s.Config) {
		return false, nil
	}
	d, err := DoS.open(ctx, s.Config, db.Options{Clock: clock.System{}, Throwaway: s.Throwaway})
	if err != nil {
		return false, err
	}
	links, err = db.Glance(ctx, d, func(r db.R) (bool, error) {
		return account.HasLinks(ctx, r, s.Config.Addresses.Issuer())
	})
	return links, errors.Join(err, d.Close())
}

// clientKeyFile names the file with the key by which a site of ours proves itself at CIS2.
func clientKeyFile(cfg config.Config, site string) string {
	return filepath.Join(cfg.Data, site+"-client.key")
}
