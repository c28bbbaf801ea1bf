package config

import (
	"errors"
	"strings"
	"testing"
)

// A door at which no card could be met is refused, and so is one that lets others than cards be taken for one.
func TestSmartcardDoor(t *testing.T) {
	sites := Addresses{CIS2: "https://cis2.example.nhs.uk", DoS: "https://dos.example.nhs.uk"}
	whole := Smartcard{
		Address: "https://smartcard.example.nhs.uk", Listen: "0.0.0.0:8443", Certificate: "door.pem", Key: "door.key",
		Roots: []string{"root.pem"}, Policies: []string{"1.2.826.0.1"}, GraceHours: 4,
		LegacyIdentityAgent: true, LegacyNetworks: []string{"10.20.0.0/16"},
	}
	if err := errors.Join(whole.check(sites)...); err != nil {
		t.Errorf("in order: %v", err)
	}
	if err := errors.Join(Smartcard{}.check(sites)...); err != nil {
		t.Errorf("none: %v", err)
	}
	for want, change := range map[string]func(*Smartcard){
		"smartcard.address: set":               func(s *Smartcard) { s.Address = "" },
		"smartcard.address: addresses.cis2":    func(s *Smartcard) { s.Address = "https://CIS2.example.nhs.uk:8443" },
		"smartcard.address: begin it":          func(s *Smartcard) { s.Address = "http://smartcard.localhost" },
		"smartcard.address: the address":       func(s *Smartcard) { s.Address = "smartcard.example.nhs.uk" },
		"smartcard.listen":                     func(s *Smartcard) { s.Listen = "" },
		"smartcard.certificate and":            func(s *Smartcard) { s.Key = "" },
		"smartcard.certificate: set the files": func(s *Smartcard) { s.Certificate, s.Key = "", "" },
		"smartcard.proxies: a proxy":           func(s *Smartcard) { s.Proxies = []string{"10.0.0.0/8"} },
		"smartcard.proxies: \"10.0.0.1\"": func(s *Smartcard) {
			s.Certificate, s.Key, s.Proxies = "", "", []string{"10.0.0.1"}
		},
		"smartcard.issuer_certificate: ": func(s *Smartcard) { s.IssuerCertificate = "issuer.pem" },
		"smartcard.issuer_certificate: set it": func(s *Smartcard) {
			s.IssuerCertificate, s.IssuerKey, s.IssuerKeyLabel = "issuer.pem", "issuer.key", "issuer"
		},
		"smartcard.issuer_certificate: set it together": func(s *Smartcard) { s.IssuerKey = "issuer.key" },
		"smartcard.roots":                     func(s *Smartcard) { s.Roots = nil },
		"smartcard.grace_hours":               func(s *Smartcard) { s.GraceHours = 169 },
		"smartcard.policies":                  func(s *Smartcard) { s.Policies = []string{"cards"} },
		"smartcard.legacy_networks: \"HSCN\"": func(s *Smartcard) { s.LegacyNetworks = []string{"HSCN"} },
		"smartcard.legacy_identity_agent and": func(s *Smartcard) { s.LegacyIdentityAgent = false },
	} {
		broken := whole
		change(&broken)
		if err := errors.Join(broken.check(sites)...); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	behind := whole
	behind.Certificate, behind.Key, behind.Proxies = "", "", []string{"10.0.0.0/24"}
	if err := errors.Join(behind.check(sites)...); err != nil {
		t.Errorf("behind a proxy: %v", err)
	}
}
