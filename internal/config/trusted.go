package config

import (
	"net"
	"net/url"
)

// TrustedHosts gives the hosts that the operator names, and that outgoing requests may therefore reach in a private
// network or on this machine: the sites, the CIS2 of the directory and the extract, each at its port only, and
// PrivateHosts.
func (c Config) TrustedHosts() []string {
	hosts := append([]string{}, c.PrivateHosts...)
	for _, address := range []string{
		c.Addresses.DoS, c.Addresses.CIS2, c.Addresses.CIM, c.Directory.Issuer, c.Directory.Discovery, c.Extract.URL,
	} {
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
