package authenticator_test

import (
	"context"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/population"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// An invitation is forgotten some time after its end, not before.
func TestEndedInvitationsAreForgotten(t *testing.T) {
	w := careidtest.Open(t, careidtest.Nine)
	person := w.Person(population.Person{GivenName: "Ada", FamilyName: "Okafor", Email: "ada@nhs.net"})
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := authenticator.Invite(ctx, u, person.ID, authn.SecurityKey)
		return err
	})
	const keep = 90 * 24 * time.Hour
	for _, tt := range []struct {
		after time.Duration
		want  int64
	}{{24*time.Hour + keep - time.Millisecond, 1}, {time.Millisecond, 0}} {
		w.Clock.Advance(tt.after)
		_, err := authenticator.Sweeper(w.DB, keep).Sweep(t.Context(), worldtest.By)
		w.Must(err)
		if n := w.Count(`SELECT COUNT(*) FROM authenticator_invitation`); n != tt.want {
			t.Errorf("%s later there are %d invitations, want %d", tt.after, n, tt.want)
		}
	}
	if n := len(w.Events("authenticator.invitations-swept")); n != 1 {
		t.Errorf("%d events tell of it, want 1", n)
	}
}
