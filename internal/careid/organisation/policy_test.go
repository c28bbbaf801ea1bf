package organisation_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"signpost/internal/careid/organisation"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

const (
	keyModel   = "2fc0579f-8113-47ea-b116-bb5a8db9202a"
	otherModel = "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"
)

func TestWhatPoliciesTake(t *testing.T) {
	proven := authn.Model{AAGUID: keyModel, Proven: true}
	said := authn.Model{AAGUID: keyModel}
	keys := organisation.Policy{Kinds: []authn.Kind{authn.SecurityKey}}
	only := organisation.Policy{Kinds: []authn.Kind{authn.SecurityKey, authn.Passkey, authn.AuthenticatorApp},
		Rule: organisation.OnlyModels, Models: []string{keyModel}}
	withIPads := organisation.Policy{Kinds: []authn.Kind{authn.IPad}, Rule: organisation.OnlyModels,
		Models: []string{keyModel}}
	except := organisation.Policy{Rule: organisation.ExceptModels, Models: []string{keyModel}}
	for name, tt := range map[string]struct {
		policies organisation.Policies
		kind     authn.Kind
		model    authn.Model
		want     bool
	}{
		"nobody works anywhere":                  {nil, authn.IPad, authn.Model{}, true},
		"nobody has decided":                     {organisation.Policies{{}}, authn.IPad, authn.Model{}, true},
		"a kind that is approved":                {organisation.Policies{keys}, authn.SecurityKey, said, true},
		"a kind that is not":                     {organisation.Policies{keys}, authn.AuthenticatorApp, authn.Model{}, false},
		"not here, but at another workplace":     {organisation.Policies{keys, only}, authn.AuthenticatorApp, authn.Model{}, true},
		"another workplace has not decided":      {organisation.Policies{keys, {}}, authn.IPad, authn.Model{}, false},
		"a listed model, proved":                 {organisation.Policies{only}, authn.SecurityKey, proven, true},
		"a listed model, as it says itself":      {organisation.Policies{only}, authn.SecurityKey, said, false},
		"another model, proved":                  {organisation.Policies{only}, authn.SecurityKey, authn.Model{AAGUID: otherModel, Proven: true}, false},
		"no model":                               {organisation.Policies{only}, authn.SecurityKey, authn.Model{}, false},
		"a kind without attestation":             {organisation.Policies{only}, authn.Passkey, authn.Model{AAGUID: otherModel}, true},
		"a device that is managed":               {organisation.Policies{withIPads}, authn.IPad, authn.Model{}, true},
		"a kind without models":                  {organisation.Policies{only}, authn.AuthenticatorApp, authn.Model{}, true},
		"a refused model, proved":                {organisation.Policies{except}, authn.SecurityKey, proven, false},
		"a refused model, as it says itself":     {organisation.Policies{except}, authn.Passkey, said, false},
		"a model that is not refused":            {organisation.Policies{except}, authn.Passkey, authn.Model{AAGUID: otherModel}, true},
		"refused here, taken at another":         {organisation.Policies{except, {}}, authn.SecurityKey, said, true},
		"refused here, not approved elsewhere":   {organisation.Policies{except, keys}, authn.Passkey, said, false},
		"approved kind here, its model refused":  {organisation.Policies{{Kinds: keys.Kinds, Rule: except.Rule, Models: except.Models}}, authn.SecurityKey, said, false},
		"kind of one and model of another apart": {organisation.Policies{{Kinds: keys.Kinds, Rule: except.Rule, Models: except.Models}, {Kinds: []authn.Kind{authn.Passkey}}}, authn.SecurityKey, said, false},
	} {
		if got := tt.policies.Take(tt.kind, tt.model); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Each decision is kept with who made it, one is in force, and of two that were made from the same page one counts.
func TestDecisionsFollowEachOther(t *testing.T) {
	d := open(t)
	ann := actor.Actor{Kind: actor.Person, ID: "500000000017"}
	decide := func(before int, p organisation.Policy) error {
		return d.Update(t.Context(), ann, func(w *db.W) error {
			return organisation.Decide(t.Context(), w, "ZTR", before, p, "we buy one model")
		})
	}
	p := organisation.Policy{Kinds: []authn.Kind{authn.Passkey, authn.IPad}, Rule: organisation.ExceptModels,
		Models: []string{otherModel, keyModel}}
	if err := decide(1, p); err != nil {
		t.Fatal(err)
	}
	for _, before := range []int{0, 1, 3} {
		if err := decide(before, organisation.Policy{}); !errors.Is(err, organisation.ErrDecidedMeanwhile) {
			t.Errorf("decided after %d: %v", before, err)
		}
	}
	list, err := db.Read(t.Context(), d, func(r db.R) ([]organisation.Decision, error) {
		return organisation.Decisions(context.Background(), r, "ZTR", 9)
	})
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	now, was := list[0], list[1]
	if now.Number != 2 || now.By != ann.ID || now.Reason == "" || !now.Replaced.IsZero() || now.At.IsZero() ||
		!slices.Equal(now.Kinds, []authn.Kind{authn.IPad, authn.Passkey}) || now.Rule != organisation.ExceptModels ||
		!slices.Equal(now.Models, []string{keyModel, otherModel}) {
		t.Errorf("in force is %+v", now)
	}
	if was.Number != 1 || was.Replaced.IsZero() || len(was.Kinds) != 2 {
		t.Errorf("before was %+v", was)
	}
}
