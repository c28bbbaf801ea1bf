package config

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"signpost/internal/national/cis2"
)

// Addresses are the public addresses of the sites, without a path.
type Addresses struct {
	DoS  string `koanf:"dos"`
	CIS2 string `koanf:"cis2"`
	CIM  string `koanf:"cim"`
	// ExplicitPort names the usual port in the issuer and in all of the provider's endpoints, as the
	// national service does: https://…:443/….
	ExplicitPort bool `koanf:"explicit_port"`
}

// Issuer gives CIS2's issuer, as tokens carry it.
func (a Addresses) Issuer() string {
	if _, explicit := Ports(a.CIS2); a.ExplicitPort {
		return explicit + cis2.Realm
	}
	return a.CIS2 + cis2.Realm
}

func (a Addresses) check() (problems []error) {
	for _, site := range []struct{ setting, address string }{
		{"addresses.dos", a.DoS}, {"addresses.cis2", a.CIS2}, {"addresses.cim", a.CIM},
	} {
		if _, err := HostOf(site.address); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", site.setting, err))
		}
	}
	return problems
}

// HostOf gives the host name of a site's address.
func HostOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Path != "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", fmt.Errorf("the address %q must be like https://dos.example.nhs.uk, without a path", address)
	}
	return strings.ToLower(u.Hostname()), nil
}

// Ports gives an address without its port where that is the usual one, and with its port in any case.
func Ports(address string) (usual, explicit string) {
	u, err := url.Parse(address)
	if err != nil {
		return address, address
	}
	standard := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	port := u.Port()
	if port == "" {
		port = standard
	}
	u.Host = net.JoinHostPort(u.Hostname(), port)
	explicit = u.String()
	if port == standard {
		u.Host = u.Hostname()
	}
	return u.String(), explicit
}
