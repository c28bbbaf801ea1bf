package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Smartcard says where smartcards are met and which are accepted; without an address none can be used.
type Smartcard struct {
	Address string `koanf:"address"` // of the smartcard door, to which browsers are sent
	Listen  string `koanf:"listen"`  // where the door listens

	// Files of the door's own certificate, with those between it and a root, and of its key; without them one of the
	// proxies ends TLS in front of it.
	Certificate string   `koanf:"certificate"`
	Key         string   `koanf:"key"`
	Proxies     []string `koanf:"proxies"` // networks of proxies that hand on the certificates of cards (RFC 9440)

	// Files of the authorities whose cards are accepted, of those between them and the cards, and of lists of what they
	// revoked, where the cards name no place for that.
	Roots         []string `koanf:"roots"`
	Intermediates []string `koanf:"intermediates"`
	Lists         []string `koanf:"lists"`

	Policies   []string `koanf:"policies"` // of which a card's certificate must have one: "1.2.826.0.1.3344810"
	GraceHours int      `koanf:"grace_hours"`

	// Files of the certificate and the key of an authority of one's own, which issues cards; or the label of its key in
	// the security module. None is issued without.
	IssuerCertificate string `koanf:"issuer_certificate"`
	IssuerKey         string `koanf:"issuer_key"`
	IssuerKeyLabel    string `koanf:"issuer_key_label"`

	// Networks in which cards are also used as the legacy Identity Agent did.
	LegacyIdentityAgent bool     `koanf:"legacy_identity_agent"`
	LegacyNetworks      []string `koanf:"legacy_networks"`
}

// IPad says of which iPads it counts that an organisation manages them.
type IPad struct {
	// Files of the authorities from which managements of devices have their certificates; without one no iPad is AAL3.
	Roots []string `koanf:"roots"`
}

const maxGraceHours = 7 * 24

// Set reports whether there is a smartcard door.
func (s Smartcard) Set() bool { return s.Address != "" }

// Issues reports whether cards are issued here.
func (s Smartcard) Issues() bool { return s.IssuerCertificate != "" }

// Grace says for how long after its time a statement counts by which a card was not revoked, if there is no newer one.
func (s Smartcard) Grace() time.Duration { return time.Duration(s.GraceHours) * time.Hour }

// check refuses a door at which no card could be met, or where others than cards could be taken for one.
func (s Smartcard) check(sites Addresses) (problems []error) {
	if !s.Set() {
		if s.Listen != "" || len(s.Roots) > 0 || s.LegacyIdentityAgent {
			problems = append(problems, errors.New("smartcard.address: set the address to which browsers are sent "+
				"to show a smartcard, like https://smartcard.example.nhs.uk, or take [smartcard] out"))
		}
		return problems
	}
	problems = append(problems, s.checkAddress(sites)...)
	if s.Listen == "" {
		problems = append(problems, errors.New("smartcard.listen: set where the door listens, like 0.0.0.0:8443"))
	}
	switch {
	case (s.Certificate == "") != (s.Key == ""):
		problems = append(problems, errors.New("smartcard.certificate and smartcard.key: set both, or take "+
			"both out"))
	case s.Certificate == "" && len(s.Proxies) == 0:
		problems = append(problems, errors.New("smartcard.certificate: set the files of the door's own certificate "+
			"and key, or name in smartcard.proxies those that end TLS in front of it"))
	case s.Certificate != "" && len(s.Proxies) > 0:
		problems = append(problems, errors.New("smartcard.proxies: a proxy in front of the door ends TLS, or the door "+
			"does: take the proxies out, or smartcard.certificate and smartcard.key"))
	}
	if s.Issues() != (s.IssuerKey != "" || s.IssuerKeyLabel != "") || s.IssuerKey != "" && s.IssuerKeyLabel != "" {
		problems = append(problems, errors.New("smartcard.issuer_certificate: set it together with one of "+
			"smartcard.issuer_key and smartcard.issuer_key_label, or take all three out"))
	}
	if len(s.Roots) == 0 {
		problems = append(problems, errors.New("smartcard.roots: name the files of the authorities whose cards "+
			"are accepted"))
	}
	if s.GraceHours < 0 || s.GraceHours > maxGraceHours {
		problems = append(problems,
			fmt.Errorf("smartcard.grace_hours: %d must be from 0 to %d", s.GraceHours, maxGraceHours))
	}
	if s.LegacyIdentityAgent != (len(s.LegacyNetworks) > 0) {
		problems = append(problems, errors.New("smartcard.legacy_identity_agent and smartcard.legacy_networks: "+
			"set both, or take both out"))
	}
	_, proxies := s.ProxyNetworks()
	_, legacy := s.LegacyZone()
	_, policies := s.PolicyOIDs()
	return append(problems, proxies, legacy, policies)
}

func (s Smartcard) checkAddress(sites Addresses) []error {
	host, err := HostOf(s.Address)
	if err == nil && !OverTLS(s.Address) {
		err = errors.New("begin it with https: browsers show certificates in TLS alone")
	}
	for _, site := range Sites {
		if other, _ := HostOf(sites.of(site)); err == nil && other == host {
			err = fmt.Errorf("addresses.%s has the host %s already: give the door a host of its own", site, host)
		}
	}
	if err != nil {
		return []error{fmt.Errorf("smartcard.address: %w", err)}
	}
	return nil
}

// ProxyNetworks gives the networks that the door's proxies name.
func (s Smartcard) ProxyNetworks() ([]netip.Prefix, error) {
	return networks("smartcard.proxies", s.Proxies)
}

// LegacyZone gives the networks in which cards are also used as the legacy Identity Agent did.
func (s Smartcard) LegacyZone() ([]netip.Prefix, error) {
	return networks("smartcard.legacy_networks", s.LegacyNetworks)
}

// PolicyOIDs gives the policies of which a card's certificate must have one.
func (s Smartcard) PolicyOIDs() (list []x509.OID, err error) {
	for _, text := range s.Policies {
		oid, err := x509.ParseOID(strings.TrimSpace(text))
		if err != nil {
			const wrong = "smartcard.policies: %q must be numbers with dots between, like 1.2.826.0.1.3344810"
			return nil, fmt.Errorf(wrong, text)
		}
		list = append(list, oid)
	}
	return list, nil
}
