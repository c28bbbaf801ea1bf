package apply

import (
	"context"
	"fmt"
	"strings"

	"signpost/internal/careid/apply/document"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
	"signpost/internal/platform/when"
)

// inviterOf names whoever invited, with their address, for mails to the applicant.
func inviterOf(ctx context.Context, r db.R, a Application) (identity.Identity, string, error) {
	i, err := identity.ByUUID(ctx, r, a.Inviter)
	if err != nil {
		return i, "", err
	}
	if i.Email == "" {
		return i, i.DisplayName(), nil
	}
	return i, i.DisplayName() + ", " + i.Email, nil
}

func (d *Desk) send(ctx context.Context, w *db.W, kind, to, subject string, paragraphs ...string) error {
	return d.Post.Send(ctx, w, mail.Message{
		Kind: kind, To: to, Subject: subject, Text: strings.Join(paragraphs, "\n\n") + "\n",
	})
}

// mailLink mails the applicant the link, which ends the ones before it.
func (d *Desk) mailLink(ctx context.Context, w *db.W, a Application, token string) error {
	_, inviter, err := inviterOf(ctx, w, a)
	if err != nil {
		return err
	}
	return d.send(ctx, w, "apply.invitation", a.Email, "Apply for your Care Identity",
		"Hello "+a.Name()+",",
		"You need a Care Identity to use services that hold information about patients. You can apply for it online, "+
			"on a phone or a computer, in about 15 minutes. You can stop and go on later.",
		"Open your application:\n"+d.Address+linkPath+token,
		"The link works until "+when.DateTime(a.LinkEnds)+". Links that were sent before do not work any more. A code "+
			"is sent to your mobile telephone each time you open it. Do not pass the link on.",
		"Have ready: a photo identity document, two proofs of your address, your National Insurance number and your "+
			"mobile telephone.",
		"Number of your application: "+random.Grouped(a.Number),
		"You were invited by "+inviter+". If you do not know them, ignore this mail: without you nothing happens.")
}

func textCode(to, code string) mail.Message {
	return mail.Message{
		Kind: "apply.code", To: to, Subject: "Your code",
		Text: code + " is your code to apply for a Care Identity. It works for 15 minutes. Do not give it to anybody.",
	}
}

// tellInviter mails the inviter what became of an application.
func (d *Desk) tellInviter(ctx context.Context, w *db.W, a Application, happened, next string) error {
	i, _, err := inviterOf(ctx, w, a)
	if err != nil || i.Email == "" {
		return err
	}
	return d.send(ctx, w, "apply.told", i.Email, "Application "+random.Grouped(a.Number)+": "+a.At(w.Now()).Label(),
		"Hello "+i.DisplayName()+",", "Application "+random.Grouped(a.Number)+" of "+a.Name()+": "+happened, next,
		"Your applications:\n"+d.Address+"/applications")
}

func (d *Desk) mailWithdrawn(ctx context.Context, w *db.W, a Application) error {
	_, inviter, err := inviterOf(ctx, w, a)
	if err != nil {
		return err
	}
	return d.send(ctx, w, "apply.withdrawn", a.Email, "Your application for a Care Identity was withdrawn",
		"Hello "+a.Name()+",",
		"Application "+random.Grouped(a.Number)+" was withdrawn by "+inviter+". Its link does not work any more, and "+
			"what you sent will be deleted.",
		"If you still need a Care Identity, contact them.")
}

func (d *Desk) mailApproved(ctx context.Context, w *db.W, a Application) error {
	_, inviter, err := inviterOf(ctx, w, a)
	if err != nil {
		return err
	}
	err = d.send(ctx, w, "apply.approved", a.Email, "Your Care Identity",
		"Hello "+a.Name()+",",
		"Your application was approved. The number of your Care Identity (UUID) is "+a.UUID+". Keep it: you give it "+
			"to whoever gives you access.",
		"To log in you also need an authenticator and access. Contact "+inviter+", who arranges both.")
	if err != nil {
		return err
	}
	return d.tellInviter(ctx, w, a, "it was approved. The Care Identity is "+a.UUID+".",
		"Next, give them the position that they need and an authenticator, or ask for both.")
}

// mailRefused tells the applicant what was refused, why, and what to do about each.
func (d *Desk) mailRefused(ctx context.Context, w *db.W, a Application, token string) error {
	_, inviter, err := inviterOf(ctx, w, a)
	if err != nil {
		return err
	}
	parts := []string{"Hello " + a.Name() + ",",
		"Somebody looked at your application " + random.Grouped(a.Number) + ". It cannot be approved:"}
	for _, item := range document.Items {
		if f, refused := document.Of(item, a.Refusals[item]); refused {
			parts = append(parts, fmt.Sprintf("* %s: %s. %s", item.Name(), f.Text, f.Cure))
		}
	}
	if a.Notes != "" {
		parts = append(parts, "They wrote:\n"+mail.Quote(a.Notes))
	}
	if token == "" {
		return d.send(ctx, w, "apply.rejected", a.Email, "Your application for a Care Identity was rejected",
			append(parts, "This application has ended. Contact "+inviter+" about what you can do instead.")...)
	}
	return d.send(ctx, w, "apply.returned", a.Email, "Correct your application for a Care Identity",
		append(parts, "Correct these, and only these. The rest of your application is kept:\n"+
			d.Address+linkPath+token, "The link works until "+when.DateTime(a.LinkEnds)+". If you need help, contact "+
			inviter+".")...)
}
