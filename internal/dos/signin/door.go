package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/national/cis2"
	"signpost/internal/national/extract"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/session"
)

// Asker asks the care identity side about one person. Package extract has one.
type Asker interface {
	Ask(ctx context.Context, q extract.Question) (extract.Answer, error)
}

// Again asks CIS2 about somebody who signed in there before, by the access token that it gave then. Package portal has
// one.
type Again interface {
	Again(ctx context.Context, access, subject string) (cis2.Current, error)
}

// Door decides who comes in with a Care Identity, and, while their session lasts, whether they may still be in.
type Door struct {
	DB    *db.DB
	CIS2  Again
	Asker Asker // nil if the care identity side answers no questions
	Box   *seal.Box
	Post  *mail.Post
	Links Links // nil where no link is looked at again
}

// access is an access token as a session keeps it.
type access struct {
	Sealed []byte
	Ends   time.Time
}

func accessContext(subject string) string { return "dos/access/" + subject }

// Stands gives the reason for which somebody may not be in any more who came with their Care Identity, or none. Their
// rights are read again at CIS2, and after the access token has ended from the care identity side.
func (d *Door) Stands(ctx context.Context, s session.Session[State]) (session.Reason, error) {
	switch {
	case s.State.How != ByCareIdentity || s.State.CareIdentity == "":
		return session.NotKnown, nil
	case d.DB.Now().Before(s.State.Access.Ends):
		return d.standsNow(ctx, s)
	case d.Asker != nil:
		return d.standsByExtract(ctx, s)
	}
	return session.Over, nil
}

// standsNow asks CIS2, and the care identity side about whoever it could not be asked about at the door.
func (d *Door) standsNow(ctx context.Context, s session.Session[State]) (session.Reason, error) {
	reason, err := d.standsAtCIS2(ctx, s.State)
	if err != nil || reason != session.NotKnown || !s.State.Unasked || d.Asker == nil {
		return reason, err
	}
	return d.standsByExtract(ctx, s)
}

func (d *Door) standsAtCIS2(ctx context.Context, s State) (session.Reason, error) {
	token, err := d.Box.Open(s.Access.Sealed, accessContext(s.CareIdentity))
	if err != nil {
		return session.NotKnown, fmt.Errorf("open an access token: %w", err)
	}
	now, err := d.CIS2.Again(ctx, string(token), s.CareIdentity)
	switch {
	case errors.Is(err, relying.TokenRefused), errors.Is(err, relying.WrongSubject):
		return portal.EndedAtCIS2, nil
	case err != nil:
		return session.NotKnown, err
	case now.IdentityLevel.Given() && now.IdentityLevel.Number() < MinIdentityLevel:
		return endedByIdentity, nil
	case !HoldsPosition(now.Roles):
		return endedByPosition, nil
	case s.Role != "" && !holds(at(Positions(now.Roles), s.Organisation), s.Role):
		return endedByRole, nil
	}
	return session.NotKnown, nil
}

// standsByExtract asks about the role in which somebody came in too. Where no answer about it comes, they log in again.
func (d *Door) standsByExtract(ctx context.Context, s session.Session[State]) (session.Reason, error) {
	q := extract.Question{Ref: s.Subject, Subject: s.State.CareIdentity}
	if s.State.Role != "" {
		q.Role = s.State.Role
		q.Organisation = s.State.Organisation
	}
	answer, err := d.Asker.Ask(ctx, q)
	switch {
	case err != nil:
		return session.NotKnown, fmt.Errorf("ask whether somebody may still be in: %w", err)
	case answer.Found != extract.One || answer.State != extract.Active:
		return endedByIdentity, nil
	case answer.Position != extract.Yes:
		return endedByPosition, nil
	case q.Role != "" && answer.Role == extract.No:
		return endedByRole, nil
	case q.Role != "" && answer.Role != extract.Yes:
		return session.Over, nil
	}
	waits, err := db.Read(ctx, d.DB, func(r db.R) (bool, error) {
		return d.reactivated(ctx, r, s.Subject, activeAgain(answer))
	})
	if err != nil || !waits {
		return session.NotKnown, err
	}
	return endedByReactivation, nil
}
