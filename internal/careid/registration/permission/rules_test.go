package permission_test

import (
	"slices"
	"testing"

	"signpost/internal/careid/registration/permission"
)

func TestJobsOf(t *testing.T) {
	usual := permission.Usual()
	byRole := usual
	byRole.AdvancedAgent = "R5091"
	for name, tt := range map[string]struct {
		rules      permission.Rules
		role       string
		activities []string
		want       []permission.Job
	}{
		"a manager":                        {usual, "S0080:G0450:R5080", nil, []permission.Job{permission.Manager}},
		"an agent":                         {usual, "R5090", nil, []permission.Job{permission.Agent}},
		"an advanced one":                  {usual, "R5090", []string{"B9801"}, []permission.Job{permission.AdvancedAgent}},
		"the activity without the role":    {usual, "R8008", []string{"B9801"}, nil},
		"an advanced one, by their role":   {byRole, "R5091", nil, []permission.Job{permission.AdvancedAgent}},
		"an activity that counts no more":  {byRole, "R5090", []string{"B9801"}, []permission.Job{permission.Agent}},
		"a sponsor who checks identities":  {usual, "R8008", []string{"B0267", "D1:C2:x", "B1300"}, []permission.Job{permission.Sponsor, permission.IDChecker}},
		"an agent who is a sponsor":        {usual, "R5090", []string{"B1300"}, []permission.Job{permission.Agent, permission.Sponsor}},
		"who unlocks smartcards":           {usual, "R8008", []string{"B9802"}, []permission.Job{permission.CardUnlocker}},
		"a nurse":                          {usual, "S8000:G8000:R8001", []string{"B0166"}, nil},
		"a code that cannot be read":       {usual, "R50800", []string{"B13000"}, nil},
		"nothing, with no code configured": {permission.Rules{}, "", []string{""}, nil},
	} {
		if got := tt.rules.JobsOf(tt.role, tt.activities); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// Each job stands above all that come after it, and above neither itself nor those before it.
func TestHierarchy(t *testing.T) {
	for i, a := range permission.Jobs {
		for k, b := range permission.Jobs {
			if a.Above(b) != (i < k) {
				t.Errorf("%s is above %s: %v", a, b, a.Above(b))
			}
		}
	}
}

// What nobody knows nobody may do.
func TestUnknownActsAreRefused(t *testing.T) {
	for _, j := range permission.Jobs {
		if got := permission.Usual().Of(j, "something else"); got != permission.No {
			t.Errorf("%s: %s", j, got)
		}
	}
	if got := permission.Usual().Of("a stranger", permission.Find); got != permission.No {
		t.Errorf("a stranger: %s", got)
	}
}
