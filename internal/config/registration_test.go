package config

import "testing"

func TestRegistration(t *testing.T) {
	for name, tt := range map[string]struct {
		change   func(*Registration)
		problems int
	}{
		"usual":                 {func(*Registration) {}, 0},
		"a job role":            {func(r *Registration) { r.AdvancedAgent = "R9801" }, 0},
		"a whole code":          {func(r *Registration) { r.AdvancedAgent = "D8002:C8006:B9801" }, 1},
		"none":                  {func(r *Registration) { r.CardUnlocker = "" }, 1},
		"one code for two jobs": {func(r *Registration) { r.CardUnlocker = r.AdvancedAgent }, 1},
	} {
		r := usualRegistration()
		tt.change(&r)
		if got := r.check(); len(got) != tt.problems {
			t.Errorf("%s: %v", name, got)
		}
	}
}
