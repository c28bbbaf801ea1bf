package app

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"signpost/internal/careid/provider/key"
	"signpost/internal/config"
	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
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
	if path := CareIdentityKey(s.Config); path != "" {
		return s.lost("its key " + path + " is there")
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

// keyNotLost refuses to go on where the master key is missing beside what was sealed with it: a new one opens none of
// that, and stands in the way of the old one.
func keyNotLost(ctx context.Context, cfg config.Config) error {
	if _, err := os.Stat(cfg.MasterKeyFile()); !errors.Is(err, fs.ErrNotExist) {
		return nil // what else is wrong with it is said by whoever reads it
	}
	if sealed := UsedBefore(cfg); sealed != "" {
		return keyIsLost(cfg, sealed+" is")
	}
	if err := keyNotUsed(ctx, cfg, CareID, "the keys in the care identity database are", key.Any); err != nil {
		return err
	}
	return keyNotUsed(ctx, cfg, DoS, "what people who logged in to the directory left there is", signin.Any)
}

// keyNotUsed refuses to go on if there is a database of a side in which something was sealed.
func keyNotUsed(
	ctx context.Context, cfg config.Config, side Side, sealed string,
	used func(ctx context.Context, r db.R) (bool, error),
) error {
	if !side.Exists(cfg) {
		return nil
	}
	d, err := side.open(ctx, cfg, db.Options{Clock: clock.System{}})
	if err != nil {
		return err
	}
	found, err := db.Glance(ctx, d, func(r db.R) (bool, error) { return used(ctx, r) })
	if found {
		err = keyIsLost(cfg, sealed)
	}
	return errors.Join(err, d.Close())
}

func keyIsLost(cfg config.Config, sealed string) error {
	return fault.SayCure(fault.Conflict,
		"The master key "+cfg.MasterKeyFile()+" is missing, and "+sealed+" sealed with it.",
		"Bring it back from its copy, or name it by master_key in the configuration.")
}
