package linking

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/national/extract"
	"signpost/internal/platform/fault"
)

// Asker asks the care identity side about one person. Package extract has one.
type Asker interface {
	Ask(ctx context.Context, q extract.Question) (extract.Answer, error)
}

// errNotAsked answers a confirmation while the care identity side cannot be asked. Nothing was used up.
var errNotAsked = fault.SayCure(fault.Unavailable,
	"We cannot find out at the moment whether your Care Identity is still active. Nothing was linked.",
	"Try again in a few minutes. Your code still works until its time is over.")

// standing asks the care identity side, before the Update that links, whether the Care Identity of a ceremony still
// stands: it may have been suspended or closed since it was proved. The national service answers no questions; then
// the proof stands, which is at most 15 minutes old.
func (l *Linker) standing(ctx context.Context, c Ceremony) (bool, error) {
	return l.Stands(ctx, c.AccountID, c.Subject)
}

// Stands asks the care identity side whether the Care Identity of a subject still stands. The reference says for whom
// that is asked.
func (l *Linker) Stands(ctx context.Context, reference, subject string) (bool, error) {
	if l.Asker == nil {
		return true, nil
	}
	answer, err := l.Asker.Ask(ctx, extract.Question{Ref: reference, Subject: subject})
	if err != nil {
		return false, fmt.Errorf("ask whether a Care Identity stands: %w", errors.Join(errNotAsked, err))
	}
	return answer.Found == extract.One && answer.State == extract.Active, nil
}
