package registration_test

import (
	"context"
	"strings"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

const keyModel = "2fc0579f-8113-47ea-b116-bb5a8db9202a"

// has gives somebody an authenticator.
func (w *trust) has(n authenticator.New) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := authenticator.Bind(ctx, u, n)
		return err
	})
}

func (w *trust) effect(code string, p organisation.Policy) registration.Effect {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (registration.Effect, error) {
		return registration.EffectOf(ctx, r, code, p)
	})
}

// Before a policy is set it is known who would lose what, and who would be left with nothing.
func TestWhomAPolicyWouldTouch(t *testing.T) {
	w := openTrust(t)
	w.has(authenticator.New{UUID: w.cy, Kind: authn.SecurityKey, Level: authn.AAL3, Model: keyModel})
	w.has(authenticator.New{UUID: w.manager, Kind: authn.SecurityKey, Level: authn.AAL3, Model: keyModel})
	keys := []authn.Kind{authn.SecurityKey}
	apps := organisation.Policy{Kinds: []authn.Kind{authn.AuthenticatorApp}}
	if e := w.effect("Z90001", apps); len(e.Losing) != 1 || e.Losing[0].Person.UUID != w.cy || e.Stranded != 1 {
		t.Errorf("apps alone at the pharmacy: %+v", e)
	}
	if e := w.effect("ZTR", apps); len(e.Losing) != 1 || e.Losing[0].Person.UUID != w.manager {
		t.Errorf("apps alone at the trust: %+v", e)
	}
	w.has(authenticator.New{UUID: w.cy, Kind: authn.AuthenticatorApp, Level: authn.AAL2})
	e := w.effect("Z90001", apps)
	if e.Stranded != 0 || len(e.Losing) != 1 || e.Losing[0].Left != 1 || len(e.Losing[0].Lost) != 1 {
		t.Errorf("with an app beside: %+v", e)
	}
	except := organisation.Policy{Kinds: keys, Rule: organisation.ExceptModels, Models: []string{keyModel}}
	if e := w.effect("Z90001", except); e.Stranded != 1 || len(e.Losing[0].Lost) != 2 {
		t.Errorf("every key but theirs: %+v", e)
	}
	all := organisation.Policy{Kinds: authn.Kinds()}
	if e := w.effect("Z90001", all); len(e.Losing)+e.Gaining != 0 {
		t.Errorf("every kind: %+v", e)
	}
	w.Must(registration.SetPolicy(t.Context(), w.DB, by(w.manager), "Z90001",
		registration.PolicyChange{Policy: apps, Reason: "apps"}))
	if e := w.effect("Z90001", all); e.Gaining != 1 || len(e.Losing) != 0 {
		t.Errorf("every kind again: %+v", e)
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		bound, err := authenticator.OfIdentity(ctx, u, w.cy)
		if err != nil {
			return err
		}
		return authenticator.SuspendPart(ctx, u, bound[1].ID, "lost")
	})
	if e := w.effect("Z90001", organisation.Policy{Kinds: keys}); len(e.Losing) != 0 {
		t.Errorf("a suspended one counts: %+v", e)
	}
}

func TestPoliciesThatAreNotSet(t *testing.T) {
	w := openTrust(t)
	w.has(authenticator.New{UUID: w.cy, Kind: authn.SecurityKey, Level: authn.AAL3, Model: keyModel})
	apps := organisation.Policy{Kinds: []authn.Kind{authn.AuthenticatorApp}}
	var tally worldtest.Tally
	refuse := func(name, who, code string, c registration.PolicyChange, want fault.Code, field string) {
		t.Helper()
		err := registration.SetPolicy(t.Context(), w.DB, by(who), code, c)
		tally.Refused(t, name, err == nil)
		said, _ := fault.From(err)
		if said == nil || said.Code != want || said.Field != field {
			t.Errorf("%s: %v", name, err)
		}
	}
	change := func(p organisation.Policy) registration.PolicyChange {
		return registration.PolicyChange{Policy: p, Reason: "asked", Stranded: true}
	}
	listing := func(rule organisation.ModelRule, models ...string) registration.PolicyChange {
		return change(organisation.Policy{Kinds: apps.Kinds, Rule: rule, Models: models})
	}
	refuse("by an agent", w.agent, "Z90001", change(apps), fault.Forbidden, "")
	unticked := change(apps)
	unticked.Stranded = false
	refuse("by an agent, who is not told whom it strands", w.agent, "Z90001", unticked, fault.Forbidden, "")
	refuse("by anybody, likewise", w.cy, "Z90001", unticked, fault.Forbidden, "")
	if n := len(w.Events("registration.refused")); n != 3 {
		t.Errorf("%d events of three who may not", n)
	}
	refuse("by anybody", w.cy, "Z90001", change(apps), fault.Forbidden, "")
	refuse("of an organisation that another serves", w.manager, "Z90002", change(apps), fault.Forbidden, "")
	refuse("without kinds", w.manager, "Z90001", change(organisation.Policy{}), fault.Invalid, "kinds")
	refuse("of an unknown kind", w.manager, "Z90001",
		change(organisation.Policy{Kinds: []authn.Kind{"pigeon"}}), fault.Invalid, "kinds")
	refuse("with an unknown rule", w.manager, "Z90001", listing("most", keyModel), fault.Invalid, "rule")
	refuse("with a rule that lists nothing", w.manager, "Z90001", listing(organisation.OnlyModels, " "), fault.Invalid,
		"models")
	refuse("with a name for a number", w.manager, "Z90001", listing(organisation.OnlyModels, "YubiKey"), fault.Invalid,
		"models")
	refuse("without a reason", w.manager, "Z90001", registration.PolicyChange{Policy: apps, Stranded: true},
		fault.Invalid, "why")
	refuse("that leaves somebody with nothing", w.manager, "Z90001",
		registration.PolicyChange{Policy: apps, Reason: "asked"}, fault.Conflict, "stranded")
	seen := change(apps)
	seen.Before = 4
	refuse("from a page of another time", w.manager, "Z90001", seen, fault.Conflict, "")
	if n := w.Count(`SELECT COUNT(*) FROM organisation_policy`); n != 0 {
		t.Errorf("%d decisions are kept", n)
	}
	typed := listing(organisation.ExceptModels, strings.ToUpper(keyModel)+",\n"+keyModel)
	w.Must(registration.SetPolicy(t.Context(), w.DB, by(w.manager), "Z90001", typed))
	set := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (organisation.Decision, error) {
		return organisation.InForce(ctx, r, "Z90001")
	})
	if len(set.Models) != 1 || set.Models[0] != keyModel || set.By != w.manager {
		t.Errorf("set %+v", set)
	}
	if e := w.Events("organisation.policy"); len(e) != 1 || e[0].Subject != organisation.Ref("Z90001") {
		t.Errorf("recorded %+v", e)
	}
}
