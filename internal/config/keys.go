package config

import (
	"errors"
	"fmt"
	"time"

	"signpost/internal/careid/provider/key"
)

// Keys says how long the parts of a signing key's life are.
type Keys struct {
	RotateDays      int `koanf:"rotate_days"`       // from one key's first signature to the next's
	AnnounceHours   int `koanf:"announce_hours"`    // at least, from publishing a key to signing with it
	LongestWaitDays int `koanf:"longest_wait_days"` // at most, for clients not seen to fetch it
	OverlapHours    int `koanf:"overlap_hours"`     // from a key's last signature to its end
}

const aDay = 24 * time.Hour

func usualKeys() Keys {
	p := key.Usual
	return Keys{
		RotateDays: int(p.Every / aDay), AnnounceHours: int(p.Announce / time.Hour),
		LongestWaitDays: int(p.LongestWait / aDay), OverlapHours: int(p.Overlap / time.Hour),
	}
}

// Policy gives the times by which keys are rotated.
func (k Keys) Policy() key.Policy {
	return key.Policy{
		Every: time.Duration(k.RotateDays) * aDay, Announce: time.Duration(k.AnnounceHours) * time.Hour,
		LongestWait: time.Duration(k.LongestWaitDays) * aDay, Overlap: time.Duration(k.OverlapHours) * time.Hour,
	}
}

// Check refuses times by which a token could outlive its key.
func (k Keys) Check() error {
	if err := k.Policy().Check(); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	return nil
}

// HSM names the PKCS#11 module that wraps the master keys; without a module they stand bare in their file.
type HSM struct {
	Module  string `koanf:"module"`   // the path of its library
	Token   string `koanf:"token"`    // the token's label
	Key     string `koanf:"key"`      // the label of its AES key
	PINFile string `koanf:"pin_file"` // a file that holds the PIN, or
	PIN     string `koanf:"pin"`      // the PIN, as from SIGNPOST_HSM__PIN
}

const usualHSMKey = "signpost-master"

// Check refuses a security module that is half named: without the module, master keys would stand bare in their file
// while whoever wrote the rest believes that they do not.
func (h HSM) Check() error {
	rest := h
	if h.Key == usualHSMKey {
		rest.Key = ""
	}
	switch {
	case rest == HSM{}:
		return nil
	case h.Module == "":
		return errors.New("hsm.module: name the library of the security module, or take [hsm] out: without it the " +
			"master keys are not wrapped")
	case h.Token == "":
		return errors.New("hsm.token: name the label of the token in the security module")
	case h.Key == "":
		return errors.New("hsm.key: name the label of the key in the security module, or take the setting out")
	case h.PIN == "" && h.PINFile == "":
		return errors.New("hsm.pin_file: name the file that holds the PIN, or give it by SIGNPOST_HSM__PIN")
	case h.PIN != "" && h.PINFile != "":
		return errors.New("hsm.pin and hsm.pin_file: set one of them and take the other out")
	}
	return nil
}
