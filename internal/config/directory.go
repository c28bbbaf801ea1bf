package config

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

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

// Upstream is where people have accounts of others, such as at NHS.net Connect, by which they may log in.
type Upstream struct {
	Name             string `koanf:"name"`  // in the address to which it sends browsers back: /upstream/NAME/callback
	Label            string `koanf:"label"` // as people know it
	Issuer           string `koanf:"issuer"`
	ClientID         string `koanf:"client_id"`
	ClientSecret     string `koanf:"client_secret"`
	ClientSecretFile string `koanf:"client_secret_file"`
	Tenant           string `koanf:"tenant"`  // that the claim tid must name; empty for any
	Subject          string `koanf:"subject"` // the claim that tells accounts apart: SubjectClaim if empty, or ObjectClaim

	// What of the claims amr or acr shows that a second factor was asked for.
	AMR []string `koanf:"amr"`
	ACR []string `koanf:"acr"`

	Organisations []string `koanf:"organisations"` // whose people may use it: their codes, or "*" for all
}

// The claims by which accounts elsewhere are told apart. That of objects is one of Entra's: it is the same for all
// clients of a tenant, and says nothing without a tenant.
const (
	SubjectClaim = "sub"
	ObjectClaim  = "oid"
)

var upstreamName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,29}$`)

// Secret gives the secret of our client there.
func (u Upstream) Secret() (string, error) {
	if u.ClientSecretFile == "" {
		return u.ClientSecret, nil
	}
	text, err := os.ReadFile(u.ClientSecretFile)
	if err != nil {
		return "", fmt.Errorf("upstreams.client_secret_file of %s: %w", u.Name, err)
	}
	return strings.TrimSpace(string(text)), nil
}

func checkUpstreams(list []Upstream) (problems []error) {
	names := map[string]bool{}
	issuers := map[string]bool{}
	for _, u := range list {
		add := func(setting, text string) {
			problems = append(problems, fmt.Errorf("upstreams.%s of %q: %s", setting, u.Name, text))
		}
		if !upstreamName.MatchString(u.Name) || names[u.Name] {
			add("name", "set a name of its own, of small letters, digits and hyphens, like nhsnet")
		}
		if u.Label == "" {
			add("label", "set how people know it, like NHS.net Connect")
		}
		if u.Issuer == "" || issuers[u.Issuer] {
			add("issuer", "set an issuer that no other has, as its metadata has it")
		}
		if u.ClientID == "" || (u.ClientSecret == "") == (u.ClientSecretFile == "") {
			add("client_id", "set the client id that it gave us, and client_secret or client_secret_file")
		}
		if len(u.AMR)+len(u.ACR) == 0 {
			add("amr", "set what shows that it asked for a second factor, like [\"mfa\"], or acr")
		}
		if !slices.Contains([]string{"", SubjectClaim, ObjectClaim}, u.Subject) {
			add("subject", "set sub or oid")
		}
		if u.Subject == ObjectClaim && u.Tenant == "" {
			add("tenant", "set the tenant whose objects are told apart by oid")
		}
		problems = append(problems, checkAddress("upstreams.issuer", u.Issuer))
		names[u.Name] = true
		issuers[u.Issuer] = true
	}
	return problems
}
