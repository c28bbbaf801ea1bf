package config

import (
	"slices"
	"testing"
)

func TestTrustedHosts(t *testing.T) {
	c := Usual("data")
	c.Addresses = Addresses{
		DoS: "https://dos.example", CIS2: "https://CIS2.example:8443", CIM: "http://cim.example", ExplicitPort: true,
	}
	c.Directory.Issuer = "https://am.example:443/openam"
	c.Extract.URL = "https://[fd12::1]/extract"
	c.PrivateHosts = []string{"rota.internal"}
	want := []string{
		"rota.internal", "dos.example:443", "CIS2.example:8443", "cim.example:80", "am.example:443", "[fd12::1]:443",
	}
	if got := c.TrustedHosts(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
