package authenticator_test

import (
	"errors"
	"slices"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/national/authn"
)

// kinds stands for a method in tests to which only its kinds matter.
type kinds []authn.Kind

func (k kinds) Kinds() []authn.Kind { return k }

func TestRegistryFindsTheMethodOfAKind(t *testing.T) {
	apps := kinds{authn.AuthenticatorApp}
	browser := kinds{authn.Passkey, authn.SecurityKey}
	r, err := authenticator.NewRegistry(apps, browser)
	if err != nil {
		t.Fatal(err)
	}
	listed := []authn.Kind{authn.SecurityKey, authn.Passkey, authn.AuthenticatorApp}
	if got := r.Kinds(); !slices.Equal(got, listed) {
		t.Errorf("kinds %v, want %v as the sign-in page lists them", got, listed)
	}
	for _, tt := range []struct {
		kind authn.Kind
		want kinds
		err  error
	}{
		{authn.AuthenticatorApp, apps, nil},
		{authn.SecurityKey, browser, nil},
		{authn.Passkey, browser, nil},
		{authn.WindowsHello, nil, authenticator.ErrNoMethod},
		{"password", nil, authenticator.ErrNoMethod},
		{"", nil, authenticator.ErrNoMethod},
	} {
		if got, err := r.Of(tt.kind); !slices.Equal(got, tt.want) || !errors.Is(err, tt.err) {
			t.Errorf("%q: %v, %v; want %v, %v", tt.kind, got, err, tt.want, tt.err)
		}
	}
}

func TestRegistryRefusesWhatIsNotClear(t *testing.T) {
	for name, methods := range map[string][]kinds{
		"two methods for one kind": {{authn.Passkey}, {authn.SecurityKey, authn.Passkey}},
		"a kind twice":             {{authn.Passkey, authn.Passkey}},
		"a kind that nobody knows": {{"pigeon"}},
		"no kind":                  {{""}},
	} {
		if _, err := authenticator.NewRegistry(methods...); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
