package path

import (
	"strings"
	"testing"
)

// The deadline says on how many days of work a password still works, and on the last of them that it is the last.
func TestDaysOfWork(t *testing.T) {
	for left, want := range map[int]string{
		3: "once you have worked on 3 days, today among them", 1: "This is the last day on which your password works",
	} {
		f := Facts{Account: Individual, Identity: OneActive, Email: EmailAgrees, MailProved: Yes, Position: Yes,
			Authenticator: Sufficient, Approved: Yes, Working: Yes, Linked: No, Phase: Require, DaysLeft: left}
		if got := NowOf(f, func(What) bool { return false }).Do.By.Message; !strings.Contains(got, want) {
			t.Errorf("%d days: %q", left, got)
		}
	}
}
