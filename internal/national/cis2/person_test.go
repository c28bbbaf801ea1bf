package cis2_test

import (
	"errors"
	"testing"

	"signpost/internal/national/cis2"
)

func TestCheck(t *testing.T) {
	strong := []string{"AAL3_ANY"}
	either := []string{"AAL2_OR_AAL3_ANY"}
	need := cis2.Levels{Authentication: 2, Identity: 3}
	tests := []struct {
		name     string
		acr      string
		level    cis2.Level
		identity int
		classes  []string
		need     cis2.Levels
		want     error
	}{
		{"all that is asked", "AAL2_OR_AAL3_ANY", "3", 3, either, need, nil},
		{"the lower of two levels that will do", "AAL2_OR_AAL3_ANY", "2", 3, either, need, nil},
		{"a class that was not asked for", "AAL1_USERPASS", "3", 3, either, need, cis2.ErrAuthenticationLow},
		{"the class, and a level below it", "AAL3_ANY", "2", 3, strong, need, cis2.ErrAuthenticationLow},
		{"the class, and a level below what the service needs", "AAL2_OR_AAL3_ANY", "2", 3, either,
			cis2.Levels{Authentication: 3}, cis2.ErrAuthenticationLow},
		{"no class, but a level", "", "3", 3, strong, need, nil},
		{"no class and no level", "", "", 3, strong, cis2.Levels{}, cis2.ErrAuthenticationLow},
		{"the class and no level, though one is needed", "AAL3_ANY", "", 3, strong, need, cis2.ErrAuthenticationLow},
		{"the class and no level, where none is needed", "AAL3_ANY", "", 3, strong, cis2.Levels{}, nil},
		{"identity not checked well enough", "AAL3_ANY", "3", 2, strong, need, cis2.ErrIdentityLow},
		{"nothing asked, nothing needed", "", "", 0, nil, cis2.Levels{}, nil},
	}
	for _, tt := range tests {
		p := cis2.Person{ACR: tt.acr, AuthenticationLevel: tt.level, IdentityLevel: tt.identity}
		if err := p.Check(tt.classes, tt.need); !errors.Is(err, tt.want) {
			t.Errorf("%s: Check = %v, want %v", tt.name, err, tt.want)
		}
	}
}

// Everybody must read the claims in the same way: by exact names, and with no name twice.
func TestReadIsStrict(t *testing.T) {
	const id, info = `{"iss":"i","sub":"1"}`, `{"sub":"1","name":"Ada"}`
	if p, err := cis2.Read([]byte(id), []byte(info)); err != nil || p.Issuer != "i" || p.Name != "Ada" {
		t.Fatalf("%+v, %v", p, err)
	}
	for _, hostile := range [][2]string{
		{`{"iss":"i","sub":"1","sub":"2"}`, info},
		{id, `{"sub":"1","nhsid_nrbac_roles":[{"role_code":"a","role_code":"b"}]}`},
	} {
		if p, err := cis2.Read([]byte(hostile[0]), []byte(hostile[1])); err == nil {
			t.Errorf("%s is taken as %+v", hostile, p)
		}
	}
	if p, err := cis2.Read([]byte(id), []byte(`{"sub":"1","NAME":"Eve"}`)); err != nil || p.Name != "" {
		t.Errorf("a name in another case is taken: %+v, %v", p, err)
	}
}
