package claim_test

import (
	"testing"

	"signpost/internal/careid/provider/claim"
)

// Where somebody has a role is named by the organisation and its code, and by the code alone where it has no name.
func TestWhere(t *testing.T) {
	for want, role := range map[string]claim.Role{
		"Oak Tree Pharmacy (FXX01)": {Organisation: "Oak Tree Pharmacy", OrgCode: "FXX01"},
		"FXX02":                     {OrgCode: "FXX02"},
		"FXX03":                     {Organisation: "FXX03", OrgCode: "FXX03"},
	} {
		if got := role.Where(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
