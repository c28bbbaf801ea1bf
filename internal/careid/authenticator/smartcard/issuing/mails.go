package issuing

import (
	"context"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
)

// tell mails somebody what was done with their smartcard, so that they learn of what they did not ask for.
func (d *Desk) tell(ctx context.Context, w *db.W, uuid string, write func(to string) mail.Message) error {
	owner, err := identity.ByUUID(ctx, w, uuid)
	if err != nil || owner.Email == "" {
		return err
	}
	return d.Post.Send(ctx, w, write(owner.Email))
}

func issuedMail(to string) mail.Message {
	return mail.Message{
		Kind: "smartcard.issued", To: to, Subject: "A smartcard was issued to you",
		Text: "A smartcard was issued to you. You can log in with it from now on.\n\n" +
			"If you did not get one, tell your registration authority at once.\n",
	}
}

func unlockedMail(to string) mail.Message {
	return mail.Message{
		Kind: "smartcard.unlocked", To: to, Subject: "Your smartcard was unlocked",
		Text: "Your smartcard was unlocked, and has another PIN.\n\n" +
			"If you did not ask for this, tell your registration authority at once.\n",
	}
}
