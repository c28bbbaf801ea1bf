package checkrp

import (
	"encoding/json"
	"maps"

	"signpost/internal/national/cis2"
	"signpost/internal/platform/random"
	"signpost/internal/platform/relying/issuer"
)

// people are the ways in which CIS2 describes people; each has been seen in production (reference, CIS2
// Authentication §6 and §7).
func people() []requirement {
	return []requirement{
		{"signpost-role-none", "copes with somebody who has no role", copes(info(roles(func([]any) any {
			return []any{}
		})))},
		{"signpost-role-missing", "copes with an answer that has no list of roles", copes(info(func(m map[string]any) {
			delete(m, cis2.RolesClaim)
		}))},
		{"signpost-role-one", "lets in somebody with one role", takes(info(roles(func(all []any) any {
			return firstOf(all)
		})))},
		{"signpost-role-many", "copes with somebody who has many roles", copes(info(roles(manyRoles)))},
		{"signpost-role-object", "takes a role that stands where a list should", takes(info(roles(bare)))},
		{
			"signpost-role-plain", "takes a role without the lists that are left out when empty",
			takes(info(roles(plainRoles))),
		},
		{"signpost-role-selected-empty", "copes with an empty selected_roleid", copes(func(s *issuer.Script) {
			s.Person.SelectedRoleID = ""
		})},
		{"signpost-role-selected-unknown", "copes with a selected_roleid that is none of the roles",
			copes(func(s *issuer.Script) {
				s.Person.SelectedRoleID = random.Digits(12)
			})},
		{"signpost-email-missing", "copes with somebody who has no email address", copes(info(func(m map[string]any) {
			delete(m, "email")
			delete(m, "email_verified")
		}))},
	}
}

// roles changes the list of roles in userinfo.
func roles(alter func(all []any) any) func(map[string]any) {
	return func(m map[string]any) { m[cis2.RolesClaim] = alter(asList(m[cis2.RolesClaim])) }
}

// asList is a value as JSON reads it back: a list, of one where it is not a list.
func asList(v any) []any {
	text, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var back any
	if json.Unmarshal(text, &back) != nil || back == nil {
		return nil
	}
	if list, ok := back.([]any); ok {
		return list
	}
	return []any{back}
}

func firstOf(all []any) []any { return all[:min(1, len(all))] }

func bare(all []any) any {
	if len(all) == 0 {
		return all
	}
	return all[0]
}

// manyRoles is the roles after seven others, of other organisations.
func manyRoles(all []any) any {
	var list []any
	for range 7 {
		list = append(list, map[string]any{
			"person_orgid": random.Digits(12), "person_roleid": random.Digits(12), "org_code": "Z" + random.Digits(4),
			"role_code": "S8000:G8000:R8000",
			"role_name": `"Clinical":"Clinical Provision":"Clinical Practitioner Access Role"`,
		})
	}
	return append(list, all...)
}

// plainRoles is the roles without what a relying party may not count on.
func plainRoles(all []any) any {
	var list []any
	for _, one := range all {
		role, ok := one.(map[string]any)
		if !ok {
			continue
		}
		role = maps.Clone(role)
		for _, name := range []string{"activities", "workgroups", "workgroups_codes", "aow", "aow_codes"} {
			delete(role, name)
		}
		list = append(list, role)
	}
	return list
}
