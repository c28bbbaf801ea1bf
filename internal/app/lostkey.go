package app

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"signpost/internal/careid/provider/key"
	"signpost/internal/config"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// keyNotLost refuses to go on where the master key is missing beside what was sealed with it: a new one opens none of
// that, and stands in the way of the old one.
func keyNotLost(ctx context.Context, cfg config.Config) error {
	if _, err := os.Stat(cfg.MasterKeyFile()); !errors.Is(err, fs.ErrNotExist) {
		return nil // what else is wrong with it is said by whoever reads it
	}
	for _, site := range []string{"dos", "cim"} {
		sealed := clientKeyFile(cfg, site)
		if _, err := os.Stat(sealed); err == nil {
			return keyIsLost(cfg, sealed+" is")
		}
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
