package app

import (
	"testing"

	"signpost/internal/config"
)

// A node needs no key of what it does not run: that of the door stands where CIS2 runs, and that by which cards are
// issued where Care Identity Management does.
func TestANodeNeedsTheKeysOfItsOwnSitesAlone(t *testing.T) {
	missing := config.Smartcard{
		Address: "https://smartcard.example.nhs.uk", Certificate: "/nowhere/door.pem", Key: "/nowhere/door.key",
		Roots: []string{"/nowhere/root.pem"}, IssuerCertificate: "/nowhere/issuer.pem", IssuerKey: "/nowhere/issuer.key",
	}
	for _, tt := range []struct {
		sites        []string
		door, issuer bool
	}{
		{[]string{"cis2"}, true, false}, {[]string{"cim"}, false, true}, {[]string{"cis2", "cim"}, true, true},
		{[]string{"dos"}, false, false}, {nil, true, true},
	} {
		s := &System{Options: Options{Config: config.Config{Smartcard: missing}}, sites: tt.sites}
		care := &CareIdentity{}
		if err := care.openCardDoor(s); (err != nil) != tt.door {
			t.Errorf("%v: the door: %v", tt.sites, err)
		}
		if _, err := s.cardIssuer(&CareIdentity{store: &store{}}); (err != nil) != tt.issuer {
			t.Errorf("%v: the issuer: %v", tt.sites, err)
		}
	}
}
