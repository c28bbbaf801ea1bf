package linking

import (
	"context"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/session"
)

// StartClaim stores that the password of an account was typed, without checking one.
func (l *Linker) StartClaim(ctx context.Context, x db.X, a account.Account) (cookie string, err error) {
	proof, err := l.proof(ctx, x, a, ByTyping)
	if err != nil {
		return "", err
	}
	id, secret, err := claims.Start(ctx, x, shown{AccountID: a.ID, Proof: proof})
	return session.Cookie(id, secret), err
}

// Undoings gives a test the bounds of those who have begun to undo a link.
func (l *Linker) Undoings() *session.Crowd { return &l.undoing }

// ControlText gives a test the words of a record about a way to show that an account is one's own.
func ControlText(c Control) string { return controlTexts[c] }
