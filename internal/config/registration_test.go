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
		"one day":               {func(r *Registration) { r.Days = 1 }, 0},
		"a quarter":             {func(r *Registration) { r.Days = 60 }, 0},
		"at once":               {func(r *Registration) { r.Days = 0 }, 1},
		"never":                 {func(r *Registration) { r.Days = 61 }, 1},
	} {
		r := usualRegistration()
		tt.change(&r)
		if got := r.check(); len(got) != tt.problems {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestApply(t *testing.T) {
	for name, tt := range map[string]struct {
		change   func(*Apply)
		problems int
	}{
		"usual":                      {func(*Apply) {}, 0},
		"pictures for a while":       {func(a *Apply) { a.PictureDays = 30 }, 0},
		"links that end at once":     {func(a *Apply) { a.LinkDays = 0 }, 1},
		"links for ever":             {func(a *Apply) { a.LinkDays = 91 }, 1},
		"pictures after all else":    {func(a *Apply) { a.PictureDays = 91 }, 1},
		"unfinished gone on the way": {func(a *Apply) { a.UnfinishedDays = 0 }, 1},
		"decided not kept":           {func(a *Apply) { a.DecidedDays = 0 }, 1},
	} {
		a := usualApply()
		tt.change(&a)
		if got := a.check(); len(got) != tt.problems {
			t.Errorf("%s: %v", name, got)
		}
	}
}
