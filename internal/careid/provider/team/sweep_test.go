package team_test

import (
	"testing"
	"time"

	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/worldtest"
)

// An invitation that nobody answers is forgotten some time after its end, not before.
func TestUnansweredInvitationsAreForgotten(t *testing.T) {
	w := open(t)
	ada := w.person("Ada", "", false)
	ben := w.person("Ben", "", false)
	w.Must(w.Registry().Roll().Invite(t.Context(), ada, w.make(ada, "Rota"), ben.ID))
	const keep = 90 * 24 * time.Hour
	for _, tt := range []struct {
		after time.Duration
		want  int64
	}{{14*24*time.Hour + keep - time.Millisecond, 1}, {time.Millisecond, 0}} {
		w.Clock.Advance(tt.after)
		_, err := team.Sweeper(w.DB, keep).Sweep(t.Context(), worldtest.By)
		w.Must(err)
		if n := w.Count(`SELECT COUNT(*) FROM provider_team_invitation`); n != tt.want {
			t.Errorf("%s later there are %d invitations, want %d", tt.after, n, tt.want)
		}
		if n := w.Count(`SELECT COUNT(*) FROM provider_team_told`); n != 0 {
			t.Errorf("%s later it counts still that %d were told of", tt.after, n)
		}
	}
	if n := len(w.Events("team.invitations-swept")); n != 2 {
		t.Errorf("%d events tell of it and of who was told of it, want 2", n)
	}
}
