package schema_test

import (
	"slices"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
)

// Kinds that an organisation had approved before it could approve models stay approved, with a history that says
// nothing that nobody knows; and an authenticator keeps the model that its credential named.
func TestApprovalsOfBeforeModelsAreKept(t *testing.T) {
	d := upgradedBefore(t, "202612021441_policy.sql", func(w *db.W) error {
		for _, row := range []string{
			oldOrganisation,
			`INSERT INTO organisation_authenticator (code, kind)
				VALUES ('Z90001', 'security_key'), ('Z90001', 'authenticator_app')`,
			`INSERT INTO authenticator (id, uuid, kind, level, name, status, simulated, bound_at)
				VALUES ('key', '17', 'security_key', 3, '', 'active', FALSE, 0),
					('app', '17', 'authenticator_app', 2, '', 'active', FALSE, 0)`,
			`INSERT INTO webauthn_credential (authenticator_id, credential_id, uuid, record, sign_count, aaguid)
				VALUES ('key', '17', '17', '{}', 0, '2fc0579f-8113-47ea-b116-bb5a8db9202a')`,
		} {
			if _, err := w.Exec(t.Context(), row); err != nil {
				return err
			}
		}
		return nil
	})
	err := d.View(t.Context(), func(r db.R) error {
		decision, err := organisation.InForce(t.Context(), r, "Z90001")
		if err != nil {
			return err
		}
		want := organisation.Policy{Kinds: []authn.Kind{authn.AuthenticatorApp, authn.SecurityKey}}
		if !slices.Equal(decision.Kinds, want.Kinds) || decision.Rule != want.Rule || len(decision.Models) > 0 {
			t.Errorf("the policy: %+v", decision.Policy)
		}
		if decision.Number != 1 || decision.By != "" || !decision.At.IsZero() || !decision.Replaced.IsZero() {
			t.Errorf("the decision: %+v", decision)
		}
		list, err := authenticator.OfIdentity(t.Context(), r, "17")
		models := map[string]string{}
		for _, a := range list {
			models[a.ID] = a.Model.AAGUID
		}
		if len(list) != 2 || models["key"] != "2fc0579f-8113-47ea-b116-bb5a8db9202a" || models["app"] != "" {
			t.Errorf("the models: %v", models)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
