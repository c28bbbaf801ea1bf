package readiness_test

import (
	"testing"

	"signpost/internal/dos/rollout/readiness"
)

// The registration authority of several Care Identities with one address is named where all have the same.
func TestAuthorityOfSeveral(t *testing.T) {
	const head = "uuid,email,first_name,last_name,status,email_verified,registration_authority\n"
	for name, tt := range map[string]struct{ first, second, want string }{
		"the same":    {"Fenmarch", "Fenmarch", "Fenmarch"},
		"two":         {"Fenmarch", "Westmoor", ""},
		"one unknown": {"Fenmarch", "", ""},
	} {
		r := compute(t, readiness.Options{
			Accounts: text(accountsHead + "ann,ann.smith@nhs.net,Ann,Smith,,RX1,yes\n"),
			Identities: text(head + "1,ann.smith@nhs.net,Ann,Smith,active,yes," + tt.first + "\n" +
				"2,ann.smith@nhs.net,Ann,Smith,active,yes," + tt.second + "\n"),
		})
		p := r.People[0]
		if got := r.Authority(p); got != tt.want || p.Class != readiness.DuplicateIdentities {
			t.Errorf("%s: %q of %s, want %q", name, got, p.Class, tt.want)
		}
	}
}
