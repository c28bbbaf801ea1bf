package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"signpost/internal/national/cis2"
	"signpost/internal/platform/fetch"
)

// Sites lists the names of the sites there are.
var Sites = []string{"dos", "cis2", "cim"}

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

// of gives the address of a site by its name.
func (a Addresses) of(site string) string {
	return map[string]string{"dos": a.DoS, "cis2": a.CIS2, "cim": a.CIM}[site]
}

// check refuses addresses that cannot be used. Those of needed sites must be there.
func (a Addresses) check(needed []string) (problems []error) {
	sites := map[string]string{} // the setting of the site at each host
	for _, site := range Sites {
		address := a.of(site)
		if address == "" && !slices.Contains(needed, site) {
			continue
		}
		setting := "addresses." + site
		host, err := HostOf(address)
		if err == nil {
			err = safeOnTheWay(address)
		}
		if err == nil && sites[host] != "" {
			err = fmt.Errorf("%s has the host %s already: give each site a host of its own", sites[host], host)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", setting, err))
			continue
		}
		sites[host] = setting
	}
	if a.ExplicitPort && a.CIS2 == "" {
		problems = append(problems, errors.New("addresses.explicit_port: it is about the issuer of this system's own "+
			"CIS2: set addresses.cis2, or take this out"))
	}
	return problems
}

// checkAddress refuses an address that we are told to ask at, if one is set: what cannot be asked, and what others on
// the way could read and change. Nothing of it need be below a site's address.
func checkAddress(setting, address string) error {
	if address == "" {
		return nil
	}
	_, err := webAddress(address)
	if err != nil {
		err = fmt.Errorf("the address %q must be like https://cis2.example.nhs.uk/openam", address)
	} else {
		err = safeOnTheWay(address)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", setting, err)
	}
	return nil
}

// safeOnTheWay refuses http to another machine.
func safeOnTheWay(address string) error {
	u, err := webAddress(address)
	if err != nil || u.Scheme == "https" || fetch.ThisMachine(u.Hostname()) {
		return err
	}
	return fmt.Errorf("begin %s with https: over http, others on the way can read and change what is sent", address)
}

var errAddress = errors.New("not an address of http or https")

// webAddress reads an address of http or https, in capital or small letters as browsers take it. One with a user, a
// query or a fragment is none that anything is asked at, nor is one whose port there cannot be.
func webAddress(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || strings.ContainsAny(address, "?#") || u.User != nil || u.Hostname() == "" ||
		(u.Scheme != "http" && u.Scheme != "https") || strings.HasSuffix(u.Host, ":") ||
		u.Port() != "" && !isPort(u.Port()) {
		return nil, errAddress
	}
	return u, nil
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 1 && n <= maxPort
}

const maxPort = 65535

// HostOf gives the host name of a site's address.
func HostOf(address string) (string, error) {
	u, err := webAddress(address)
	if err != nil || u.Path != "" {
		return "", fmt.Errorf("the address %q must be like https://dos.example.nhs.uk, without a path", address)
	}
	return strings.ToLower(u.Hostname()), nil
}

// OverTLS reports whether an address is of https.
func OverTLS(address string) bool {
	u, err := webAddress(address)
	return err == nil && u.Scheme == "https"
}

// Origin gives a site's address as browsers write it: in small letters, and without the port where it is the usual one.
func Origin(address string) string {
	usual, _ := Ports(address)
	return strings.ToLower(usual)
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
