package config

import (
	"fmt"
	"net"
	"net/netip"
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
	sites := map[string]string{} // the setting of the site at each host
	for _, site := range []struct{ setting, address string }{
		{"addresses.dos", a.DoS}, {"addresses.cis2", a.CIS2}, {"addresses.cim", a.CIM},
	} {
		host, err := HostOf(site.address)
		switch {
		case err != nil:
		case sites[host] != "":
			err = fmt.Errorf("%s has the host %s already: give each site a host of its own", sites[host], host)
		case strings.HasPrefix(site.address, "http:") && !onThisMachine(host):
			const text = "begin %s with https: over http, passwords and sessions can be read on the way"
			err = fmt.Errorf(text, site.address)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", site.setting, err))
			continue
		}
		sites[host] = site.setting
	}
	return problems
}

// onThisMachine reports whether a host can only be this machine (RFC 6761 §6.3 for names).
func onThisMachine(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
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
