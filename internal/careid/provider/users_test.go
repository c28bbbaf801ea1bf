package provider

import (
	"testing"
	"time"
)

func TestUsersOfABrowser(t *testing.T) {
	const day = 24 * time.Hour
	start := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	type login struct {
		person string
		after  time.Duration // the start
	}
	for _, tt := range []struct {
		name   string
		logins []login
		person string // whose session it is
		at     time.Duration
		want   bool
	}{
		{"nobody has logged in", nil, "ada", 0, false},
		{"one person", []login{{"ada", 0}, {"ada", day}}, "ada", 2 * day, false},
		{"somebody else before", []login{{"bo", 0}, {"ada", day}}, "ada", 2 * day, true},
		{"somebody else in between", []login{{"ada", 0}, {"bo", day}, {"ada", 2 * day}}, "ada", 3 * day, true},
		{"somebody else last", []login{{"ada", 0}, {"bo", day}}, "ada", 2 * day, true},
		{"somebody else 30 days ago less a second", []login{{"bo", 0}, {"ada", day}}, "ada", 30*day - time.Second, true},
		{"somebody else 30 days ago", []login{{"bo", 0}, {"ada", day}}, "ada", 30 * day, false},
		{"three people", []login{{"bo", 0}, {"cy", day}, {"ada", 2 * day}, {"ada", 3 * day}}, "ada", 30*day + 1, true},
	} {
		var u users
		for _, l := range tt.logins {
			u = u.after([]byte(l.person), start.Add(l.after))
		}
		if got := u.shared([]byte(tt.person), start.Add(tt.at)); got != tt.want {
			t.Errorf("%s: shared %v, want %v", tt.name, got, tt.want)
		}
	}
}
