package exception

import (
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/when"
)

const help = "\n\nIf this looks wrong to you, tell the service desk. Begin the title of your ticket with MFA-DoS.\n"

// decider names who decided, to the person.
func decider(by actor.Actor) string {
	if by.Kind == actor.CommandLine {
		return "The team that runs the Directory of Services"
	}
	return by.Name + ", DoS user administrator,"
}

// askedMail goes to those who decide. The reason stands on the page: whoever asks writes to nobody in our name.
func (o Office) askedMail(a account.Account, by string, days int) mail.Message {
	return mail.Message{Kind: "exception.asked",
		Subject: "To decide: a password for the Directory of Services is to work longer",
		Text: fmt.Sprintf("%s asks that the password of %s (username %s) works for %d days more, whatever the phase "+
			"of the wave.\n\nA DoS user administrator decides, who is not the one who asked. The reason, and where to "+
			"decide:\n\n%s%s/%s/exception\n", by, a.Name(), a.Username, days, o.Home, path.UsersPage, a.ID)}
}

func givenMail(a account.Account, by string, ends time.Time, reason string) mail.Message {
	return mail.Message{Kind: "exception.given", To: a.Email,
		Subject: "Your password for the Directory of Services works a while longer",
		Text: "Dear " + a.Name() + ",\n\nYour password for the account " + a.Username + " works until " +
			when.DateTime(ends) + ". Until then you can link the account to your Care Identity with it. " + by +
			" decided this. Their reason:\n\n" + mail.Quote(reason) + help}
}

func endedMail(a account.Account, by string) mail.Message {
	return mail.Message{Kind: "exception.ended", To: a.Email,
		Subject: "The exception for your Directory of Services password has ended",
		Text: "Dear " + a.Name() + ",\n\nThe exception by which your password for the account " + a.Username +
			" worked was ended. " + by + " did that. From now on the rule of your wave holds for " +
			"you again: log in with your Care Identity." + help}
}

func refusedMail(a account.Account, by, reason string) mail.Message {
	return mail.Message{Kind: "exception.refused", To: a.Email,
		Subject: "No exception for your Directory of Services password",
		Text: "Dear " + a.Name() + ",\n\nSomebody asked that your password for the account " + a.Username +
			" works longer. " + by + " decided against it. Their reason:\n\n" +
			mail.Quote(reason) + help}
}
