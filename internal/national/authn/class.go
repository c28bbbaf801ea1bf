package authn

import (
	"errors"
	"fmt"
	"slices"
)

// The reasons why acr_values cannot be met.
var (
	ErrUnknownClass = errors.New("no class of authentication that we know")
	ErrNotOffered   = errors.New("a class of authentication that is not offered")
)

// Class is a class of authentication, which a service asks for in acr_values and the acr claim names. It says
// which levels are enough and, if it is for one method, which method.
type Class struct {
	name   string
	levels []Level
	amr    []string // empty: any method
}

// The classes that a service may ask for.
var (
	AAL3Any       = Class{name: "AAL3_ANY", levels: []Level{AAL3}}
	AAL2OrAAL3Any = Class{name: "AAL2_OR_AAL3_ANY", levels: []Level{AAL2, AAL3}}
	AAL2Any       = Class{name: "AAL2_ANY", levels: []Level{AAL2}}
)

// Default gives the class that applies when a service asks for none.
func Default() Class { return AAL3Any }

// userpass is known, so that asking for it gets its own answer, and is never offered: a username
// and password alone is what this service replaces.
const userpass = "AAL1_USERPASS"

var classes = []Class{
	AAL3Any, AAL2OrAAL3Any, AAL2Any,
	pin(AAL3, AMRSmartcardHSCN), pin(AAL3, AMRSmartcardInternet),
	{"AAL3_SMARTCARD", []Level{AAL3}, []string{AMRSmartcardHSCN, AMRSmartcardInternet}},
	pin(AAL3, AMRIPad), pin(AAL3, AMRFIDO2),
	pin(AAL2, AMRPasskey), pin(AAL2, AMRTOTP), pin(AAL2, AMRNHSMail),
}

// pin makes the class that accepts one method at one level, named by CIS2's pattern AAL<n>_<AMR>.
func pin(l Level, amr string) Class {
	return Class{name: l.String() + "_" + amr, levels: []Level{l}, amr: []string{amr}}
}

// Classes gives the names of all classes offered, as discovery lists them in acr_values_supported.
func Classes() []string {
	names := make([]string, 0, len(classes))
	for _, c := range classes {
		names = append(names, c.name)
	}
	return names
}

// ParseACR picks the class that acr_values asks for: the first one that is offered, as the values are in
// order of preference. No value at all means Default. If none is offered it gives an error, never a
// weaker class: ErrNotOffered if one of them is at least known, else ErrUnknownClass.
func ParseACR(values []string) (Class, error) {
	if len(values) == 0 {
		return Default(), nil
	}
	for _, v := range values {
		if i := slices.IndexFunc(classes, func(c Class) bool { return c.name == v }); i >= 0 {
			return classes[i], nil
		}
	}
	if slices.Contains(values, userpass) {
		return Class{}, fmt.Errorf("acr_values %q: %w", values, ErrNotOffered)
	}
	return Class{}, fmt.Errorf("acr_values %q: %w", values, ErrUnknownClass)
}

// Name gives the name of the class in acr_values and the acr claim; empty for the zero Class.
func (c Class) Name() string { return c.name }

// Allows reports whether an authenticator of this kind may meet the class: it decides what the
// sign-in page offers. A FIDO2 kind that reaches AAL3 may also hold AAL2 credentials, so it is
// offered for AAL2 too; Met decides about the credential itself.
func (c Class) Allows(k Kind) bool {
	if k.Needs(WebAuthn) && k.MaxLevel() == AAL3 && c.Met(k, AAL2) {
		return true
	}
	return c.Met(k, k.MaxLevel())
}

// Met reports whether a sign-in with this kind at this level meets the class.
func (c Class) Met(k Kind, l Level) bool {
	if !k.Valid() || l > k.MaxLevel() || !slices.Contains(c.levels, l) {
		return false
	}
	return len(c.amr) == 0 || slices.Contains(c.amr, k.AMR())
}

// MinLevel gives the lowest level that meets the class; NoLevel for the zero Class.
func (c Class) MinLevel() Level {
	if len(c.levels) == 0 {
		return NoLevel
	}
	return slices.Min(c.levels)
}
