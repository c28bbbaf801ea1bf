package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"signpost/internal/platform/jwt"
)

// Directory says at which CIS2 the directory's users sign in. Without an issuer it is the one this system
// runs itself.
type Directory struct {
	Issuer    string `koanf:"issuer"`
	Discovery string `koanf:"discovery"` // where the metadata is, if not below the issuer
	ClientID  string `koanf:"client_id"`
	Signing   string `koanf:"signing"` // the algorithm that is registered for the client; RS512 if empty
}

// signings are the algorithms by which a client of the national CIS2 may prove itself (reference, CIS2 Authentication
// §4).
var signings = []jwt.Algorithm{jwt.RS512, jwt.RS256}

// SigningAlgorithm is by which algorithm the directory proves itself at another CIS2 than this system's own.
func (d Directory) SigningAlgorithm() jwt.Algorithm {
	return jwt.Algorithm(cmp.Or(d.Signing, string(signings[0])))
}

// check refuses a CIS2 that cannot be used as it is named.
func (d Directory) check() []error {
	problems := []error{
		checkAddress("directory.issuer", d.Issuer),
		checkAddress("directory.discovery", d.Discovery),
	}
	if d.Issuer != "" && d.ClientID == "" {
		problems = append(problems, errors.New("directory.client_id: set the client id that CIS2 gave the directory"))
	}
	if !slices.Contains(signings, d.SigningAlgorithm()) {
		problems = append(problems, fmt.Errorf("directory.signing: %q must be %s or %s, as it is registered at CIS2",
			d.Signing, signings[0], signings[1]))
	}
	return append(problems, d.checkIssuer()...)
}

// checkIssuer refuses what is said of another CIS2 than this system's own, where none is named: people would log in at
// this system's own, and whoever wrote it believes that they do not.
func (d Directory) checkIssuer() (problems []error) {
	if d.Issuer != "" {
		return nil
	}
	for _, alone := range []struct{ setting, value string }{
		{"directory.discovery", d.Discovery}, {"directory.client_id", d.ClientID}, {"directory.signing", d.Signing},
	} {
		if alone.value != "" {
			const text = "%s: it is of a CIS2 that others run: set directory.issuer to its issuer, or take this out"
			problems = append(problems, fmt.Errorf(text, alone.setting))
		}
	}
	return problems
}
