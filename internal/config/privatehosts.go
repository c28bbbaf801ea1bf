package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"

	"signpost/internal/platform/fetch"
)

// checkPrivateHosts refuses entries that could never be followed: whoever wrote them believes that they hold.
func (c Config) checkPrivateHosts() (problems []error) {
	for _, entry := range c.PrivateHosts {
		if err := checkPrivateHost(entry); err != nil {
			problems = append(problems, fmt.Errorf("private_hosts: %w", err))
		}
	}
	return problems
}

// checkPrivateHost refuses an entry that no address could ever have as its host, and one that is never reached.
func checkPrivateHost(entry string) error {
	host := entry
	if name, port, err := net.SplitHostPort(entry); err == nil && isPort(port) {
		host = name
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if err := fetch.Ever(ip); err != nil {
			return fmt.Errorf("%q is never reached, whoever names it (%w): take it out", entry, err)
		}
		return nil
	}
	if hostName.MatchString(host) {
		return nil
	}
	return fmt.Errorf("%q must be a host, like rota.internal, or a host and its port, like rota.internal:8443: "+
		"without https://, a path, a network or a *", entry)
}

// hostName is the name of a host, whose parts have letters, digits and hyphens.
var hostName = regexp.MustCompile(`^(?i:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.?)+$`)

// TrustedHosts gives the hosts that the operator names, and that outgoing requests may therefore reach in a private
// network or on this machine: the sites, the CIS2 of the directory, the extract, the smartcard door and the gateway of
// text messages, each at its port only, and PrivateHosts.
func (c Config) TrustedHosts() []string {
	hosts := append([]string{}, c.PrivateHosts...)
	addresses := []string{
		c.Addresses.DoS, c.Addresses.CIS2, c.Addresses.CIM, c.Directory.Issuer, c.Directory.Discovery, c.Extract.URL,
		c.Smartcard.Address, c.Text.Address,
	}
	for _, u := range c.Upstreams {
		addresses = append(addresses, u.Issuer)
	}
	for _, address := range addresses {
		if host := hostAndPort(address); host != "" {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// hostAndPort gives the host and the port of an address; empty if it has none.
func hostAndPort(address string) string {
	_, explicit := Ports(address)
	u, err := url.Parse(explicit)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	return net.JoinHostPort(u.Hostname(), u.Port())
}
