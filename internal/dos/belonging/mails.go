package belonging

import (
	"signpost/internal/dos/account"
	"signpost/internal/platform/mail"
)

func claimMail(a account.Account, code string) mail.Message {
	return mail.Message{
		Kind:    "signin.organisation-claimed",
		Subject: "Somebody waits for you to confirm their organisation",
		Text: a.Name() + " (" + a.Username + ") cannot log in to the Directory of Services before somebody confirms " +
			"that they belong to the organisation " + code + ", where they hold the position.\n\n" +
			"Log in, open Users, and choose \"Organisations to confirm\". If you do not know them, ask them or their " +
			"manager first.\n",
	}
}

func ownMail(a account.Account, code string) mail.Message {
	return mail.Message{
		Kind:    "signin.organisation-own",
		Subject: "An administrator has said to which organisation they belong",
		Text: a.Name() + " (" + a.Username + "), who manages users everywhere, has said that they belong to the " +
			"organisation " + code + ", where they hold the position. Nobody had to confirm it, as no other " +
			"administrator of everything can log in now.\n\nIf that is wrong, tell the service desk at once.\n",
	}
}

func decidedMail(a account.Account, d Decision) mail.Message {
	m := mail.Message{
		Kind:    "signin.organisation-decided",
		To:      a.Email,
		Subject: "Your organisation in the Directory of Services is confirmed",
		Text: "A DoS user administrator has confirmed that your account " + a.Username +
			" belongs to the organisation " + d.organisation + ". You can log in with your Care Identity.\n",
	}
	if !d.Confirmed {
		m.Subject = "Your organisation in the Directory of Services was not confirmed"
		m.Text = "A DoS user administrator did not confirm that your account " + a.Username + " belongs to the " +
			"organisation " + d.organisation + ".\n\nTheir reason:\n\n" + mail.Quote(d.Reason) + "\n\n" +
			"If that is wrong, contact your DoS user administrator or the service desk.\n"
	}
	return m
}

func setMail(a account.Account, d Decision) mail.Message {
	return mail.Message{
		Kind:    "signin.organisation-decided",
		To:      a.Email,
		Subject: "Your organisation in the Directory of Services has been set",
		Text: "The people who run the Directory of Services have set the organisation of your account " + a.Username +
			" to " + d.organisation + ". You log in with your Care Identity, if it has the position there.\n\n" +
			"If that is wrong, contact your DoS user administrator or the service desk.\n",
	}
}
