package naming_test

import (
	"testing"

	"signpost/internal/careid/provider/naming"
)

func TestNamesOfThisSystemAreFoundInOthers(t *testing.T) {
	for text, want := range map[string]string{
		"Directory of Services Ltd": "Directory of Services", "My NHS-login!": "NHS login", "C1S2 helper": "CIS2",
		"cis2 helper": "CIS2", "The Care Identity Management Company": "Care Identity Management",
		"Direct0ry 0f Services 2": "Directory of Services", "NHS Rota": "", "Rota": "", "Directory of Rotas": "",
	} {
		if got := naming.OursIn(text); got != want {
			t.Errorf("OursIn(%q) = %q, want %q", text, got, want)
		}
	}
}
